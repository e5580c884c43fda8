"""Objects that are written from columns: their template, if everything that a document selects of them is a column.

The template is made from the compiled plan before anything is read. The fields are those that responses from rows have:
attributes of a row, declared once by ``row_backed``.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from graphql import GraphQLEnumType, GraphQLOutputType, get_nullable_type, is_list_type, is_non_null_type

from schema.execution import DelegatedProperty, EncodedJson, FieldPlan, SelectionPlan, core_info, enum_names
from schema.runtime.context import Info
from schema.runtime.row_types import NestedProperty
from storage.queries import json_templates
from storage.queries.json_templates import JsonColumn, JsonJoined, Parts, Template

Item = TypeVar("Item")

_PYTHON_TYPES: Final[Mapping[str, type]] = {
    "String": str,
    "ID": str,
    "Int": int,
    "Float": float,
    "Boolean": bool,
    "DateTime": datetime,
    "[String!]": list,
}
"""The types of column values, by GraphQL type."""

_NONE_JOINED: Final[Mapping[str, str]] = {}


class NotAColumnError(Exception):
    """A selected field needs Python."""


def find_plan(info: Info) -> FieldPlan | None:
    """Return the compiled plan of a field whose value may be JSON; None if there is none."""
    return getattr(core_info(info), "plan", None) if info.context.accepts_json else None


def find_template(info: Info, table: str, joined: Mapping[str, str]) -> Template | None:
    """Return the template of the object that a field returns; None if Python has to write it.

    ``joined`` has the tables of other rows by the coordinates of the fields that return them, such as ``Job.track``.
    """
    plan = find_plan(info)
    if plan is None:
        return None
    if find_template not in plan.cache:
        plan.cache[find_template] = _build(plan, table, joined)
    found: Template | None = plan.cache[find_template]
    return found


def encoded(text: str | None, kind: type[Item]) -> Item | None:  # noqa: ARG001  the type that is declared
    """Return JSON, or null, in place of an object of a type; only a compiled plan can complete it."""
    return None if text is None else cast("Item", EncodedJson(text))


def _build(plan: FieldPlan, table: str, joined: Mapping[str, str]) -> Template | None:
    try:
        return Template(join_texts(write_object(only_selection(plan), {"row": table}, joined)))
    except NotAColumnError:
        return None


def write_object(
    selection: SelectionPlan, tables: Mapping[str, str], joined: Mapping[str, str] = _NONE_JOINED
) -> Iterator[Any]:
    """Yield the parts of an object. ``tables`` has the table of each of its attributes that is a row.

    Raises NotAColumnError.
    """
    for start, field in starts(selection):
        yield start
        source = getattr(selection.python_type, field.attribute or "", None)
        if field.attribute is None and field.coordinate in joined:
            table = joined[field.coordinate]
            yield JsonJoined(table, join_texts(write_object(only_selection(field), {"row": table})))
        elif isinstance(source, NestedProperty) and source.target in tables:
            yield from write_object(only_selection(field), {"row": tables[source.target]})
        elif isinstance(source, DelegatedProperty) and source.target in tables:
            yield _column(tables[source.target], source.name, field.return_type)
        else:
            yield write_typename(field)
    yield end(selection)


def starts(selection: SelectionPlan) -> Iterator[tuple[str, FieldPlan]]:
    """Yield the text before the value of each field: response names are GraphQL names, which need no escapes."""
    for number, field in enumerate(selection.fields):
        yield f'{"," if number else "{"}"{field.response_name}":', field


def end(selection: SelectionPlan) -> str:
    """Return the text after the last value. ``@skip`` may have removed all fields."""
    return "}" if selection.fields else "{}"


def only_selection(field: FieldPlan) -> SelectionPlan:
    """Return the selection of a field that returns an object, which is not in a list. Raises NotAColumnError."""
    if len(field.selections) != 1 or is_list_type(get_nullable_type(field.return_type)):
        raise NotAColumnError
    [selection] = field.selections.values()
    return selection


def write_typename(field: FieldPlan) -> str:
    """Return the value of ``__typename``. Raises NotAColumnError for any other field."""
    if not field.is_typename:
        raise NotAColumnError
    return f'"{field.parent_type.name}"'


def join_texts(parts: Iterator[Any]) -> Parts:
    """Join adjacent texts."""
    joined: list[Any] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


def _column(table: str, name: str, return_type: GraphQLOutputType) -> JsonColumn:
    """Return the place of a column that has the type of a field."""
    is_nullable, value_type = not is_non_null_type(return_type), get_nullable_type(return_type)
    if isinstance(value_type, GraphQLEnumType):
        names = enum_names(value_type, is_nullable=False)
        column = json_templates.find_enum(table, name, names, is_nullable=is_nullable)
    else:
        column = json_templates.find_column(table, name, _PYTHON_TYPES.get(str(value_type)), is_nullable=is_nullable)
    if column is None:
        raise NotAColumnError
    return column
