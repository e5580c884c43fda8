"""Pages of a library as JSON, from lists of column values: one precompiled statement each, run without a session.

The items of REST are flat objects of columns. Those of GraphQL follow a template, because their names and their order
depend on the client's document.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Select, bindparam, func, select

from storage.postgres import compiled
from storage.postgres.compiled import Statement
from storage.postgres.database import Database
from storage.queries import library_pages
from storage.queries.json_templates import Columns, JsonColumn, Template
from storage.queries.libraries import NEWEST_FIRST, Filter, Order, SortKey
from storage.queries.library_pages import Place, PlaceAfter
from storage.tables import metadata

_MAX_PAGES: Final = 6
"""Pages that share a query, whose results are returned together: a page waits for five others at most."""
_MAX_QUERIES: Final = 6
"""Queries of the same kind at a time: the next page after these waits and shares."""


class _Page(NamedTuple):
    """A page to load: its statement and its place."""

    statement: Statement
    place: Place | PlaceAfter


@dataclass(frozen=True, slots=True)
class JsonPage:
    """A page: the texts of its items, without their cursors, and the JSON that each cursor encodes."""

    template: Template
    texts: list[str]
    keys: Sequence[bytes]
    has_next_page: bool

    def insert_cursors(self, cursors: Sequence[str]) -> str:
        """Return the items, separated by commas, with the cursor of each."""
        return _join(self.template.items.insert_cursors(self.texts, cursors))


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

    Returns None if an item, or the one after the page, has a value that GraphQL may answer with an error.
    """
    place = library_pages.make_place(organization_id, user_id, size + 1, after=after)
    count, aggregates = await _fetch(database, template.columns, filters, order, place)
    if not size or not count:
        return JsonPage(template, [], [], has_next_page=count > size)
    written = template.columns.write_valid(aggregates, count)
    if written is None:
        return None
    has_next_page = count > size
    if has_next_page:
        written, count = [column[:size] for column in written], size
    keys = _join(template.keys.fill(written, count)).encode().split(b"\n")
    return JsonPage(template, template.items.fill(written, count), keys, has_next_page)


async def load_tracks(
    database: Database,
    organization_id: str,
    user_id: str,
    filters: Filter,
    fields: tuple[str, ...],
    *,
    limit: int,
    offset: int,
) -> str:
    """Return the tracks of a page as comma-separated JSON objects with these fields.

    A field that is not a column of tracks is null.
    """
    template = _track_template(fields)
    place = library_pages.make_place(organization_id, user_id, limit, offset=offset)
    count, aggregates = await _fetch(database, template.columns, filters, NEWEST_FIRST, place)
    return _join(template.items.fill(template.columns.write(aggregates), count)) if count else ""


def _join(texts: list[str]) -> str:
    """Join the texts of items without the separator after the last one."""
    return "".join(texts[:-1])


async def _fetch(
    database: Database, columns: Columns, filters: Filter, order: Order, place: Place | PlaceAfter
) -> tuple[int, Sequence[Any]]:
    """Return the number of items of a page, and the aggregates of its columns, which are NULL for an empty page.

    Concurrent pages share a query if they differ in their places only, and have neither filters nor an offset: the
    time that Postgres takes for such a page does not grow with the library.
    """
    conditions = library_pages.parameters(filters)
    statement = _statement(columns, tuple(conditions), order, has_position=isinstance(place, PlaceAfter))
    if conditions:
        ((count, *aggregates),) = await statement.fetch(database, **place._asdict(), **conditions)
    elif place.offset:
        ((count, *aggregates),) = await _fetch_many(database, [_Page(statement, place)])
    else:
        pages = database.grouped_batcher(_fetch_many, max_size=_MAX_PAGES, max_batches=_MAX_QUERIES)
        count, *aggregates = await pages.load(statement.text, _Page(statement, place))
    return count, aggregates


async def _fetch_many(database: Database, pages: list[_Page]) -> list[tuple[Any, ...]]:
    rows = await pages[0].statement.fetch_each(database, [page.place for page in pages], itemgetter(slice(1, None)))
    return cast("list[tuple[Any, ...]]", rows)


@lru_cache(maxsize=256)
def _statement(columns: Columns, filter_names: tuple[str, ...], order: Order, *, has_position: bool) -> Statement:
    """Compile the statement that aggregates the columns of a page; without filters, for ``fetch_each``."""
    expressions = columns.expressions()
    row = select(*(column.label(f"column_{number}") for number, column in enumerate(expressions)))

    def select_aggregates(place: Callable[[str], Any]) -> Select[Any]:
        page = library_pages.select_page(row, filter_names, order, place, has_position=has_position).subquery("page")
        return select(func.count(), *columns.aggregates(list(page.c))).select_from(page)

    if not library_pages.has_generic_plan(filter_names):
        return compiled.compile_statement(select_aggregates(bindparam))
    types = library_pages.place_types(order, has_position=has_position)
    return compiled.compile_for_each(select_aggregates, **types)


@lru_cache(maxsize=8)
def _track_template(fields: tuple[str, ...]) -> Template:
    columns = metadata.tables["tracks"].c
    parts: list[str | JsonColumn] = []
    for number, name in enumerate(fields):
        parts.append(f'{"," if number else "{"}"{name}":')
        parts.append(JsonColumn("tracks", name) if name in columns else "null")
    return Template((*parts, "}"))
