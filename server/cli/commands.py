"""All commands by name. Only what the typed command needs is imported: `up` and `--help` feel the difference."""

import importlib
import sys
from collections.abc import Mapping
from typing import Final

import typer

_COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "up": ("server.cli.up", "up"),
    "generate": ("server.cli.generate", "generate"),
    "focus": ("server.cli.focus", "focus"),
    "serve": ("server.cli.serve", "serve"),
    "worker": ("server.cli.serve", "worker"),
    "migrate": ("server.cli.serve", "migrate"),
    "settings": ("server.cli.settings", "show"),
    "schema": ("server.cli.settings", "schema"),
    "keys": ("server.cli.accounts", "keys"),
    "orgs": ("server.cli.accounts", "orgs"),
    "users": ("server.cli.accounts", "users"),
    "storage": ("server.cli.blobs", "storage"),
    "c2pa": ("server.cli.c2pa", "c2pa"),
    "export": ("server.cli.archives", "export"),
    "import": ("server.cli.archives", "import_"),
    "receipts": ("server.cli.receipts", "receipts"),
    "verify": ("server.cli.verify", "verify"),
    "limits": ("server.cli.limits", "limits"),
    "audit": ("server.cli.audit", "audit"),
    "policy": ("server.cli.limits", "policy"),
}

_SET_UP: Final = """
`./studio test` runs the whole suite, `./studio lint` the linters and the type checker, `./studio bench` measures both
doors; all pass their arguments on.
"""


def build(*names: str) -> typer.Typer:
    """The command line with these commands."""
    app = typer.Typer(
        name="studio",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        help="Music Studio: makes music on request, keeps it, and shares it.",
        epilog=_SET_UP,
    )
    # with a callback, a single command keeps its name
    app.callback()(lambda: None)
    for name in names:
        module, attribute = _COMMANDS[name]
        found = getattr(importlib.import_module(module), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def main() -> None:
    """Run the command that was typed."""
    typed = sys.argv[1] if len(sys.argv) > 1 else ""
    build(*([typed] if typed in _COMMANDS else _COMMANDS))(prog_name="studio")
