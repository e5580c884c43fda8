"""``studio settings`` and ``studio schema``: print the settings reference and the GraphQL schema."""

import inspect
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Final

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.settings import PROJECT, Settings
from schema.schema import build_schema
from server.cli import console, output, setting_variables
from server.cli.console import JsonOption, out

_SUBJECTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Installation": ("data_dir",),
    "Database": ("database_url", "database"),
    "Valkey": ("redis_url",),
    "Storage": ("storage", "storage_emulator_host", "blobs"),
    "Server": ("server",),
    "WebSockets and streams": ("sockets",),
    "GraphQL": ("graphql", "documents"),
    "Bearer tokens": ("tokens",),
    "Sign-in with OpenID Connect": ("openid",),
    "Engines": ("engines",),
    "Workers": ("workers",),
    "Focus sessions": ("focus",),
    "Exports": ("exports",),
    "Webhooks": ("webhooks",),
    "Receipts and C2PA": ("receipts", "c2pa"),
    "Logs, metrics and traces": ("log_level", "log_format", "metrics", "telemetry"),
    "Retention": ("retention",),
}
"""Subjects of the settings reference, and the fields and sections of each. Other fields belong to the first one."""


def show(
    markdown: Annotated[  # noqa: FBT002  an option
        bool, typer.Option("--markdown", help="Print the tables of docs/reference/settings.md.")
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
    """Return the settings as Markdown: a chapter for each subject, a table for each section."""
    listed = {name for names in _SUBJECTS.values() for name in names}
    others = [name for name in Settings.model_fields if name not in listed]
    lines: list[str] = []
    for number, (subject, names) in enumerate(_SUBJECTS.items()):
        lines += [f"## {subject}", ""]
        lines += _tables([*names, *others] if number == 0 else names)
    return "\n".join(lines[:-1]) + "\n"


def _tables(names: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a table for each section, below its description, and of one for the fields before it."""
    is_open = False
    for name in names:
        annotation = Settings.model_fields[name].annotation
        is_section = isinstance(annotation, type) and issubclass(annotation, BaseModel)
        if is_section and is_open:
            yield ""
        if is_section:
            yield from (" ".join((inspect.getdoc(annotation) or "").split()), "")
        if is_section or not is_open:
            yield from ("| variable | default | meaning |", "|---|---|---|")
        is_open = True
        rows = [_row(variable, field) for variable, path, field in setting_variables.fields() if path[0] == name]
        yield from (f"| `{row}` | {f'`{default}`' if default else ''} | {meaning} |" for row, default, meaning in rows)
    yield ""


def _rows() -> Iterator[tuple[str, str, str]]:
    yield from (_row(variable, field) for variable, _, field in setting_variables.fields())


def _row(variable: str, field: FieldInfo) -> tuple[str, str, str]:
    meaning = " ".join((field.description or "").split()).replace("|", "\\|")
    return variable, _default(field.default), meaning


def _default(value: Any) -> str:  # noqa: ANN401  the default of any setting
    if value is None or value == ():
        return ""
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, dict):
        return json.dumps({name: float(number) for name, number in value.items()})
    return str(value).replace(str(PROJECT), ".")
