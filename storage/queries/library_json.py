"""Pages of a library as JSON that Postgres writes: one precompiled statement each, run without a session.

The items of REST are flat objects of columns. Those of GraphQL follow a template, because their names and their order
depend on the client's document.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import itemgetter
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import ColumnElement, FromClause, Select, Table, bindparam, case, func, or_, select, type_coerce
from sqlalchemy import cast as sql_cast
from sqlalchemy import literal_column as literal
from sqlalchemy.types import Float, Text

from storage.postgres import compiled, json_text
from storage.postgres.compiled import Statement
from storage.postgres.database import Database
from storage.queries import libraries, library_pages
from storage.queries.json_templates import CURSOR_MARK, ItemWriter, Places, Template
from storage.queries.libraries import NEWEST_FIRST, Filter, Order, SortKey
from storage.queries.library_pages import Place, PlaceAfter
from storage.tables import metadata
from storage.tables.columns import EnumText

_TRACKS: Final[Table] = metadata.tables["tracks"]

_MAX_PAGES: Final = 8
"""Pages that share a query, whose rows are returned together: a page waits for seven others at most."""
_MAX_QUERIES: Final = 4
"""Queries of the same kind at a time: the next page after these waits and shares."""


class _Page(NamedTuple):
    """A page to load: its statement, its place and the texts of its template."""

    statement: Statement
    place: Place | PlaceAfter
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class JsonPage:
    """A page: its comma-separated items without their cursors, and the JSON that each cursor encodes."""

    items: str
    keys: Sequence[str]
    has_next_page: bool
    cursor_places: int
    """Places for its cursor that each item has."""

    def insert_cursors(self, cursors: Sequence[str]) -> str:
        """Return the items with the cursor of each."""
        # once for the page, not for each item
        texts = self.items.split(CURSOR_MARK)
        inserted = [""] * (2 * len(texts) - 1)
        inserted[::2] = texts
        places = self.cursor_places
        inserted[1::2] = cursors if places == 1 else [cursor for cursor in cursors for _ in range(places)]
        return "".join(inserted)


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
    place = library_pages.make_place(organization_id, user_id, size + 1, after=after)
    statement = _page_statement(template.places, tuple(conditions), order, has_position=after is not None)
    items, keys, unwritten = await _fetch(database, statement, place, conditions, template.texts)
    if unwritten:
        return None
    found = keys.split("\n") if keys else []
    has_next_page = len(found) > size
    text = items.rpartition("\n")[0] if has_next_page else items or ""
    return JsonPage(text.replace("\n", ","), found[:size], has_next_page, template.cursor_places)


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
    place = library_pages.make_place(organization_id, user_id, limit, offset=offset)
    (tracks,) = await _fetch(database, _tracks_statement(tuple(conditions), names), place, conditions, {})
    return tracks or ""


async def _fetch(
    database: Database,
    statement: Statement,
    place: Place | PlaceAfter,
    conditions: Mapping[str, Any],
    texts: Mapping[str, str],
) -> tuple[Any, ...]:
    """Return the row of a page.

    Concurrent pages share a query if they differ in their places only, and have neither filters nor an offset: the
    time that Postgres takes for such a page does not grow with the library.
    """
    if conditions:
        (row,) = await statement.fetch(database, **place._asdict(), **conditions, **texts)
        return row
    page = _Page(statement, place, texts)
    if place.offset:
        (row,) = await _fetch_many(database, [page])
        return row
    pages = database.grouped_batcher(_fetch_many, max_size=_MAX_PAGES, max_batches=_MAX_QUERIES)
    return await pages.load((statement.text, *texts.values()), page)


async def _fetch_many(database: Database, pages: list[_Page]) -> list[tuple[Any, ...]]:
    statement, _, texts = pages[0]
    rows = await statement.fetch_each(database, [page.place for page in pages], itemgetter(slice(1, None)), **texts)
    return cast("list[tuple[Any, ...]]", rows)


@lru_cache(maxsize=256)
def _page_statement(places: "Places", names: tuple[str, ...], order: Order, *, has_position: bool) -> Statement:
    """Return the statement of a page: its items and the JSON of their cursors in lines, and how many are unwritten."""
    writer = ItemWriter(libraries.SORT_KEYS[order.sort])
    item, key = writer.write(places.parts), writer.write(places.cursor)

    def summarize(page: FromClause) -> Select[Any]:
        unwritten = func.count().filter(or_(page.c.item.is_(None), page.c.key.is_(None)))
        return select(_join_lines(page.c.item), _join_lines(page.c.key), unwritten)

    return _compile(select(item.label("item"), key.label("key")), summarize, names, order, has_position=has_position)


def _join_lines(texts: ColumnElement[Any]) -> ColumnElement[Any]:
    """Join JSON texts, which have no line ends."""
    return func.string_agg(texts, literal("E'\\n'"))


@lru_cache(maxsize=256)
def _tracks_statement(names: tuple[str, ...], fields: tuple[str, ...]) -> Statement:
    separators = (f'{"," if number else "{"}"{name}":' for number, name in enumerate(fields))
    values = (
        literal(f"'{separator}'", Text) + _field(name) for separator, name in zip(separators, fields, strict=True)
    )
    item = reduce(operator.add, values) + literal("'}'", Text)

    def summarize(page: FromClause) -> Select[Any]:
        return select(func.string_agg(page.c.item, literal("','")))

    return _compile(select(item.label("item")), summarize, names, NEWEST_FIRST)


def _compile(
    columns: Select[Any],
    summarize: Callable[[FromClause], Select[Any]],
    names: tuple[str, ...],
    order: Order,
    *,
    has_position: bool = False,
) -> Statement:
    """Compile the summary of a page with these columns, without filters for ``fetch_each``."""

    def select_summary(place: Callable[[str], Any]) -> Select[Any]:
        page = library_pages.select_page(columns, names, order, place, has_position=has_position)
        return summarize(page.subquery("page"))

    if not library_pages.has_generic_plan(names):
        return compiled.compile_statement(select_summary(bindparam))
    types = library_pages.place_types(order, has_position=has_position)
    return compiled.compile_for_each(select_summary, **types)


def _field(name: str) -> ColumnElement[Any]:
    """Write a column as REST does: timestamps in whole seconds, floats with a decimal point, infinity as null."""
    null = literal("'null'", Text)
    if name not in _TRACKS.columns:
        return null
    column = _TRACKS.columns[name]
    if isinstance(column.type, Float):
        # Postgres sorts NaN above infinity
        any_finite = case((func.abs(column) < literal("'infinity'::float8"), sql_cast(column, Text)))
        return func.coalesce(json_text.write_float(column), any_finite, null)
    return json_text.write(type_coerce(column, Text) if isinstance(column.type, EnumText) else column)
