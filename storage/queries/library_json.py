"""Pages of a library as JSON that Postgres writes: one precompiled statement each, run without a session.

The items of REST are flat objects of columns. Those of GraphQL follow a template, because their names and their order
depend on the client's document.
"""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, case, cast, func, or_, select, type_coerce
from sqlalchemy import literal_column as literal
from sqlalchemy.types import Float, Text

from storage.postgres import compiled, json_text
from storage.postgres.compiled import Statement
from storage.postgres.database import Database
from storage.queries import libraries, library_pages
from storage.queries.json_templates import CURSOR_MARK, ItemWriter, Places, Template
from storage.queries.libraries import NEWEST_FIRST, Filter, Order, SortKey
from storage.tables import metadata
from storage.tables.columns import EnumText

_TRACKS: Final[Table] = metadata.tables["tracks"]


@dataclass(frozen=True, slots=True)
class JsonPage:
    """A page: its comma-separated items, and the cursor of each."""

    items: str
    cursors: Sequence[str]
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
    values |= {"limit": size + 1, "offset": 0}
    if after is not None:
        values |= {"after_key": after[0], "after_id": after[1]}
    values |= template.texts
    statement = _page_statement(template.places, tuple(conditions), order, has_position=after is not None)
    ((items, cursors, unwritten),) = await statement.fetch(database, **values)
    if unwritten:
        return None
    found = cursors.split(",") if cursors else []
    has_next_page = len(found) > size
    text = items.rpartition("\n")[0] if has_next_page else items or ""
    shown = found[:size]
    return JsonPage(_insert_cursors(text.replace("\n", ","), shown, template.cursor_places), shown, has_next_page)


def _insert_cursors(text: str, cursors: Sequence[str], places: int) -> str:
    """Insert the cursor of each item, which has this number of places for it: once for the page, not for each item."""
    texts = text.split(CURSOR_MARK)
    inserted = [""] * (2 * len(texts) - 1)
    inserted[::2] = texts
    inserted[1::2] = cursors if places == 1 else [cursor for cursor in cursors for _ in range(places)]
    return "".join(inserted)


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
    """Return the statement of a page: its items in lines, their cursors, and how many could not be written."""
    writer = ItemWriter(libraries.SORT_KEYS[order.sort])
    item, cursor = writer.write(places.parts), json_text.encode_base64(writer.write(places.cursor))
    columns = select(item.label("item"), cursor.label("cursor"))
    page = library_pages.select_page(columns, names, order, has_position=has_position).subquery("page")
    # for all cursors at once, which costs less than for each
    cursors = json_text.make_url_safe(func.string_agg(page.c.cursor, literal("','")))
    unwritten = func.count().filter(or_(page.c.item.is_(None), page.c.cursor.is_(None)))
    result = select(func.string_agg(page.c.item, literal("E'\\n'")), cursors, unwritten)
    return compiled.compile_statement(result, has_generic_plan=library_pages.has_generic_plan(names))


@lru_cache(maxsize=256)
def _tracks_statement(conditions: tuple[str, ...], names: tuple[str, ...]) -> Statement:
    separators = (f'{"," if number else "{"}"{name}":' for number, name in enumerate(names))
    fields = (literal(f"'{separator}'", Text) + _field(name) for separator, name in zip(separators, names, strict=True))
    item = reduce(operator.add, fields) + literal("'}'", Text)
    page = library_pages.select_page(select(item.label("item")), conditions, NEWEST_FIRST).subquery("page")
    items = select(func.string_agg(page.c.item, literal("','")))
    return compiled.compile_statement(items, has_generic_plan=library_pages.has_generic_plan(conditions))


def _field(name: str) -> ColumnElement[Any]:
    """Write a column as REST does: timestamps in whole seconds, floats with a decimal point, infinity as null."""
    null = literal("'null'", Text)
    if name not in _TRACKS.columns:
        return null
    column = _TRACKS.columns[name]
    if isinstance(column.type, Float):
        # Postgres sorts NaN above infinity
        any_finite = case((func.abs(column) < literal("'infinity'::float8"), cast(column, Text)))
        return func.coalesce(json_text.write_float(column), any_finite, null)
    return json_text.write(type_coerce(column, Text) if isinstance(column.type, EnumText) else column)
