"""Queries on what is known of files by their hashes, of deleted tracks too."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.blobs import content_hash
from storage.tables import FileRole, ForgottenFile, Organization, Track, TrackFile


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file of a track by what it is to it."""

    track: Track
    role: FileRole
    name: str
    media_type: str


async def find_file(session: AsyncSession, digest: str, track_id: str | None) -> KnownFile | None:
    """The track that has or had a file of this SHA-256.

    Of several the one that is named, or the one that allows least, made first: no use is promised that one forbids.
    """
    present = select(Track, col(TrackFile.role), col(TrackFile.name), col(TrackFile.media_type)).join(
        TrackFile, col(TrackFile.track_id) == col(Track.id)
    )
    gone = select(Track, col(ForgottenFile.role), col(ForgottenFile.name), col(ForgottenFile.media_type)).join(
        ForgottenFile, col(ForgottenFile.track_id) == col(Track.id)
    )
    blob_keys = [content_hash.key_of(digest, suffix) for suffix in ("", *content_hash.MEDIA_TYPES)]
    found = [
        await _first(session, present.where(col(TrackFile.blob_key).in_(blob_keys)), track_id),
        await _first(session, gone.where(col(ForgottenFile.digest) == digest), track_id),
    ]
    return min(filter(None, found), key=lambda one: _rank(one.track, track_id), default=None)


async def list_organizations(session: AsyncSession, organization_ids: Collection[str]) -> dict[str, Organization]:
    """Organizations by their ids."""
    rows = await session.scalars(select(Organization).where(col(Organization.id).in_(organization_ids)))
    return {row.id: row for row in rows}


async def _first(
    session: AsyncSession, statement: Select[Track, FileRole, str, str], track_id: str | None
) -> KnownFile | None:
    order = (col(Track.id) != (track_id or ""), col(Track.commercial_use), col(Track.created_at), col(Track.id))
    row = (await session.execute(statement.order_by(*order).limit(1))).first()
    return KnownFile(*row) if row else None


def _rank(track: Track, track_id: str | None) -> tuple[Any, ...]:
    return track.id != (track_id or ""), track.commercial_use, track.created_at, track.id
