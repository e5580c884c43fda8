"""What every command shares: settings, a console, and one clear sentence for what went wrong."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console

from core.errors import InvalidInput, Refusal
from core.settings import Settings
from server.embedded.errors import StartupError
from server.embedded.stack import Stack, find_running
from storage import migrations
from storage.postgres.database import Database

Result = TypeVar("Result")

out: Final = Console(highlight=False, soft_wrap=True)
err: Final = Console(stderr=True, highlight=False, soft_wrap=True)

_EXAMPLES: Final = {
    "int_parsing": "8080",
    "decimal_parsing": "0.20",
    "bool_parsing": "true",
}


def fail(sentence: str) -> NoReturn:
    """End with one clear sentence and status 1."""
    err.print(f"[bold red]studio:[/] {sentence}", markup=True)
    raise typer.Exit(1)


def load_settings(**overrides: Any) -> Settings:  # noqa: ANN401  values of any setting
    """The settings; a wrong one is named with its problem and an example."""
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        fail("\n".join(_complaint(detail) for detail in error.errors()))


def _complaint(detail: Any) -> str:  # noqa: ANN401  pydantic's
    name = "__".join(str(part).upper() for part in detail["loc"])
    if not name.startswith(("MUSIC_STUDIO_", "DATABASE_URL", "REDIS_URL")):
        name = f"MUSIC_STUDIO_{name}"
    example = _EXAMPLES.get(detail["type"])
    hint = f" Example: {name}={example}" if example else ""
    return f"the setting {name} is wrong: {detail['msg']} (it is {detail['input']!r}).{hint}"


@contextmanager
def errors_reported() -> Iterator[None]:
    """Say refusals as one sentence instead of a traceback."""
    try:
        yield
    except StartupError as error:
        fail(str(error))
    except InvalidInput as refusal:
        fail("; ".join(f"{'.'.join(map(str, problem.path))}: {problem.message}" for problem in refusal.problems))
    except Refusal as refusal:
        fail(f"{refusal.technical}.")


@contextmanager
def connected_settings(chosen: Settings) -> Iterator[Settings]:
    """Settings with addresses of Postgres and Redis: given, those of a running `up`, or started for this command."""
    if chosen.database_url and chosen.redis_url:
        yield chosen
        return
    live = find_running(chosen.data_dir)
    if live is not None:
        yield with_urls(chosen, chosen.database_url or live.database_url, chosen.redis_url or live.redis_url)
        return
    with Stack(chosen.data_dir, database_url=chosen.database_url, redis_url=chosen.redis_url) as stack:
        migrations.upgrade_now(stack.database_url)
        yield with_urls(chosen, stack.database_url, stack.redis_url)


def with_urls(chosen: Settings, database_url: str, redis_url: str) -> Settings:
    """The same settings with these addresses."""
    return chosen.model_copy(update={"database_url": database_url, "redis_url": redis_url})


def run_with_database(chosen: Settings, work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Do something with the database of this installation; refusals end the command."""

    async def run(address: str) -> Result:
        database = Database(address, pooled=False)
        try:
            return await work(database)
        finally:
            await database.close()

    with errors_reported(), connected_settings(chosen) as found:
        return asyncio.run(run(str(found.database_url)))


def disable_color(no_color: bool) -> None:  # noqa: FBT001  straight from the option
    """Switch colours off in this process and its children."""
    if no_color:
        os.environ["NO_COLOR"] = "1"
        out.no_color = err.no_color = True


DataDir = typer.Option("--data-dir", help="Folder of the embedded default.", file_okay=False, resolve_path=True)
Folder = Path
