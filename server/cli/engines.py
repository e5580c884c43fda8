"""``studio engines``: list the engines of a server, and check the remote ones of this installation."""

import asyncio
import inspect
from inspect import Parameter, Signature
from typing import Any, Final

import typer

from core.settings import Settings
from engines.registry import RegisteredRemoteEngine, create_registry
from engines.remote.port import RemoteHealth
from server.cli import console, output
from server.cli.api_commands.account import list_engines
from server.cli.console import DataDir, JsonOption

engines = typer.Typer(help="List the engines with their limits, prices and licences; check remote engines.")

_COLUMNS: Final = ("key", "kind", "usable", "message", "models", "jobs_ahead", "licence")


def _list_unless_command(ctx: typer.Context, **options: Any) -> None:  # noqa: ANN401  values of any option
    if ctx.invoked_subcommand is None:
        list_engines(**options)


_CONTEXT: Final = Parameter("ctx", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
_OPTIONS: Final = inspect.signature(list_engines).parameters.values()
_list_unless_command.__signature__ = Signature([_CONTEXT, *_OPTIONS])  # type: ignore[attr-defined] # read by Typer
_list_unless_command.__annotations__ = {"ctx": typer.Context, **list_engines.__annotations__}
engines.callback(invoke_without_command=True)(_list_unless_command)


@engines.command("check")
def check(data_dir: DataDir = None, as_json: JsonOption = False) -> None:  # noqa: ARG001, FBT002  its callback reads it
    """Request the state of each remote engine in the settings, without costs.

    Exit status: 0 if all can be used, else 1.
    """
    settings = console.load_settings(data_dir=data_dir)
    if not settings.engines.remote:
        console.fail("No remote engine is configured. Set MUSIC_STUDIO_ENGINES__REMOTE.")
    entries = _find_entries(settings)
    healths = asyncio.run(_check_all(entries))
    rows = [_describe(entry, health) for entry, health in zip(entries, healths, strict=True)]
    output.print_rows(rows, _COLUMNS)
    unusable = [entry.info.key for entry, health in zip(entries, healths, strict=True) if not health.is_healthy]
    if unusable:
        console.fail(f"Not usable: {', '.join(unusable)}.")


def _find_entries(settings: Settings) -> list[RegisteredRemoteEngine]:
    try:
        registry = create_registry(settings.engines)
    except ValueError as error:
        console.fail(str(error))
    return [entry for key in settings.engines.remote if (entry := registry.remote(key))]


async def _check_all(entries: list[RegisteredRemoteEngine]) -> list[RemoteHealth]:
    return await asyncio.gather(*[entry.check() for entry in entries])


def _describe(entry: RegisteredRemoteEngine, health: RemoteHealth) -> dict[str, object]:
    declared, licence = entry.settings.declaration, entry.info.licence
    key = entry.info.key.upper()
    undeclared = f"{licence.licence_class.value}; set MUSIC_STUDIO_ENGINES__REMOTE__{key}__DECLARATION"
    return {
        "key": entry.info.key,
        "kind": entry.settings.kind,
        "usable": health.is_healthy,
        "message": health.message,
        "models": ", ".join(health.models),
        "jobs_ahead": health.jobs_ahead,
        "licence": f"{licence.licence_class.value}, declared on {declared.declared_on}" if declared else undeclared,
    }
