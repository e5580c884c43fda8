"""Queries that export and import archives. Tracks and jobs are read in pages, each in a short transaction."""

from collections.abc import Collection as Many
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.jobs import TERMINAL
from storage.queries.owned import is_owned
from storage.queries.pagination import Position, oldest_first
from storage.tables import (
    Collection,
    CollectionTrack,
    FileRole,
    FocusSession,
    Generation,
    LibraryEntry,
    Membership,
    ReferenceAudio,
    Track,
    TrackFile,
)
from storage.tables.columns import OwnedRow, is_any_of

PAGE_SIZE = 50

_IS_ORIGINAL = col(TrackFile.role) != FileRole.DOWNLOAD
"""Converted files are not archived, because they can be rendered again on request."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A user, and the organizations whose data is archived, or only the tracks of them that are selected."""

    user_id: str
    organization_ids: Many[str]
    track_ids: Many[str] | None = None


@dataclass(frozen=True, slots=True)
class ArchivedTrack:
    """A track with its generation, the library entry of its owner and its files."""

    track: Track
    generation: Generation
    entry: LibraryEntry | None
    files: Sequence[TrackFile]


async def list_organization_ids(session: AsyncSession, user_id: str) -> Sequence[str]:
    """List the organizations in which a user is a member or owns a row.

    A membership that only a token grants has no row of its own.
    """
    tables = (Membership, Generation, Collection, LibraryEntry, FocusSession, ReferenceAudio)
    queries = [select(col(table.organization_id)).where(col(table.user_id) == user_id) for table in tables]
    return (await session.scalars(union(*queries).order_by("organization_id"))).all()


async def list_reference_audios(session: AsyncSession, owner: Owner) -> Sequence[ReferenceAudio]:
    """List the owner's uploads, oldest first; their number is limited."""
    is_kept = is_owned(ReferenceAudio, owner.user_id, owner.organization_ids) & col(ReferenceAudio.deleted_at).is_(None)
    statement = select(ReferenceAudio).where(is_kept).order_by(col(ReferenceAudio.created_at), col(ReferenceAudio.id))
    return (await session.scalars(statement)).all()


async def count_tracks_and_bytes(session: AsyncSession, owner: Owner) -> tuple[int, int]:
    """Return the number of the owner's tracks and the total size of their files."""
    tracks = await session.scalar(select(func.count()).where(_is_present(owner)))
    total = select(func.sum(col(TrackFile.size_bytes))).join(Track, col(Track.id) == col(TrackFile.track_id))
    size_bytes = await session.scalar(total.where(_is_present(owner), _IS_ORIGINAL))
    return tracks or 0, int(size_bytes or 0)


async def list_track_ids(session: AsyncSession, owner: Owner) -> Sequence[str]:
    """List the ids of the owner's tracks."""
    return (await session.scalars(select(col(Track.id)).where(_is_present(owner)))).all()


async def list_tracks(session: AsyncSession, owner: Owner, after: Position | None) -> list[ArchivedTrack]:
    """List a page of the owner's tracks, oldest first."""
    is_entry = (col(LibraryEntry.track_id) == col(Track.id)) & (col(LibraryEntry.user_id) == owner.user_id)
    statement = (
        select(Track, Generation, LibraryEntry)
        .join(Generation, col(Generation.id) == col(Track.generation_id))
        .outerjoin(LibraryEntry, is_entry)
        .where(_is_present(owner))
    )
    rows = (await session.execute(oldest_first(statement, Track, after).limit(PAGE_SIZE))).all()
    files: dict[str, list[TrackFile]] = {row[0].id: [] for row in rows}
    originals = select(TrackFile).where(col(TrackFile.track_id).in_(files), _IS_ORIGINAL)
    for file in await session.scalars(originals.order_by(col(TrackFile.role), col(TrackFile.name))):
        files[file.track_id].append(file)
    return [ArchivedTrack(track, generation, entry, files[track.id]) for track, generation, entry in rows]


