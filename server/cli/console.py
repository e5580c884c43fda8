"""Shared parts of the commands: console output, settings, error messages, database access."""

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.text import Text

from core import errors
from core.errors import InvalidInput, NotFound, Refusal
from core.settings import COMMAND, Settings
from server.cli import setting_variables
from server.embedded.errors import StartupError
from server.embedded.stack import Stack, find_running

if TYPE_CHECKING:
    from storage.postgres.database import Database

Result = TypeVar("Result")

prints_json: Final = ContextVar("prints_json", default=False)
"""Whether the command has the option ``--json``; it applies to errors, too."""


def _set_json(value: bool) -> bool:  # noqa: FBT001  the callback of an option
    prints_json.set(value)
    return value


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, errors too.", callback=_set_json, is_eager=True)]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Data folder of this installation.", file_okay=False, resolve_path=True),
]

out: Final = Console(highlight=False, soft_wrap=True)
err: Final = Console(stderr=True, highlight=False, soft_wrap=True)

_PASSWORD: Final = re.compile(r"(?<=//)?:[^/:@'\"][^'\"]*@")
"""The password in a URL."""

_EXAMPLES: Final = {"int_parsing": "8080", "decimal_parsing": "0.20", "bool_parsing": "true"}


class ExitStatus(IntEnum):
    """The exit statuses of all commands. `policy check` and `verify` list theirs in their help."""

    ERROR = 1
    USAGE = 2
    NOT_FOUND = 3
    FORBIDDEN = 4
    UNREACHABLE = 5
    LIMITED = 6
    NO_TRACK = 7
    INTERRUPTED = 130


def disable_styles() -> None:
    """Write plain text from now on: a forked process writes to a log, and rich has detected a terminal before."""
    for console in (out, err):
        console._color_system = None  # noqa: SLF001  rich has no public setter


def fail(message: str, status: ExitStatus = ExitStatus.ERROR) -> NoReturn:
    """Print an error message, as JSON if the command prints JSON, and exit."""
    raise typer.Exit(print_error(message, status))


def print_error(message: str, status: ExitStatus) -> ExitStatus:
    """Print an error message, as JSON if the command prints JSON, and return the status."""
    if prints_json.get():
        error = {"status": int(status), "kind": status.name.lower(), "message": message}
        typer.echo(json.dumps({"error": error}, ensure_ascii=False), err=True)
    else:
        err.print(Text.assemble(("studio: ", "bold red"), message))
    return status


def check_target(path: Path, suffixes: Collection[str] | None = None) -> None:
    """Exit if a download cannot be written there. Called before anything is paid.

    ``suffixes`` are those of the file's format, by default any.
    """
    folder = path if path.is_dir() else path.parent
    if not folder.is_dir():
        fail(f"--output: the folder {folder} does not exist.", ExitStatus.USAGE)
    if not os.access(folder, os.W_OK):
        fail(f"--output: the folder {folder} cannot be written.", ExitStatus.USAGE)
    if suffixes and path != folder and path.suffix.lower() not in {"", *suffixes}:
        *others, last = suffixes
        endings = f"{', '.join(others)} or {last}" if others else f"{last} in this format"
        fail(f"--output: {path.name} must end in {endings}.", ExitStatus.USAGE)


def load_settings(**overrides: Any) -> Settings:  # noqa: ANN401  values of any setting
    """Load the settings. For an invalid one, print its name, the value and an example, and exit.

    A variable that looks like a setting and is none is named with the most similar setting.
    """
    misspelt = setting_variables.misspelt(setting_variables.given_variables()).items()
    warnings = [f"{name} is no setting. {_similar_setting(similar)}" for name, similar in misspelt]
    try:
        settings = Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        # an unknown variable of a group is an error, but is named by its warning
        invalid = [_setting_error(detail) for detail in error.errors() if detail["type"] != "extra_forbidden"]
        fail("\n".join([*warnings, *invalid]))
    for warning in warnings:
        err.print(f"[yellow]studio:[/] {warning}")
    return settings


def _similar_setting(name: str | None) -> str:
    return f"Did you mean {name}?" if name else f"{COMMAND} settings lists all."


