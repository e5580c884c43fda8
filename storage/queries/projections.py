"""The reads that are asked for all the time, each in one statement, without a session and without an ORM.

Which rows are whose is said where it is said for everybody else: these statements are made of the same conditions.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Float,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.sql.sqltypes import DateTime
from sqlmodel import col

from storage.postgres import compiled, records
from storage.postgres.compiled import Statement
from storage.postgres.database import Database
from storage.queries import generations, libraries, tracks
from storage.queries.libraries import NEWEST_FIRST, Filter, Order, SavedTrack, SortKey
from storage.tables import FileRole, Generation, LibraryEntry, Track, TrackFile
from storage.tables.columns import text_array

_USER: Final = compiled.text_parameter("user_id")
_SCOPE: Final = text_array("organization_ids")
_ISO: Final = """'YYYY-MM-DD"T"HH24:MI:SS"Z"'"""


@dataclass(frozen=True, slots=True)
class Made:
    """A job, what it made, and the file to play."""

    job: Generation
    track: Track | None
    master: TrackFile | None


# of a table that is wide, what REST tells and what a link needs
_OF_JOB: Final = records.RowType(
    Generation,
    *("id", "status", "progress", "engine", "mode", "created_at", "error_message", "refusal_reason"),
    start=1,
)
_ITS_TRACK: Final = records.RowType(
    Track,
    *("id", "organization_id", "title", "engine", "mode", "instrumental", "measured_duration_seconds"),
    *("licence_class", "deleted_at"),
    start=_OF_JOB.end,
)
_ITS_MASTER: Final = records.RowType(TrackFile, "role", "name", "blob_key", "media_type", start=_ITS_TRACK.end)

_IS_ITS_TRACK: Final = and_(
    col(Track.generation_id) == col(Generation.id), col(Track.user_id) == col(Generation.user_id)
)
_IS_ITS_MASTER: Final = and_(
    col(TrackFile.track_id) == col(Track.id),
    col(TrackFile.role) == literal_column(f"'{FileRole.MASTER}'"),
    col(TrackFile.name) == literal_column("''"),
)


class Wanted(NamedTuple):
    """Whose job is looked for, and where."""

    id: str
    user_id: str
    organization_id: str


_ASKED: Final = compiled.input_rows(id=Text(), user_id=Text(), organization_id=Text())


def _each(*columns: Any) -> Select[Any]:  # noqa: ANN401  columns of any type
    """Jobs of their owners', with the track if one made it, and which question found them."""
    scope = array([_ASKED.c.organization_id])
    return (
        select(_ASKED.c.place, *columns)
        .select_from(_ASKED)
        .join(Generation, col(Generation.id) == _ASKED.c.id)
        .outerjoin(Track, _IS_ITS_TRACK)
        .where(*generations.is_owned(_ASKED.c.user_id, scope))
    )


_JOBS: Final = compiled.compile_statement(
    _each(*_OF_JOB.columns, *_ITS_TRACK.columns, *_ITS_MASTER.columns).outerjoin(TrackFile, _IS_ITS_MASTER)
)


async def job(database: Database, generation_id: str, user_id: str, organization_id: str) -> Made | None:
    """As generations.owned, with the track if it made one, a deleted one too, and its master."""
    return await database.batcher(_jobs).load(Wanted(generation_id, user_id, organization_id))


async def _jobs(database: Database, wanted: list[Wanted]) -> list[Made | None]:
    return [
        None if row is None else Made(_OF_JOB.build(row), _ITS_TRACK.build_or_none(row), _ITS_MASTER.build_or_none(row))
        for row in await _JOBS.fetch_each(database, wanted)
    ]


_WHOLE_JOB: Final = records.RowType(Generation, start=1)
_ITS_WHOLE_TRACK: Final = records.RowType(Track, start=_WHOLE_JOB.end)

_WITH_TRACKS: Final = compiled.compile_statement(_each(*_WHOLE_JOB.columns, *_ITS_WHOLE_TRACK.columns))


async def job_with_track(
    database: Database, generation_id: str, user_id: str, organization_id: str
) -> tuple[Generation, Track | None] | None:
    """As ``job``, with all that either row tells."""
    return await database.batcher(_jobs_with_tracks).load(Wanted(generation_id, user_id, organization_id))


async def _jobs_with_tracks(database: Database, wanted: list[Wanted]) -> list[tuple[Generation, Track | None] | None]:
    return [
        None if row is None else (_WHOLE_JOB.build(row), _ITS_WHOLE_TRACK.build_or_none(row))
        for row in await _WITH_TRACKS.fetch_each(database, wanted)
    ]


_TRACK: Final = records.RowType(Track)
_ITS_FILE: Final = records.RowType(TrackFile, start=_TRACK.end)

_WITH_FILES: Final = compiled.compile_statement(
    select(*_TRACK.columns, *_ITS_FILE.columns)
    .outerjoin(TrackFile, col(TrackFile.track_id) == col(Track.id))
    .where(col(Track.id) == bindparam("id"), tracks.is_readable(_USER, _SCOPE))
    .order_by(col(TrackFile.role), col(TrackFile.name))
)