async def list_jobs_without_track(session: AsyncSession, owner: Owner, after: Position | None) -> Sequence[Generation]:
    """List a page of the owner's ended jobs whose track is missing or deleted, oldest first."""
    has_track = select(Track).where(col(Track.generation_id) == col(Generation.id), col(Track.deleted_at).is_(None))
    statement = select(Generation).where(
        _is_owned(Generation, owner), col(Generation.status).in_(TERMINAL), ~has_track.exists()
    )
    return (await session.scalars(oldest_first(statement, Generation, after).limit(PAGE_SIZE))).all()


async def list_collections(session: AsyncSession, owner: Owner) -> list[tuple[Collection, Sequence[CollectionTrack]]]:
    """List the owner's collections with their members in order, oldest first."""
    statement = select(Collection).where(_is_owned(Collection, owner), col(Collection.deleted_at).is_(None))
    rows = (await session.scalars(oldest_first(statement, Collection))).all()
    return [(row, await list_members(session, row.id)) for row in rows]


async def list_members(session: AsyncSession, collection_id: str) -> Sequence[CollectionTrack]:
    """List the members of a collection in order, without deleted tracks."""
    statement = (
        select(CollectionTrack)
        .join(Track, col(Track.id) == col(CollectionTrack.track_id))
        .where(col(CollectionTrack.collection_id) == collection_id, col(Track.deleted_at).is_(None))
        .order_by(col(CollectionTrack.position))
    )
    return (await session.scalars(statement)).all()


async def list_focus_sessions(session: AsyncSession, owner: Owner) -> Sequence[FocusSession]:
    """List the owner's focus sessions, of a selection those of its segments, oldest first."""
    statement = select(FocusSession).where(_is_owned(FocusSession, owner))
    if owner.track_ids is not None:
        segments = select(col(Generation.session_id)).join(Track, col(Track.generation_id) == col(Generation.id))
        statement = statement.where(col(FocusSession.id).in_(segments.where(_is_present(owner))))
    return (await session.scalars(oldest_first(statement, FocusSession))).all()


async def list_shared_entries(session: AsyncSession, owner: Owner) -> Sequence[LibraryEntry]:
    """List the owner's library entries of other users' tracks."""
    statement = (
        select(LibraryEntry)
        .join(Track, col(Track.id) == col(LibraryEntry.track_id))
        .where(_is_owned(LibraryEntry, owner), col(Track.user_id) != owner.user_id)
    )
    return (await session.scalars(statement.order_by(col(LibraryEntry.created_at)))).all()


async def select_owned_track_ids(session: AsyncSession, track_ids: Many[str], user_id: str) -> set[str]:
    """Return those of the ids whose track belongs to the user and is not deleted."""
    statement = select(col(Track.id)).where(
        col(Track.id).in_(track_ids), col(Track.user_id) == user_id, col(Track.deleted_at).is_(None)
    )
    return set((await session.scalars(statement)).all())


async def set_seed_track(session: AsyncSession, generation_id: str, seed_track_id: str, user_id: str) -> None:
    """Set the track that an imported job continues, if the user owns both."""
    if await select_owned_track_ids(session, [seed_track_id], user_id):
        statement = update(Generation).where(
            col(Generation.id) == generation_id,
            col(Generation.user_id) == user_id,
            col(Generation.seed_track_id).is_(None),
            col(Generation.imported_at).is_not(None),
        )
        await session.execute(statement.values(seed_track_id=seed_track_id))


def _is_owned(table: type[OwnedRow], owner: Owner) -> ColumnElement[bool]:
    return is_owned(table, owner.user_id, owner.organization_ids)


def _is_present(owner: Owner) -> ColumnElement[bool]:
    is_present = _is_owned(Track, owner) & col(Track.deleted_at).is_(None)
    return is_present if owner.track_ids is None else is_present & is_any_of(col(Track.id), owner.track_ids)