def override(settings: Settings, **groups: Mapping[str, object]) -> Settings:
    """Return settings with other values in some groups, such as ``server``. A value of None changes nothing.

    For an invalid value, print its name, the value and an example, and exit.
    """
    update: dict[str, BaseModel] = {}
    for group, values in groups.items():
        section: BaseModel = getattr(settings, group)
        changes = {name: value for name, value in values.items() if value is not None}
        try:
            update[group] = type(section).model_validate({**section.model_dump(), **changes})
        except ValidationError as error:
            details = ({**detail, "loc": (group, *detail["loc"])} for detail in error.errors())
            fail("\n".join(map(_setting_error, details)))
    return settings.model_copy(update=update)


def _setting_error(detail: Any) -> str:  # noqa: ANN401  pydantic's ErrorDetails
    name = "__".join(str(part).upper() for part in detail["loc"])
    if not name.startswith(("MUSIC_STUDIO_", "DATABASE_URL", "REDIS_URL")):
        name = f"MUSIC_STUDIO_{name}"
    example = _EXAMPLES.get(detail["type"])
    hint = f" Example: {name}={example}" if example else ""
    value = _PASSWORD.sub(":…@", repr(detail["input"]))
    return f"invalid setting {name}={value}: {detail['msg'].removeprefix('Value error, ')}.{hint}"


@contextmanager
def errors_reported() -> Iterator[None]:
    """Print the message of a StartupError or a Refusal instead of a traceback, and exit."""
    try:
        yield
    except StartupError as error:
        fail(str(error))
    except Refusal as refusal:
        _fail_with(refusal)
    except ExceptionGroup as group:
        found = errors.first_refusal(group)
        if found is None:
            raise
        _fail_with(found)


def _fail_with(refusal: Refusal) -> NoReturn:
    if isinstance(refusal, InvalidInput):
        fail("; ".join(f"{'.'.join(map(str, problem.path))}: {problem.message}" for problem in refusal.problems))
    from storage.postgres import failures  # noqa: PLC0415  see run_connected

    # the driver's reason, which responses of the API do not contain
    reason = f": {failures.reason(refusal.__cause__)}" if refusal.__cause__ else ""
    status = ExitStatus.NOT_FOUND if isinstance(refusal, NotFound) else ExitStatus.ERROR
    fail(f"{refusal.technical}{reason}.", status)


@contextmanager
def connected_settings(settings: Settings, *, is_migrated: bool = True) -> Iterator[Settings]:
    """Yield settings with the URLs of Postgres and Redis: as set, those of a running `up`, or of a temporary start.

    A temporary start migrates the database, unless ``is_migrated`` is false.
    """
    from storage import migrations  # noqa: PLC0415  see run_connected

    if settings.database_url and settings.redis_url:
        yield settings
        return
    running = find_running(settings.data_dir)
    if running is not None:
        database_url = settings.database_url or running.database_url
        yield with_urls(settings, database_url, settings.redis_url or running.redis_url)
        return
    with Stack(settings.data_dir, database_url=settings.database_url, redis_url=settings.redis_url) as stack:
        connected = with_urls(settings, stack.database_url, stack.redis_url)
        if is_migrated:
            migrations.upgrade_now(connected)
        yield connected


def with_urls(settings: Settings, database_url: str, redis_url: str) -> Settings:
    return settings.model_copy(update={"database_url": database_url, "redis_url": redis_url})


def run_with_database(settings: Settings, function: "Callable[[Database], Awaitable[Result]]") -> Result:
    """Run an async function with the database of this installation. Errors are reported."""
    return run_connected(settings, lambda _, database: function(database))


def run_connected(
    settings: Settings,
    function: "Callable[[Settings, Database], Awaitable[Result]]",
    *,
    is_migrated: bool = True,
    is_direct: bool = False,
) -> Result:
    """Run an async function with settings that have all URLs and with the database. Errors are reported.

    ``is_direct`` connects past a pooler, for locks and snapshots of a session. See ``connected_settings``.
    """
    # commands that only use the API of a server start without the database's libraries
    from storage.postgres.database import open_database, open_direct_database  # noqa: PLC0415

    async def run(connected: Settings) -> Result:
        database = open_direct_database(connected) if is_direct else open_database(connected, pooled=False)
        try:
            return await function(connected, database)
        finally:
            await database.close()

    with errors_reported(), connected_settings(settings, is_migrated=is_migrated) as connected:
        return asyncio.run(run(connected))


def query(data_dir: Path | None, function: "Callable[[Database], Awaitable[Result]]") -> Result:
    return run_with_database(load_settings(data_dir=data_dir), function)
