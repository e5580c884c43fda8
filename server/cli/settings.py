"""``studio settings`` and ``studio schema``: print the settings reference and the GraphQL schema."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from core.settings import PROJECT
from schema.schema import build_schema
from server.cli import console, output, setting_variables
from server.cli.console import JsonOption, out


def show(
    markdown: Annotated[  # noqa: FBT002  an option
        bool, typer.Option("--markdown", help="Print the table of docs/reference/settings.md.")
    ] = False,
    values: Annotated[  # noqa: FBT002  an option
        bool, typer.Option("--effective", help="Print the value and the origin of each setting; secrets are masked.")
    ] = False,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
) -> None:
    """List all settings with their defaults and descriptions."""
    if values:
        effective = setting_variables.effective(console.load_settings(), setting_variables.given_variables())
        rows = [{"variable": name, "value": value, "origin": origin} for name, value, origin in effective]
        output.print_rows(rows, ("variable", "value", "origin"))
        return
    if markdown:
        out.print(render_markdown(), markup=False, end="")
        return
    described = [{"variable": name, "default": default, "meaning": meaning} for name, default, meaning in _rows()]
    output.print_rows(described, ("variable", "default", "meaning"))


def schema() -> None:
    """Print the GraphQL schema, as in schema/schema.graphql."""
    typer.echo(build_schema().as_str())


def render_markdown() -> str:
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | {f'`{default}`' if default else ''} | {meaning} |" for name, default, meaning in _rows()]
    return "\n".join(lines) + "\n"


def _rows() -> Iterator[tuple[str, str, str]]:
    for variable, _, field in setting_variables.fields():
        meaning = " ".join((field.description or "").split()).replace("|", "\\|")
        yield variable, _default(field.default), meaning


def _default(value: Any) -> str:  # noqa: ANN401  the default of any setting
    if value is None or value == ():
        return ""
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, dict):
        return json.dumps({name: float(number) for name, number in value.items()})
    return str(value).replace(str(PROJECT), ".")