async def track(
    database: Database, track_id: str, user_id: str, organization_ids: Collection[str]
) -> tuple[Track, list[TrackFile]] | None:
    """As tracks.readable, one track with all of its files."""
    scope = list(organization_ids)
    found = await _WITH_FILES.fetch(database, id=track_id, user_id=user_id, organization_ids=scope)
    if not found:
        return None
    every = [tuple(row) for row in found]
    return _TRACK.build(every[0]), [file for row in every if (file := _ITS_FILE.build_or_none(row)) is not None]


LIGHT_TRACK: Final = records.columns_without_json(Track)
"""What is never long of a track."""


class Named(NamedTuple):
    """Columns that will be looked at: of entries, and of their tracks, where no name stands for all."""

    entry: tuple[str, ...]
    track: tuple[str, ...]


WHOLE: Final = Named(("id", "source", "tags", "is_favourite", "created_at"), ())
"""All that is told of entries and of tracks."""


async def library(
    database: Database,
    organization_id: str,
    user_id: str,
    only: Filter,
    order: Order = NEWEST_FIRST,
    *,
    limit: int,
    after: tuple[SortKey, str] | None = None,
    named: Named = WHOLE,
) -> Sequence[SavedTrack]:
    """As libraries.page, for what has_shape says yes to; of both tables what is named."""
    asked = _asked(only)
    values = {**asked, "organization_id": organization_id, "user_id": user_id, "limit": limit, "offset": 0}
    if after is not None:
        values |= {"after_key": after[0], "after_id": after[1]}
    statement = _library(named, tuple(asked), order, is_behind=after is not None)
    found = map(tuple, await statement.fetch(database, **values))
    entry, track = _kinds(named)
    return [SavedTrack(entry.build(row), track.build(row), row[-1]) for row in found]


async def library_json(
    database: Database,
    organization_id: str,
    user_id: str,
    only: Filter,
    names: tuple[str, ...],
    *,
    limit: int,
    offset: int,
) -> str:
    """The tracks of a page as the inside of a JSON array; of each what is named, null for what no track has."""
    asked = _asked(only)
    values = {**asked, "organization_id": organization_id, "user_id": user_id, "limit": limit, "offset": offset}
    (row,) = await _library_json(tuple(asked), names).fetch(database, **values)
    return row[0] or ""


def has_shape(only: Filter) -> bool:
    """Whether a library narrowed like this is read without a session: not one that is searched by words or tags."""
    return not only.query and not only.tags


def _asked(only: Filter) -> dict[str, Any]:
    narrowed = {name: getattr(only, name) for name in ("mode", "engine", "collection_id", "is_favourite")}
    return {name: value for name, value in narrowed.items() if value is not None}


def _shape(asked: tuple[str, ...]) -> Filter:
    return Filter(**{name: bindparam(name) for name in asked})  # type: ignore[arg-type]


@lru_cache(maxsize=256)
def _kinds(named: Named) -> tuple[records.RowType[LibraryEntry], records.RowType[Track]]:
    entry = records.RowType(LibraryEntry, *named.entry)
    return entry, records.RowType(Track, *named.track, start=entry.end)


@lru_cache(maxsize=256)
def _library(named: Named, asked: tuple[str, ...], order: Order, *, is_behind: bool) -> Statement:
    columns = [column for kind in _kinds(named) for column in kind.columns]
    statement: Select[Any] = select(*columns, libraries.sort_key(order.sort)).select_from(LibraryEntry)
    statement = libraries.select_library(statement, bindparam("organization_id"), _USER, _shape(asked))
    key_type = libraries.sort_key(order.sort).type
    after = (bindparam("after_key", type_=key_type), bindparam("after_id", type_=Text)) if is_behind else None
    return compiled.compile_statement(_cut(libraries.order_entries(statement, order, after)))


@lru_cache(maxsize=256)
def _library_json(asked: tuple[str, ...], names: tuple[str, ...]) -> Statement:
    columns = [_written(name).label(name) for name in names]
    statement = libraries.select_library(
        select(*columns).select_from(LibraryEntry), bindparam("organization_id"), _USER, _shape(asked)
    )
    item = _cut(libraries.order_entries(statement, NEWEST_FIRST, None)).subquery("item")
    whole = func.string_agg(cast(func.row_to_json(literal_column("item")), Text), literal_column("','"))
    return compiled.compile_statement(select(whole).select_from(item))


def _cut(statement: Select[Any]) -> Select[Any]:
    return statement.limit(bindparam("limit")).offset(bindparam("offset"))


def _written(name: str) -> ColumnElement[Any]:
    """A field of a track as both doors write it: moments in whole seconds, floats with a point, no infinity."""
    if name not in Track.__table__.columns:  # type: ignore[attr-defined]
        return null()
    column: Column[Any] = Track.__table__.columns[name]  # type: ignore[attr-defined]
    if isinstance(column.type, DateTime):
        return func.to_char(func.timezone(literal_column("'UTC'"), column), literal_column(_ISO))
    if isinstance(column.type, Float):
        text = cast(column, Text)
        is_whole = and_(column == func.trunc(column), column < literal_column("1e15"))
        whole = func.concat(text, literal_column("'.0'"))
        return cast(case((column > literal_column("1.7e308"), null()), (is_whole, whole), else_=text), JSON)
    return column
