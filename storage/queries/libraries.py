"""Queries on libraries: filters, full-text search and order of a user's saved tracks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import BindParameter, ColumnElement, Select, Text, bindparam, case, exists, func, select, tuple_, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from core.jobs import Mode
from storage.postgres import fulltext
from storage.tables import CollectionTrack, Generation, LibraryEntry, LibrarySortKeys, LibrarySource, Track

_TABLE: Final = SQLModel.metadata.tables["library_entries"]
SEARCH: Final[ColumnElement[Any]] = _TABLE.c.search
"""The search vector."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on library entries; None and empty values match everything."""

    mode: Mode | None = None
    engine: str | None = None
    collection_id: str | None = None
    tags: tuple[str, ...] = ()
    is_favourite: bool | None = None
    style: str | None = None
    source: LibrarySource | None = None
    query: str | None = None


class Sort(StrEnum):
    """Sort keys of a library."""

    SAVED_AT = "saved_at"
    CREATED_AT = "created_at"
    TITLE = "title"
    DURATION = "duration"


class Direction(StrEnum):
    ASC = "asc"
    DESC = "desc"


SortKey = datetime | float | str


@dataclass(frozen=True, slots=True)
class Order:
    """A sort key and a direction; entries with equal keys are ordered by id."""

    sort: Sort = Sort.SAVED_AT
    direction: Direction = Direction.DESC


NEWEST_FIRST: Final = Order()


class SavedTrack(NamedTuple):
    """An entry, its track, and the value of the sort key."""

    entry: LibraryEntry
    track: Track
    key: SortKey


def _expression(column: Any) -> ColumnElement[Any]:  # noqa: ANN401  SQLModel types class attributes as values
    return cast("ColumnElement[Any]", column)


SORT_KEYS: Final[Mapping[Sort, ColumnElement[Any]]] = {
    Sort.SAVED_AT: _expression(LibraryEntry.created_at),
    Sort.CREATED_AT: _expression(LibrarySortKeys.track_created_at),
    Sort.TITLE: _expression(LibrarySortKeys.title),
    Sort.DURATION: _expression(LibrarySortKeys.duration_seconds),
}


async def page(
    session: AsyncSession,
    organization_id: str,
    user_id: str,
    filters: Filter,
    order: Order = NEWEST_FIRST,
    *,
    limit: int,
    offset: int = 0,
    after: tuple[SortKey, str] | None = None,
) -> Sequence[SavedTrack]:
    """List a page of a library. ``after`` is the sort key and id of the entry before it; ``offset`` skips more."""
    statement = select(LibraryEntry, Track, SORT_KEYS[order.sort]).select_from(LibraryEntry)
    statement = order_entries(select_library(statement, organization_id, user_id, filters, order.sort), order, after)
    rows = (await session.execute(statement.limit(limit).offset(offset))).all()
    return [SavedTrack(row[0], row[1], row[2]) for row in rows]


async def count(session: AsyncSession, organization_id: str, user_id: str, filters: Filter) -> int:
    """Count the entries of all pages."""
    statement = select(func.count()).select_from(LibraryEntry)
    return await session.scalar(select_library(statement, organization_id, user_id, filters)) or 0


async def find_entry(
    session: AsyncSession, track_id: str, user_id: str, *, lock: bool = False
) -> tuple[LibraryEntry, Track] | None:
    """Find the user's entry of a track, and lock the entry on request."""
    statement = (
        select(LibraryEntry, Track)
        .join(Track, col(Track.id) == col(LibraryEntry.track_id))
        .where(col(LibraryEntry.track_id) == track_id, col(LibraryEntry.user_id) == user_id)
    )
    row = (await session.execute(statement.with_for_update(of=LibraryEntry) if lock else statement)).first()
    return None if row is None else (row[0], row[1])


