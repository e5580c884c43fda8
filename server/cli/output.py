"""Print results: tables on a terminal, tab-separated lines in a pipe, or JSON."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import typer
from pydantic import BaseModel
from rich.table import Table
from rich.text import Text

from server.cli import console

Row = Mapping[str, object]


def print_rows(rows: Iterable[Row], columns: Sequence[str], models: Iterable[BaseModel] | None = None) -> None:
    """Print one line for each row. With ``--json`` print the models, or else the rows, as an array.

    A pipe receives tab-separated values without a header. Ids are never cut or wrapped.
    """
    if console.prints_json.get():
        print_json([*(models if models is not None else rows)])
        return
    found = [*rows]
    if not sys.stdout.isatty():
        for row in found:
            typer.echo("\t".join(_text(row[column]).replace("\t", " ") for column in columns))
        return
    table = Table(box=None, pad_edge=False)
    for column in columns:
        is_fixed = column == "id" or column.endswith("_id")
        name = column.replace("_", " ")
        table.add_column(name, no_wrap=is_fixed, min_width=len(name), overflow="fold")
    for row in found:
        table.add_row(*(Text(_text(row[column])) for column in columns))
    console.out.print(table)


def print_properties(properties: Row, model: BaseModel | None = None) -> None:
    """Print one line for each property that has a value. With ``--json`` print the model, or else the properties."""
    if console.prints_json.get():
        print_json(model if model is not None else dict(properties))
        return
    shown = {name: text for name, value in properties.items() if (text := _text(value))}
    width = max(map(len, shown), default=0)
    if not sys.stdout.isatty():
        for name, text in shown.items():
            typer.echo(f"{name:{width}}  {text}")
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in shown.items():
        table.add_row(name, Text(text))
    console.out.print(table, soft_wrap=False)


def print_json(value: object) -> None:
    """Print models with the names of the GraphQL schema."""
    typer.echo(json.dumps(value, default=_jsonable, ensure_ascii=False))


def print_done(message: str, **fields: object) -> None:
    """Print what a command has done: a sentence, or with ``--json`` the fields."""
    if console.prints_json.get():
        print_json(fields)
    else:
        console.out.print(message, markup=False)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else ""
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case float():
            return f"{value:g}"
        case list() | tuple():
            return ", ".join(map(_text, value))
    return str(value)


def _jsonable(value: object) -> object:
    match value:
        case BaseModel():
            return value.model_dump(mode="json", by_alias=True, exclude={"typename__"})
        case datetime():
            return value.isoformat()
        case Decimal():
            return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
