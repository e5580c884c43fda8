"""Edges that Postgres writes as JSON: their template, if everything that a document selects of them is a column.

The template is made from the compiled plan before anything is read. The fields are those that responses from rows have:
attributes of a row, declared once by ``row_backed``.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from graphql import GraphQLEnumType, GraphQLOutputType, get_nullable_type, is_list_type, is_non_null_type

from schema.execution import DelegatedProperty, FieldPlan, SelectionPlan, core_info, enum_names
from schema.relay.connections import Edge
from schema.runtime.context import Info
from schema.runtime.row_types import NestedProperty
from storage.queries import library_json
from storage.queries.library_json import JsonColumn, Parts, Template

_PYTHON_TYPES: Final[Mapping[str, type]] = {
    "String": str,
    "ID": str,
    "Int": int,
    "Float": float,
    "Boolean": bool,
    "DateTime": datetime,
    "[String!]": list,
}
"""The types of columns that SQL writes as a response does, by GraphQL type."""


class _NotAColumnError(Exception):
    """A selected field needs Python."""


def find_template(info: Info, tables: Mapping[str, str], cursor: Parts) -> Template | None:
    """Return the template of the edges of the connection that a field returns; None if Python has to write them.

    ``tables`` has the table of each attribute of the nodes that is a row. Without a compiled plan there is none.
    """
    plan: FieldPlan | None = getattr(core_info(info), "plan", None)
    if plan is None or not info.context.accepts_json:
        return None
    key = find_template, cursor
    if key not in plan.cache:
        plan.cache[key] = _build(plan, tables, cursor)
    found: Template | None = plan.cache[key]
    return found


def _build(plan: FieldPlan, tables: Mapping[str, str], cursor: Parts) -> Template | None:
    [connection] = plan.selections.values()
    selections = [field.selections for field in connection.fields if field.attribute == "edges"]
    if len(selections) != 1:
        return None
    [edge] = selections[0].values()
    try:
        return Template(_joined(_Writer(cursor).edge(edge, tables)))
    except _NotAColumnError:
        return None


class _Writer:
    """Writes the parts of a template."""

    def __init__(self, cursor: Parts) -> None:
        self._cursor = cursor

    def edge(self, selection: SelectionPlan, tables: Mapping[str, str]) -> Iterator[Any]:
        if selection.python_type is not Edge:
            raise _NotAColumnError
        for start, field in _starts(selection):
            yield start
            if field.attribute == "cursor":
                yield from ('"', *self._cursor, '"')
            elif field.attribute == "node":
                yield from self._object(_only(field), tables)
            else:
                yield _typename(field)
        yield "}"

    def _object(self, selection: SelectionPlan, tables: Mapping[str, str]) -> Iterator[Any]:
        for start, field in _starts(selection):
            yield start
            source = getattr(selection.python_type, field.attribute or "", None)
            if isinstance(source, NestedProperty) and source.target in tables:
                yield from self._object(_only(field), {"row": tables[source.target]})
            elif isinstance(source, DelegatedProperty) and source.target in tables:
                yield _column(tables[source.target], source.name, field.return_type)
            else:
                yield _typename(field)
        yield "}"


def _starts(selection: SelectionPlan) -> Iterator[tuple[str, FieldPlan]]:
    """Yield the text before the value of each field: response names are GraphQL names, which need no escapes."""
    for number, field in enumerate(selection.fields):
        yield f'{"," if number else "{"}"{field.response_name}":', field


def _only(field: FieldPlan) -> SelectionPlan:
    """Return the selection of a field that returns an object, which is not in a list."""
    if len(field.selections) != 1 or is_list_type(get_nullable_type(field.return_type)):
        raise _NotAColumnError
    [selection] = field.selections.values()
    return selection


def _typename(field: FieldPlan) -> str:
    if not field.is_typename:
        raise _NotAColumnError
    return f'"{field.parent_type.name}"'


def _column(table: str, name: str, return_type: GraphQLOutputType) -> JsonColumn:
    """Return the place of a column that has the type of a field."""
    is_nullable, value_type = not is_non_null_type(return_type), get_nullable_type(return_type)
    if isinstance(value_type, GraphQLEnumType):
        names = enum_names(value_type, is_nullable=False)
        column = library_json.find_enum(table, name, names, is_nullable=is_nullable)
    else:
        column = library_json.find_column(table, name, _PYTHON_TYPES.get(str(value_type)), is_nullable=is_nullable)
    if column is None:
        raise _NotAColumnError
    return column


def _joined(parts: Iterator[Any]) -> Parts:
    """Join adjacent texts."""
    joined: list[Any] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)
