"""``studio serve``: a server process of a larger installation."""

from typing import Annotated

import typer
import uvicorn

from server.app import create_app
from server.asgi_server import config
from server.cli import console, start_checks
from server.embedded import ports
from server.embedded.errors import StartupError


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port to listen on.")] = None,
) -> None:
    """Run a server that uses DATABASE_URL and REDIS_URL."""
    settings = start_checks.load_settings(host=host, port=port)
    with console.errors_reported():
        ports.check_available(settings.server.port, settings.server.host)
        try:
            app = create_app(settings)
        except ValueError as error:
            raise StartupError(f"The server cannot start: {error}.") from error
        start_checks.check_database(settings)
        start_checks.check_keys(settings, signs_urls=True)
    config.freeze_startup_objects()
    uvicorn.Server(config.uvicorn_config(app, settings)).run()
