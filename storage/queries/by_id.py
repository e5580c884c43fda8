"""Reads of rows by id without the ORM: one precompiled statement each, run without a session.

They share their conditions with the queries that use a session. Rows that are to be changed are read by the ``lock_…``
functions of the other modules.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Text, and_, bindparam, case, false, literal_column, select
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col

from storage.postgres import compiled
from storage.postgres.compiled import Row
from storage.postgres.database import Database
from storage.queries import generations, tracks
from storage.tables import FileRole, Generation, Organization, Track, TrackFile
from storage.tables.columns import is_any_of, text_array

_IDS: Final = text_array("ids")
_USER_ID: Final[BindParameter[str]] = bindparam("user_id")
_ORGANIZATION_IDS: Final = text_array("organization_ids")


class _Query(Generic[Row]):
    """A precompiled statement that selects rows of one table."""

    def __init__(self, table: type[Row], *conditions: ColumnElement[bool], order: Sequence[Any] = ()) -> None:
        self._rows = compiled.RowType(table)
        statement = select(*self._rows.columns).where(*conditions).order_by(*order)
        self._statement = compiled.compile_statement(statement)

    async def load(self, database: Database, ids: Collection[str], **values: object) -> list[Row]:
        return [self._rows.build(row) for row in await self._statement.fetch(database, ids=list(ids), **values)]


_ORGANIZATIONS: Final = _Query(
    Organization, is_any_of(col(Organization.id), _IDS), order=(Organization.created_at, Organization.id)
)
_GENERATIONS: Final = _Query(
    Generation, is_any_of(col(Generation.id), _IDS), generations.is_visible(_USER_ID, _ORGANIZATION_IDS)
)
_TRACKS: Final = _Query(Track, is_any_of(col(Track.id), _IDS), tracks.is_readable(_USER_ID, _ORGANIZATION_IDS))
_TRACKS_OF_GENERATIONS: Final = _Query(Track, is_any_of(col(Track.generation_id), _IDS))
_FILE_ORDER: Final = (TrackFile.track_id, TrackFile.role, TrackFile.name)
_FILES: Final = _Query(TrackFile, is_any_of(col(TrackFile.track_id), _IDS), order=_FILE_ORDER)
_FILES_OF_ROLE: Final = _Query(
    TrackFile, is_any_of(col(TrackFile.track_id), _IDS), col(TrackFile.role) == bindparam("role"), order=_FILE_ORDER
)

_TRACK: Final = compiled.RowType(Track)
_FILE_OF_TRACK: Final = compiled.RowType(TrackFile, start=_TRACK.end)
_TRACK_WITH_FILES: Final = compiled.compile_statement(
    select(*_TRACK.columns, *_FILE_OF_TRACK.columns)
    .outerjoin(TrackFile, col(TrackFile.track_id) == col(Track.id))
    .where(col(Track.id) == bindparam("id"), tracks.is_readable(_USER_ID, _ORGANIZATION_IDS))
    .order_by(col(TrackFile.role), col(TrackFile.name))
)


async def load_organizations(database: Database, organization_ids: Collection[str]) -> list[Organization]:
    """Load those of the organizations that exist, oldest first."""
    return await _ORGANIZATIONS.load(database, organization_ids)


async def load_generations(
    database: Database, generation_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> list[Generation]:
    """Load those of the generations that the user owns in these organizations, without segments."""
    scope = list(organization_ids)
    return await _GENERATIONS.load(database, generation_ids, user_id=user_id, organization_ids=scope)


async def load_tracks(
    database: Database, track_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> list[Track]:
    """Load those of the tracks that the user may read in these organizations."""
    return await _TRACKS.load(database, track_ids, user_id=user_id, organization_ids=list(organization_ids))


async def load_tracks_of_generations(database: Database, generation_ids: Collection[str]) -> list[Track]:
    """Load the tracks of these generations, including deleted ones."""
    return await _TRACKS_OF_GENERATIONS.load(database, generation_ids)


async def load_files(database: Database, track_ids: Collection[str], role: FileRole | None = None) -> list[TrackFile]:
    """Load the files of these tracks, all or those of a role, by role and name."""
    return await (_FILES_OF_ROLE.load(database, track_ids, role=role) if role else _FILES.load(database, track_ids))


async def load_track_with_files(
    database: Database, track_id: str, user_id: str, organization_ids: Collection[str]
) -> tuple[Track, list[TrackFile]] | None:
    """Load a track that the user may read, with all its files."""
    scope = list(organization_ids)
    rows = await _TRACK_WITH_FILES.fetch(database, id=track_id, user_id=user_id, organization_ids=scope)
    if not rows:
        return None
    files = [file for row in rows if (file := _FILE_OF_TRACK.build_or_none(row)) is not None]
    return _TRACK.build(rows[0]), files


class GenerationKey(NamedTuple):
    """A generation, and the user and the organization that must own it."""

    id: str
    user_id: str
    organization_id: str


GENERATION_KEYS: Final = compiled.input_rows(id=Text(), user_id=Text(), organization_id=Text())
# a CASE hides the owner from the planner, which would estimate one row for the index of owners, however many they have
IS_VISIBLE_BY_KEY: Final = case(
    (
        col(Generation.id) == GENERATION_KEYS.c.id,
        generations.is_visible(GENERATION_KEYS.c.user_id, array([GENERATION_KEYS.c.organization_id])),
    ),
    else_=false(),
)
IS_TRACK_OF_GENERATION: Final = and_(
    col(Track.generation_id) == col(Generation.id), col(Track.user_id) == col(Generation.user_id)
)


@dataclass(frozen=True, slots=True)
class GenerationWithTrack:
    """A generation, its track, which may be deleted, and the master file of the track."""

    generation: Generation
    track: Track | None
    master: TrackFile | None


class GenerationProjection:
    """Reads a generation with its track. The rows have the named columns; without names, all of them."""

    def __init__(self, generation: tuple[str, ...] = (), track: tuple[str, ...] = ()) -> None:
        self._generation = compiled.RowType(Generation, *generation, start=1)
        self._track = compiled.RowType(Track, *track, start=self._generation.end)
        self._master = compiled.RowType(TrackFile, "role", "name", "blob_key", "media_type", start=self._track.end)
        keys = GENERATION_KEYS
        is_master = and_(
            col(TrackFile.track_id) == col(Track.id),
            col(TrackFile.role) == literal_column(f"'{FileRole.MASTER}'"),
            col(TrackFile.name) == literal_column("''"),
        )
        self._statement = compiled.compile_statement(
            select(keys.c.ordinality, *self._generation.columns, *self._track.columns, *self._master.columns)
            .select_from(keys)
            .join(Generation, col(Generation.id) == keys.c.id)
            .outerjoin(Track, IS_TRACK_OF_GENERATION)
            .outerjoin(TrackFile, is_master)
            .where(IS_VISIBLE_BY_KEY),
            # planning takes eight times as long as the execution
            has_generic_plan=True,
        )

    async def load(
        self, database: Database, generation_id: str, user_id: str, organization_id: str
    ) -> GenerationWithTrack | None:
        """Load a generation that the user owns in this organization. Concurrent calls share a statement."""
        return await database.batcher(self._load_many).load(GenerationKey(generation_id, user_id, organization_id))

    async def _load_many(self, database: Database, keys: list[GenerationKey]) -> list[GenerationWithTrack | None]:
        return await self._statement.fetch_each(database, keys, self._build)

    def _build(self, row: tuple[Any, ...]) -> GenerationWithTrack:
        track, master = self._track.build_or_none(row), self._master.build_or_none(row)
        return GenerationWithTrack(self._generation.build(row), track, master)


WHOLE_GENERATION: Final = GenerationProjection()

GENERATION_STATUS: Final = GenerationProjection(
    ("id", "status", "progress", "engine", "mode", "created_at", "error_message", "refusal_reason"),
    (
        *("id", "organization_id", "title", "engine", "mode", "instrumental", "measured_duration_seconds"),
        *("licence_class", "deleted_at"),
    ),
)
"""The columns of a status response and of the signed URL in it; the tables are wide."""
