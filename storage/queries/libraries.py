"""Queries on libraries: what a user has saved, narrowed, searched and sorted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple, assert_never, cast

from sqlalchemy import BindParameter, ColumnElement, Select, Text, case, exists, func, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from core.jobs import Mode
from storage.postgres import fulltext
from storage.tables import CollectionTrack, Generation, LibraryEntry, Track

_WORDS: Final[ColumnElement[Any]] = SQLModel.metadata.tables["library_entries"].c.words


@dataclass(frozen=True, slots=True)
class Filter:
    """What a library is narrowed to; nothing when all is None and empty."""

    mode: Mode | None = None
    engine: str | None = None
    collection_id: str | None = None
    tags: tuple[str, ...] = ()
    is_favourite: bool | None = None
    query: str | None = None


class Sort(StrEnum):
    """What a library is sorted by."""

    SAVED_AT = "saved_at"
    CREATED_AT = "created_at"
    TITLE = "title"
    DURATION = "duration"


class Direction(StrEnum):
    """Which end comes first."""

    ASC = "asc"
    DESC = "desc"


SortKey = datetime | float | str


@dataclass(frozen=True, slots=True)
class Order:
    """A sort with its direction; entries with the same key follow their ids."""

    sort: Sort = Sort.SAVED_AT
    direction: Direction = Direction.DESC


NEWEST_FIRST: Final = Order()


class SavedTrack(NamedTuple):
    """An entry, its track, and the key by which it stands where it stands."""

    entry: LibraryEntry
    track: Track
    key: SortKey


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
    """At most ``limit`` entries, ``offset`` behind the place if one is given."""
    statement = select(LibraryEntry, Track, sort_key(order.sort)).select_from(LibraryEntry)
    statement = order_entries(select_library(statement, organization_id, user_id, filters), order, after)
    rows = (await session.execute(statement.limit(limit).offset(offset))).all()
    return [SavedTrack(row[0], row[1], row[2]) for row in rows]


async def count(session: AsyncSession, organization_id: str, user_id: str, filters: Filter) -> int:
    """How many entries ``page`` has in all."""
    statement = select(func.count()).select_from(LibraryEntry)
    return await session.scalar(select_library(statement, organization_id, user_id, filters)) or 0


async def find_entry(
    session: AsyncSession, track_id: str, user_id: str, *, lock: bool = False
) -> tuple[LibraryEntry, Track] | None:
    """The user's entry of this track."""
    statement = (
        select(LibraryEntry, Track)
        .join(Track, col(Track.id) == col(LibraryEntry.track_id))
        .where(col(LibraryEntry.track_id) == track_id, col(LibraryEntry.user_id) == user_id)
    )
    found = (await session.execute(statement.with_for_update(of=LibraryEntry) if lock else statement)).first()
    return None if found is None else (found[0], found[1])


def select_library(
    statement: Select[Any],
    organization_id: str | BindParameter[Any],
    user_id: str | BindParameter[Any],
    filters: Filter,
) -> Select[Any]:
    """Narrow a statement on entries to those of a library, each with its track."""
    return statement.join(Track, col(Track.id) == col(LibraryEntry.track_id)).where(
        col(LibraryEntry.organization_id) == organization_id,
        col(LibraryEntry.user_id) == user_id,
        *_conditions(filters),
    )


def order_entries(statement: Select[Any], order: Order, after: tuple[Any, Any] | None) -> Select[Any]:
    """Sort entries, and begin behind a place if one is given."""
    place = (sort_key(order.sort), _expression(LibraryEntry.id))
    is_rising = order.direction is Direction.ASC
    if after is not None:
        known = zip(after, place, strict=True)
        behind = tuple_(*(part if isinstance(part, BindParameter) else literal(part, own.type) for part, own in known))
        statement = statement.where(tuple_(*place) > behind if is_rising else tuple_(*place) < behind)
    return statement.order_by(*(part.asc() if is_rising else part.desc() for part in place))


def search_text(track_id: Any, user_id: Any) -> ColumnElement[str]:  # noqa: ANN401  values or columns
    """What a search looks into: the title, and the request for a track of one's own. Others' requests are theirs."""
    is_own = col(Track.user_id) == user_id
    # as text the list of styles has brackets and quotes, which are no words
    request = func.concat_ws(" ", col(Generation.prompt), _expression(Generation.style_tags).cast(Text))
    parts = (col(Track.title), case((is_own, request)))
    return (
        select(func.concat_ws(" ", *parts))
        .join_from(Track, Generation, col(Generation.id) == col(Track.generation_id))
        .where(col(Track.id) == track_id)
        .scalar_subquery()
    )


async def update_search_text(session: AsyncSession, track_id: str) -> None:
    """Bring every entry of a track up to its new title."""
    told = search_text(LibraryEntry.track_id, LibraryEntry.user_id)
    await session.execute(update(LibraryEntry).where(col(LibraryEntry.track_id) == track_id).values(about=told))


def sort_key(sort: Sort) -> ColumnElement[Any]:
    """What entries are sorted by."""
    match sort:
        case Sort.SAVED_AT:
            return _expression(LibraryEntry.created_at)
        case Sort.CREATED_AT:
            return _expression(Track.created_at)
        case Sort.TITLE:
            return func.lower(func.coalesce(col(Track.title), ""))
        case Sort.DURATION:
            return func.coalesce(col(Track.measured_duration_seconds), 0.0)
        case _:
            assert_never(sort)


def _expression(column: Any) -> ColumnElement[Any]:  # noqa: ANN401  what a model's attribute is on the class
    return cast("ColumnElement[Any]", column)


def _conditions(filters: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.mode is not None:
        conditions.append(col(Track.mode) == filters.mode)
    if filters.engine is not None:
        conditions.append(col(Track.engine) == filters.engine)
    if filters.collection_id is not None:
        conditions.append(
            exists().where(
                col(CollectionTrack.collection_id) == filters.collection_id,
                col(CollectionTrack.track_id) == col(Track.id),
            )
        )
    if filters.tags:
        conditions.append(_expression(LibraryEntry.tags).contains(list(filters.tags)))
    if filters.is_favourite is not None:
        conditions.append(col(LibraryEntry.is_favourite) == filters.is_favourite)
    if filters.query:
        conditions.append(_WORDS.op("@@")(fulltext.build_tsquery(filters.query)))
    return conditions