async def list_entries(
    session: AsyncSession, entry_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> list[tuple[LibraryEntry, Track]]:
    """List those of the entries that the user has in one of these organizations, with their tracks."""
    statement = (
        select(LibraryEntry, Track)
        .join(Track, col(Track.id) == col(LibraryEntry.track_id))
        .where(
            col(LibraryEntry.id).in_(entry_ids),
            col(LibraryEntry.user_id) == user_id,
            col(LibraryEntry.organization_id).in_(organization_ids),
        )
    )
    return [(entry, track) for entry, track in (await session.execute(statement)).all()]


async def list_entries_of_tracks(
    session: AsyncSession, track_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> dict[str, tuple[LibraryEntry, Track]]:
    """Return the user's entries of these tracks with the tracks, by the id of the track."""
    is_saved = (col(LibraryEntry.user_id) == user_id) & col(LibraryEntry.track_id).in_(track_ids)
    entry_ids = (await session.scalars(select(col(LibraryEntry.id)).where(is_saved))).all()
    found = await list_entries(session, entry_ids, user_id, organization_ids)
    return {track.id: (entry, track) for entry, track in found}


def select_library(
    statement: Select[Any],
    organization_id: str | BindParameter[Any],
    user_id: str | BindParameter[Any],
    filters: Filter,
    sort: Sort = Sort.SAVED_AT,
) -> Select[Any]:
    """Restrict a statement on entries to those of a library, joined with their tracks and the keys of the sort."""
    owned: type[LibraryEntry | LibrarySortKeys] = LibraryEntry
    if sort is not Sort.SAVED_AT:
        # the owner is compared in one table only: Postgres would take two comparisons for a rare coincidence
        owned = LibrarySortKeys
        statement = statement.join(LibrarySortKeys, col(LibrarySortKeys.entry_id) == col(LibraryEntry.id))
    return statement.join(Track, col(Track.id) == col(LibraryEntry.track_id)).where(
        col(owned.organization_id) == organization_id, col(owned.user_id) == user_id, *_conditions(filters)
    )


def order_entries(statement: Select[Any], order: Order, after: tuple[Any, Any] | None) -> Select[Any]:
    """Sort entries, and start after a sort key and id, which may be parameters, if they are given."""
    # the columns of one index
    entry_id = LibraryEntry.id if order.sort is Sort.SAVED_AT else LibrarySortKeys.entry_id
    keys = (SORT_KEYS[order.sort], _expression(entry_id))
    is_ascending = order.direction is Direction.ASC
    if after is not None:
        position = tuple_(*after, types=[key.type for key in keys])
        statement = statement.where(tuple_(*keys) > position if is_ascending else tuple_(*keys) < position)
    return statement.order_by(*(key.asc() if is_ascending else key.desc() for key in keys))


def search_text(track_id: Any, user_id: Any) -> ColumnElement[str]:  # noqa: ANN401  values or columns
    """Return the searched text of an entry: the track's title, and the request if the track is the user's own."""
    is_own = col(Track.user_id) == user_id
    # the brackets and quotes of the JSON list are not part of any word
    request = func.concat_ws(" ", col(Generation.prompt), _expression(Generation.style_tags).cast(Text))
    parts = (col(Track.title), case((is_own, request)))
    return (
        select(func.concat_ws(" ", *parts))
        .join_from(Track, Generation, col(Generation.id) == col(Track.generation_id))
        .where(col(Track.id) == track_id)
        .scalar_subquery()
    )


async def update_search_text(session: AsyncSession, track_id: str) -> None:
    """Update every entry of a track after a change of its title."""
    about = search_text(LibraryEntry.track_id, LibraryEntry.user_id)
    await session.execute(update(LibraryEntry).where(col(LibraryEntry.track_id) == track_id).values(about=about))
    await index_entries(session, col(LibraryEntry.track_id) == track_id)


async def index_entries(session: AsyncSession, *conditions: ColumnElement[bool]) -> None:
    """Write the search vectors of entries after a change of their searched text or tags."""
    columns = (_TABLE.c.id, _TABLE.c.about, _TABLE.c.tags)
    rows = (await session.execute(select(*columns).where(*conditions))).all()
    if rows:
        vector = sql_cast(bindparam("vector"), TSVECTOR)
        statement = update(_TABLE).where(_TABLE.c.id == bindparam("entry_id")).values(search=vector)
        vectors = [{"entry_id": row[0], "vector": fulltext.build_vector([row[1], *row[2]])} for row in rows]
        await (await session.connection()).execute(statement, vectors)


def _conditions(filters: Filter) -> list[ColumnElement[bool]]:
    equal = (
        (Track.mode, filters.mode),
        (Track.engine, filters.engine),
        (LibraryEntry.is_favourite, filters.is_favourite),
        (LibraryEntry.source, filters.source),
        (Track.style, filters.style),
    )
    conditions = [_expression(column) == value for column, value in equal if value is not None]
    if filters.collection_id is not None:
        conditions.append(
            exists().where(
                col(CollectionTrack.collection_id) == filters.collection_id,
                col(CollectionTrack.track_id) == col(Track.id),
            )
        )
    if filters.tags:
        conditions.append(_expression(LibraryEntry.tags).contains(list(filters.tags)))
    if filters.query:
        conditions.append(fulltext.matches(SEARCH, filters.query))
    return conditions
