"""Queries on files by the hash of their content, including files of deleted tracks."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.blobs import content_hash
from storage.tables import FileRole, ImportedReceipt, RemovedFile, Track, TrackFile


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A present or removed file of a track."""

    track: Track
    role: FileRole
    name: str
    media_type: str


async def find_file(session: AsyncSession, digest: str, track_id: str | None) -> KnownFile | None:
    """Find the track that has or had a file with this SHA-256 digest.

    Of several tracks, prefer those that were made here, then the one with ``track_id``, then the one without commercial
    use, then the oldest, so that no use is promised that one of them forbids.
    """
    blob_keys = [content_hash.key_of(digest, suffix) for suffix in ("", *content_hash.MEDIA_TYPES)]
    files = [
        await _find_first(session, TrackFile, col(TrackFile.blob_key).in_(blob_keys), track_id),
        await _find_first(session, RemovedFile, col(RemovedFile.digest) == digest, track_id),
    ]
    return min(filter(None, files), key=lambda file: _rank(file.track, track_id), default=None)


async def _find_first(
    session: AsyncSession, table: type[TrackFile | RemovedFile], is_file: ColumnElement[bool], track_id: str | None
) -> KnownFile | None:
    columns = (col(table.role), col(table.name), col(table.media_type))
    statement = select(Track, *columns).join(table, col(table.track_id) == col(Track.id)).where(is_file)
    is_imported = col(Track.origin).is_not(None)
    order = (
        is_imported,
        col(Track.id) != (track_id or ""),
        col(Track.commercial_use),
        col(Track.created_at),
        col(Track.id),
    )
    row = (await session.execute(statement.order_by(*order).limit(1))).first()
    return KnownFile(*row) if row else None


async def load_imported(session: AsyncSession, track_ids: Collection[str]) -> dict[str, str]:
    """Return the receipts of imported tracks as they came, by track id."""
    statement = select(ImportedReceipt).where(col(ImportedReceipt.track_id).in_(track_ids))
    return {row.track_id: row.content for row in await session.scalars(statement)}


def _rank(track: Track, track_id: str | None) -> tuple[Any, ...]:
    return track.origin is not None, track.id != (track_id or ""), track.commercial_use, track.created_at, track.id
