"""Pages of a library as JSON that Postgres writes: one precompiled statement each, run without a session.

The items of REST are flat objects of columns. Those of GraphQL follow a template, because their names and their order
depend on the client's document.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, bindparam, case, cast, func, null, select
from sqlalchemy import literal_column as literal
from sqlalchemy.types import ARRAY, JSON, DateTime, Float, Integer, Text

from storage.postgres import compiled, json_text
from storage.postgres.compiled import Statement
from storage.postgres.database import Database
from storage.queries import libraries, library_pages
from storage.queries.json_templates import ItemWriter, Places, Template
from storage.queries.libraries import NEWEST_FIRST, Filter, Order, SortKey
from storage.tables import metadata

_TRACKS: Final[Table] = metadata.tables["tracks"]


@dataclass(frozen=True, slots=True)
class JsonPage:
    """A page: its comma-separated items, and the sort keys and ids of the first and last item unless it is empty."""

    items: str
    first: tuple[SortKey, str] | None
    last: tuple[SortKey, str] | None
    has_next_page: bool


async def load_page(
    database: Database,
    organization_id: str,
    user_id: str,
    filters: Filter,
    order: Order,
    template: Template,
    *,
    size: int,
    after: tuple[SortKey, str] | None,
) -> JsonPage | None:
    """Load a page with an item for each entry, for filters that are ``library_pages.is_supported``.

    Returns None if an item has a value that Postgres writes in another way than orjson.
    """
    conditions = library_pages.parameters(filters)
    values = {**conditions, "organization_id": organization_id, "user_id": user_id}
    values |= {"size": size, "limit": size + 1, "offset": 0}
    if after is not None:
        values |= {"after_key": after[0], "after_id": after[1]}
    values |= template.texts
    statement = _page_statement(template.places, tuple(conditions), order, has_position=after is not None)
    ((items, count, *positions),) = await statement.fetch(database, **values)
    if not min(count, size):
        return JsonPage("", None, None, has_next_page=count > size)
    if items is None:
        return None
    first_key, first_id, last_key, last_id = positions
    return JsonPage(items, (first_key, first_id), (last_key, last_id), has_next_page=count > size)


async def load_tracks(
    database: Database,
    organization_id: str,
    user_id: str,
    filters: Filter,
    names: tuple[str, ...],
    *,
    limit: int,
    offset: int,
) -> str:
    """Return the tracks of a page as comma-separated JSON objects with the fields ``names``.

    A field that is not a column of tracks is null.
    """
    conditions = library_pages.parameters(filters)
    values = {**conditions, "organization_id": organization_id, "user_id": user_id, "limit": limit, "offset": offset}
    (row,) = await _tracks_statement(tuple(conditions), names).fetch(database, **values)
    return row[0] or ""


@lru_cache(maxsize=256)
def _page_statement(places: "Places", names: tuple[str, ...], order: Order, *, has_position: bool) -> Statement:
    key, entry_id = libraries.SORT_KEYS[order.sort], metadata.tables["library_entries"].c.id
    item = ItemWriter(key).write(places.parts)
    columns = select(item.label("item"), key.label("key"), entry_id.label("id"))
    page = library_pages.select_page(columns, names, order, has_position=has_position).subquery("page")
    size: ColumnElement[int] = bindparam("size", type_=Integer)
    items = func.array_agg(page.c.item, type_=ARRAY(Text))[1:size]
    text = case((func.bool_and(page.c.item.is_not(None)), func.array_to_string(items, literal("','"))))
    keys, found = func.array_agg(page.c.key, type_=ARRAY(key.type)), func.array_agg(page.c.id, type_=ARRAY(Text))
    last = func.least(func.count(), size)
    result = select(text, func.count(), keys[1], found[1], keys[last], found[last])
    return compiled.compile_statement(result, has_generic_plan=library_pages.has_generic_plan(names))


@lru_cache(maxsize=256)
def _tracks_statement(conditions: tuple[str, ...], names: tuple[str, ...]) -> Statement:
    fields = select(*(_field(name).label(name) for name in names))
    item = library_pages.select_page(fields, conditions, NEWEST_FIRST).subquery("item")
    items = func.string_agg(cast(func.row_to_json(literal("item")), Text), literal("','"))
    has_generic_plan = library_pages.has_generic_plan(conditions)
    return compiled.compile_statement(select(items).select_from(item), has_generic_plan=has_generic_plan)


def _field(name: str) -> ColumnElement[Any]:
    """Format a column as REST does: timestamps in whole seconds, floats with a decimal point, infinity as null."""
    if name not in _TRACKS.columns:
        return null()
    column = _TRACKS.columns[name]
    if isinstance(column.type, DateTime):
        return json_text.format_time(column)
    if isinstance(column.type, Float):
        # Postgres sorts NaN above infinity
        is_finite = func.abs(column) < literal("'infinity'::float8")
        return cast(case((is_finite, func.coalesce(json_text.write_float(column), cast(column, Text)))), JSON)
    return column
