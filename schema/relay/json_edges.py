"""Edges that are written from columns: their template, if everything that a document selects of them is a column."""

from collections.abc import Iterator, Mapping
from typing import Any

from schema.execution import FieldPlan, SelectionPlan
from schema.relay.connections import Edge
from schema.runtime import json_objects
from schema.runtime.context import Info
from schema.runtime.json_objects import NotAColumnError
from storage.queries.json_templates import JsonCursor, Parts, Template


def find_template(info: Info, tables: Mapping[str, str], cursor: Parts) -> Template | None:
    """Return the template of the edges of the connection that a field returns; None if Python has to write them.

    ``tables`` has the table of each attribute of the nodes that is a row, and ``cursor`` the parts of the JSON in a
    cursor. Without a compiled plan there is none.
    """
    plan = json_objects.find_plan(info)
    if plan is None:
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
        return Template(json_objects.join_texts(_write_edge(edge, tables)), cursor)
    except NotAColumnError:
        return None


def _write_edge(selection: SelectionPlan, tables: Mapping[str, str]) -> Iterator[Any]:
    if selection.python_type is not Edge:
        raise NotAColumnError
    for start, field in json_objects.starts(selection):
        yield start
        if field.attribute == "cursor":
            yield from ('"', JsonCursor(), '"')
        elif field.attribute == "node":
            yield from json_objects.write_object(json_objects.only_selection(field), tables)
        else:
            yield json_objects.write_typename(field)
    yield json_objects.end(selection)
