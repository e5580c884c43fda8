"""Pages of a library without the ORM: one precompiled statement each, run without a session.

They use the conditions and the order of storage.queries.libraries.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Integer, Text, TypeEngine

from storage.postgres import compiled
from storage.postgres.compiled import Statement
from storage.postgres.database import Database
from storage.queries import libraries
from storage.queries.libraries import NEWEST_FIRST, Filter, Order, SavedTrack, SortKey
from storage.tables import LibraryEntry, Track, metadata

_TRACKS: Final[Table] = metadata.tables["tracks"]
_PRECOMPILED: Final = ("mode", "engine", "collection_id", "is_favourite", "style", "source")


class Columns(NamedTuple):
    """Names of the columns to read of the entries and of their tracks; no name means all."""

    entry: tuple[str, ...]
    track: tuple[str, ...]


class Place(NamedTuple):
    """The place of a page: the parameters of its statement besides filters."""

    organization_id: str
    user_id: str
    limit: int
    offset: int


class PlaceAfter(NamedTuple):
    """The place of a page that starts after a sort key and the id of an entry."""

    organization_id: str
    user_id: str
    limit: int
    offset: int
    after_key: SortKey
    after_id: str


PUBLIC_COLUMNS: Final = Columns(("id", "source", "tags", "is_favourite", "share_link_id", "created_at"), ())
"""The columns of entries that the API shows, and all columns of tracks."""

TRACK_COLUMNS_WITHOUT_JSON: Final = tuple(
    name for name, column in _TRACKS.c.items() if not isinstance(column.type, JSONB)
)
"""All columns of tracks except JSON, which may be large."""


async def load(
    database: Database,
    organization_id: str,
    user_id: str,
    filters: Filter,
    order: Order = NEWEST_FIRST,
    *,
    limit: int,
    after: tuple[SortKey, str] | None = None,
    columns: Columns = PUBLIC_COLUMNS,
) -> Sequence[SavedTrack]:
    """Load a page as ``libraries.page`` does, with these columns, for filters that are ``is_supported``."""
    conditions = parameters(filters)
    statement = _statement(columns, tuple(conditions), order, has_position=after is not None)
    entry, track = _row_types(columns)
    place = make_place(organization_id, user_id, limit, after=after)
    rows = await statement.fetch(database, **place._asdict(), **conditions)
    return [SavedTrack(entry.build(row), track.build(row), row[-1]) for row in rows]


def is_supported(filters: Filter) -> bool:
    """Return whether these filters can be precompiled: all but the full-text query and the tags."""
    return not filters.query and not filters.tags


def make_place(
    organization_id: str, user_id: str, limit: int, *, offset: int = 0, after: tuple[SortKey, str] | None = None
) -> Place | PlaceAfter:
    """Return the place of a page in a user's library in an organization."""
    place = (organization_id, user_id, limit, offset)
    return Place(*place) if after is None else PlaceAfter(*place, *after)


def parameters(filters: Filter) -> Mapping[str, Any]:
    """Return the parameters of a precompiled statement for these filters."""
    values = {name: getattr(filters, name) for name in _PRECOMPILED}
    return {name: value for name, value in values.items() if value is not None}


@lru_cache(maxsize=256)
def _row_types(columns: Columns) -> tuple[compiled.RowType[LibraryEntry], compiled.RowType[Track]]:
    entry = compiled.RowType(LibraryEntry, *columns.entry)
    return entry, compiled.RowType(Track, *columns.track, start=entry.end)


@lru_cache(maxsize=256)
def _statement(columns: Columns, names: tuple[str, ...], order: Order, *, has_position: bool) -> Statement:
    selected = [column for row_type in _row_types(columns) for column in row_type.columns]
    statement = select(*selected, libraries.SORT_KEYS[order.sort])
    page = select_page(statement, names, order, has_position=has_position)
    return compiled.compile_statement(page, has_generic_plan=has_generic_plan(names))


def has_generic_plan(names: tuple[str, ...]) -> bool:
    """Return whether a page has the same plan for all values: that of the index that gives its rows in their order.

    Otherwise the best plan depends on how many entries a user has, or match.
    """
    return not names


def place_types(order: Order, *, has_position: bool) -> Mapping[str, TypeEngine[Any]]:
    """Return the types of the attributes of ``Place``, or with a position of ``PlaceAfter``."""
    types: dict[str, TypeEngine[Any]] = {
        "organization_id": Text(),
        "user_id": Text(),
        "limit": Integer(),
        "offset": Integer(),
    }
    return {**types, "after_key": libraries.SORT_KEYS[order.sort].type, "after_id": Text()} if has_position else types


def select_page(
    statement: Select[Any],
    names: tuple[str, ...],
    order: Order,
    place: Callable[[str], Any] = bindparam,
    *,
    has_position: bool = False,
) -> Select[Any]:
    """Restrict a statement to a page, with parameters for the filters with these names.

    ``place`` returns the expression for an attribute of ``Place``: by default a parameter, too.
    """
    filters = Filter(**{name: bindparam(name) for name in names})  # type: ignore[arg-type]  # parameters for values
    statement = statement.select_from(LibraryEntry)
    statement = libraries.select_library(statement, place("organization_id"), place("user_id"), filters, order.sort)
    after = (place("after_key"), place("after_id")) if has_position else None
    return libraries.order_entries(statement, order, after).limit(place("limit")).offset(place("offset"))
