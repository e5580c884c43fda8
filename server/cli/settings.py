"""``studio settings`` and ``studio schema``: print the settings reference and the GraphQL schema."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from rich.table import Table

from core.settings import PROJECT, Settings
from schema.schema import build_schema
from server.cli.console import out


def show(
    markdown: Annotated[  # noqa: FBT002  an option
        bool, typer.Option("--markdown", help="Print the table of docs/reference/settings.md.")
    ] = False,
) -> None:
    """List all settings with their defaults and descriptions."""
    if markdown:
        out.print(render_markdown(), markup=False, end="")
        return
    table = Table("variable", "default", "meaning", box=None, pad_edge=False)
    for row in _rows():
        table.add_row(*row)
    out.print(table)


def schema() -> None:
    """Print the GraphQL schema, as in schema/schema.graphql."""
    typer.echo(build_schema().as_str())


def render_markdown() -> str:
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | {f'`{default}`' if default else ''} | {meaning} |" for name, default, meaning in _rows()]
    return "\n".join(lines) + "\n"


def _rows() -> Iterator[tuple[str, str, str]]:
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            for inner, inner_field in field.annotation.model_fields.items():
                yield _row(f"{name}__{inner}", inner_field)
        else:
            yield _row(name, field)


def _row(name: str, field: FieldInfo) -> tuple[str, str, str]:
    prefix = "" if name in {"database_url", "redis_url"} else "music_studio_"
    return (
        f"{prefix}{name}".upper(),
        _default(field.default),
        " ".join((field.description or "").split()).replace("|", "\\|"),
    )


def _default(value: Any) -> str:  # noqa: ANN401  the default of any setting
    if value is None or value == ():
        return ""
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, dict):
        return json.dumps({name: float(number) for name, number in value.items()})
    return str(value).replace(str(PROJECT), ".")
