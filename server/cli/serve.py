"""The single processes: a server, a worker, a migration."""

from typing import Annotated

import typer
import uvicorn

import workers.rq_worker
from core import logs
from core.settings import Settings
from server.app import create_app
from server.asgi_server import config
from server.cli import console
from server.cli.console import out
from server.embedded import ports
from server.embedded.errors import StartupError
from storage import migrations
from storage.blobs import factory
from storage.blobs.signed_urls import UrlSigner
from workers.file_tags import c2pa


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port to listen on.")] = None,
) -> None:
    """Run a server against DATABASE_URL and REDIS_URL."""
    chosen = _addressed(host, port)
    logs.configure(chosen.log_level, chosen.log_format)
    with console.errors_reported():
        ports.check_available(chosen.server.port, chosen.server.host)
        try:
            app = create_app(chosen)
        except ValueError as error:
            raise StartupError(f"The server cannot start: {error}.") from error
    config.freeze_startup_objects()
    uvicorn.Server(config.uvicorn_config(app, chosen)).run()


def worker() -> None:
    """Run a worker against DATABASE_URL and REDIS_URL; renders one track at a time."""
    chosen = _addressed(None, None)
    logs.configure(chosen.log_level, chosen.log_format)
    with console.errors_reported():
        try:
            # also loads the back-end, once for all the children that render
            factory.create(chosen, UrlSigner(chosen.public_url, b""))
            c2pa.create_signer(chosen.c2pa)
        except ValueError as error:
            raise StartupError(f"The worker cannot start: {error}.") from error
    workers.rq_worker.run(chosen)


def migrate() -> None:
    """Bring the database to this version's schema; safe to run while servers work."""
    with console.errors_reported(), console.connected_settings(console.load_settings()) as found:
        migrations.upgrade_now(str(found.database_url))
    out.print(f"The database is at {migrations.head()}.")


def _addressed(host: str | None, port: int | None) -> Settings:
    chosen = console.load_settings()
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    chosen = chosen.model_copy(update={"server": chosen.server.model_copy(update=changes)})
    missing = [
        name for name, url in (("DATABASE_URL", chosen.database_url), ("REDIS_URL", chosen.redis_url)) if url is None
    ]
    if missing:
        console.fail(f"{' and '.join(missing)} must be set; `studio up` brings its own Postgres and Valkey.")
    return chosen
