"""Connect the commands that use the API to a running server, and turn its errors into sentences and exit statuses."""

import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, Concatenate, Final, NoReturn, get_type_hints

import typer
from music_studio_client import (
    AuthenticationError,
    ConnectionFailedError,
    ForbiddenError,
    GenerationEndedError,
    InvalidInputError,
    MusicStudio,
    NotFoundError,
    SpendCapError,
    StudioError,
    TemporaryError,
)

from core.settings import COMMAND
from server.cli import console
from server.cli.console import DataDir, ExitStatus, JsonOption
from server.embedded.folder import FIRST_KEY_FILE
from server.embedded.stack import find_running

KeyOption = Annotated[str | None, typer.Option(envvar="MUSIC_STUDIO_API_KEY", help="API key. Default: the first one.")]
_OPTIONS: Final[Mapping[str, object]] = {
    "org": Annotated[str | None, typer.Option(help="Organization to work for. Default: your first one.")],
    "url": Annotated[
        str | None, typer.Option(envvar="MUSIC_STUDIO_URL", help="URL of the server. Default: the one on this machine.")
    ],
    "api_key": KeyOption,
    "as_json": JsonOption,
    "data_dir": DataDir,
}
"""The options of all commands that use the API."""

_STATUSES: Final[tuple[tuple[type[StudioError], ExitStatus], ...]] = (
    (InvalidInputError, ExitStatus.USAGE),
    (NotFoundError, ExitStatus.NOT_FOUND),
    (AuthenticationError, ExitStatus.FORBIDDEN),
    (ForbiddenError, ExitStatus.FORBIDDEN),
    (ConnectionFailedError, ExitStatus.UNREACHABLE),
    (SpendCapError, ExitStatus.LIMITED),
    (TemporaryError, ExitStatus.LIMITED),
    (GenerationEndedError, ExitStatus.NO_TRACK),
)
_FIELD_OPTIONS: Final = {
    "statement": "rights-statement",
    "licenceClass": "rights-licence",
    "attribution": "rights-attribution",
    "file": "source",
    "durationSeconds": "duration",
    "styleTags": "style",
    "trackIds": "track",
    "tempoBpm": "tempo",
    "negativePrompt": "negative",
    "targetMinutes": "minutes",
    "customPrompt": "prompt",
    "callbackUrl": "callback",
}
"""Options whose names differ from their fields."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The server, key and organization of the options."""

    url: str
    api_key: str
    organization_id: str | None


def with_client(function: Callable[Concatenate[MusicStudio, ...], None]) -> Callable[..., None]:
    """Make a command of a function that needs a client as its first argument.

    The command has the options of a connection besides the function's own parameters. Errors are printed, and it exits.
    """

    def run(connection: Connection, **arguments: Any) -> None:  # noqa: ANN401  values of any option
        with connect(connection) as studio:
            function(studio, **arguments)

    return _with_options(function, run)


def with_connection(function: Callable[Concatenate[Connection, ...], None]) -> Callable[..., None]:
    """Make a command, as ``with_client`` does, of a function that opens its own client."""
    return _with_options(function, function)


def _with_options(described: Callable[..., None], run: Callable[..., None]) -> Callable[..., None]:
    """Return a command that calls ``run``, with the help and the parameters of ``described``."""
    hints = get_type_hints(described, include_extras=True)
    own = [*inspect.signature(described).parameters.values()][1:]
    options = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=False if name == "as_json" else None, annotation=annotation)
        for name, annotation in _OPTIONS.items()
    ]

    def command(**arguments: Any) -> None:  # noqa: ANN401  values of any option
        org, url, api_key, _, data_dir = (arguments.pop(name) for name in _OPTIONS)
        run(find_connection(url, api_key, org, data_dir), **arguments)

    command.__doc__ = described.__doc__
    command.__annotations__ = {parameter.name: hints[parameter.name] for parameter in own} | dict(_OPTIONS)
    command.__signature__ = Signature([*own, *options])  # type: ignore[attr-defined] # read by Typer
    return command


def find_connection(url: str | None, key: str | None, org: str | None, data_dir: Path | None) -> Connection:
    """Return the connection of the options, by default to the server of this machine with its first key."""
    settings = console.load_settings(data_dir=data_dir)
    running = find_running(settings.data_dir)
    address = url or (running.address if running and running.address else settings.public_url)
    if not address.startswith(("http://", "https://")):
        console.fail(f"--url: {address} must begin with http:// or https://.", ExitStatus.USAGE)
    return Connection(address, key or _first_key(settings.data_dir), org)


@contextmanager
def connect(connection: Connection) -> Iterator[MusicStudio]:
    """Yield a client of the server. Errors are printed, and the command exits."""
    with (
        _errors_reported(),
        MusicStudio(connection.url, connection.api_key, connection.organization_id) as studio,
    ):
        yield studio


def _first_key(data_dir: Path) -> str:
    path = data_dir / "secrets" / FIRST_KEY_FILE
    if not os.access(path, os.R_OK):
        console.fail(
            f"an API key is required: use --api-key, or set MUSIC_STUDIO_API_KEY. {COMMAND} keys create prints one.",
            ExitStatus.FORBIDDEN,
        )
    return path.read_text(encoding="utf-8").strip()


@contextmanager
def _errors_reported() -> Iterator[None]:
    try:
        yield
    except StudioError as error:
        _fail(error)


def _fail(error: StudioError) -> NoReturn:
    message = str(error)
    if isinstance(error, InvalidInputError) and error.problems:
        message = "\n".join(f"{_option(problem.path)}: {problem.message}" for problem in error.problems)
    elif isinstance(error, ConnectionFailedError) and "TLS" not in message:
        message += f" Start it with {COMMAND} up, or name another with --url."
    elif isinstance(error, AuthenticationError):
        message += f" Create a key with {COMMAND} keys create, and pass it with --api-key."
    elif isinstance(error, SpendCapError):
        message += f" It resets at {error.resets_at:%Y-%m-%d %H:%M} UTC; {COMMAND} usage shows what was spent."
    elif isinstance(error, TemporaryError):
        message += f" Repeat the command in {error.retry_after_seconds:g} s."
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), ExitStatus.ERROR)
    console.fail(message, status)


def _option(path: tuple[str, ...]) -> str:
    """Return the argument or option that sets a field."""
    field = path[1] if path[0] == "instruments" and len(path) > 1 else path[0]
    name = _FIELD_OPTIONS.get(field) or "".join(
        f"-{letter.lower()}" if letter.isupper() else letter for letter in field
    )
    return name.upper() if field == "prompt" else f"--{name}"
