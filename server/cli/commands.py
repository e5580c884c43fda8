"""The ``studio`` command line. Imports only the module of the given command, which makes `up` and `--help` fast."""

import gc
import importlib
import logging
import sys
from collections.abc import Collection, Mapping
from itertools import takewhile
from typing import Annotated, Final, NoReturn

import typer

from core import garbage_collection
from core.settings import COMMAND, IS_CHECKOUT
from core.version import VERSION
from server.cli import console

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "up": ("server.cli.up", "up"),
    "sign-in": ("server.cli.sign_in", "sign_in"),
    "generate": ("server.cli.api_commands.generate", "generate"),
    "focus": ("server.cli.api_commands.focus", "focus"),
    "open": ("server.cli.open_page", "open_page"),
    "prompt": ("server.cli.prompt", "prompt"),
    "styles": ("server.cli.styles", "styles"),
    "engines": ("server.cli.engines", "engines"),
    "jobs": ("server.cli.api_commands.jobs", "jobs"),
    "tracks": ("server.cli.api_commands.tracks", "tracks"),
    "library": ("server.cli.api_commands.tracks", "library"),
    "collections": ("server.cli.api_commands.collections", "collections"),
    "shares": ("server.cli.api_commands.shares", "shares"),
    "usage": ("server.cli.api_commands.account", "usage"),
    "webhooks": ("server.cli.api_commands.account", "webhooks"),
    "mcp": ("server.cli.api_commands.mcp", "mcp"),
    "serve": ("server.cli.serve", "serve"),
    "worker": ("server.cli.worker", "worker"),
    "migrate": ("server.cli.migrate", "migrate"),
    "settings": ("server.cli.settings", "show"),
    "schema": ("server.cli.settings", "schema"),
    "keys": ("server.cli.administration", "keys"),
    "orgs": ("server.cli.administration", "orgs"),
    "users": ("server.cli.administration", "users"),
    "storage": ("server.cli.blobs", "storage"),
    "backup": ("server.cli.backups", "backup"),
    "restore": ("server.cli.backups", "restore_backup"),
    "c2pa": ("server.cli.signing_keys", "c2pa"),
    "export": ("server.cli.archives", "export"),
    "import": ("server.cli.archives", "import_"),
    "logs": ("server.cli.log_files", "logs"),
    "signing-keys": ("server.cli.signing_keys", "url_keys"),
    "receipts": ("server.cli.signing_keys", "receipts"),
    "verify": ("server.cli.verify", "verify"),
    "limits": ("server.cli.administration", "limits"),
    "audit": ("server.cli.audit", "audit"),
    "policy": ("server.cli.administration", "policy"),
}

_PROGRAM: Final = COMMAND.removeprefix("./")
_DEVELOPMENT: Final = """
For development, `./studio test` runs the test suite, `./studio lint` the linters and the type checker, and
`./studio bench` the benchmarks. `test` and `bench` pass their arguments on.
"""
_STATUSES: Final = """
Exit status: 0 success, 1 error, 2 invalid usage or input, 3 not found, 4 not signed in or not allowed, 5 server not
reachable, 6 spend cap or rate limit, 7 generation ended without a track, 130 interrupted. A command with other statuses
lists them in its help.
"""


def build_app(*names: str) -> typer.Typer:
    """Build the application with these commands; without any, it has the options of the program only."""
    app = typer.Typer(
        name="studio",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        help="Music Studio: generate, store and share music.",
        epilog=(_DEVELOPMENT if IS_CHECKOUT else "") + _STATUSES,
    )
    # with a callback, Typer requires the name of the only command
    app.callback()(_root)
    for name in names:
        module, attribute = COMMANDS[name]
        command = getattr(importlib.import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _print_version(value: bool) -> None:  # noqa: FBT001  the callback of an option
    if value:
        typer.echo(f"Music Studio {VERSION}")
        raise typer.Exit


def _root(
    version: Annotated[  # noqa: FBT002  its callback reads it
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


def _run_for_json(app: typer.Typer) -> NoReturn:
    """Run a command with ``--json``, which prints wrong usage as JSON, too."""
    console.prints_json.set(True)
    try:
        status = app(prog_name=_PROGRAM, standalone_mode=False)
    except typer.TyperException as error:
        # the exceptions of wrong usage build their message there
        message: str = getattr(error, "format_message", error.__str__)()
        status = console.print_error(message, console.ExitStatus.USAGE)
    except typer.Abort:
        status = console.print_error("Cancelled.", console.ExitStatus.ERROR)
    sys.exit(status)


def _commands_of(argument: str) -> Collection[str]:
    """Return the commands to load for the first argument of the program."""
    if argument in COMMANDS:
        return (argument,)
    return () if argument == "--version" else COMMANDS


def main() -> None:
    # a command prints its errors itself; those that run for long configure logging
    logging.getLogger().addHandler(logging.NullHandler())
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    with garbage_collection.paused():
        app = build_app(*_commands_of(name))
        # modules stay until the end of the process
        gc.freeze()
    if "--json" in takewhile(lambda word: word != "--", sys.argv[1:]):
        _run_for_json(app)
    app(prog_name=_PROGRAM)
