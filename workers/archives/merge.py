"""Compare archived tracks with existing ones, and import collections."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.track_metadata import TrackOrigin
from resolvers.library.commands import MAX_MEMBERS
from storage.blobs import content_hash
from storage.queries import archives
from storage.tables import Collection, CollectionTrack, FileRole, Track, TrackFile
from workers.archives.documents import FileRecord, Member
from workers.archives.records import ArchiveError

_IMMUTABLE_COLUMNS: Final = (
    "engine",
    "engine_version",
    "seed",
    "mode",
    "instrumental",
    "measured_duration_seconds",
    "created_at",
)


def is_same_track(
    row: Track, stored: Sequence[TrackFile], fields: Mapping[str, Any], archived: Sequence[FileRecord]
) -> bool:
    """Compare immutable columns and the hash of the master.

    Columns like the title may differ, and so may the licence, which depends on whether the receipt was verified.
    """
    masters = {content_hash.digest(file.blob_key) for file in stored if file.role is FileRole.MASTER}
    origin = TrackOrigin.from_json(row.origin)
    if origin is not None and origin.master_sha256 is not None:
        masters.add(origin.master_sha256)
    [archived_master] = [file.sha256 for file in archived if file.role is FileRole.MASTER]
    return archived_master in masters and all(getattr(row, name) == fields[name] for name in _IMMUTABLE_COLUMNS)


async def import_collection(
    session: AsyncSession, fields: Mapping[str, Any], members: Sequence[Member], owner: Mapping[str, Any]
) -> int | None:
    """Insert a collection with those members that belong to the user, and return the number of the others.

    Return None if the collection exists already. Raises ArchiveError if its id belongs to a different one.
    """
    added_at = {member.track_id: member.added_at for member in members[:MAX_MEMBERS]}
    owned = await archives.select_owned_track_ids(session, list(added_at), owner["user_id"])
    track_ids = [track_id for track_id in added_at if track_id in owned]
    existing = await session.get(Collection, fields["id"])
    if existing is not None:
        existing_ids = [member.track_id for member in await archives.list_members(session, existing.id)]
        stored = (existing.user_id, existing.organization_id, existing.deleted_at, existing.name, existing_ids)
        if stored != (owner["user_id"], owner["organization_id"], None, fields["name"], track_ids):
            raise ArchiveError("its id belongs to a different collection")
        return None
    cover = fields["cover_track_id"] if fields["cover_track_id"] in owned else None
    session.add(Collection(**{**fields, "cover_track_id": cover}, **owner))
    await session.flush()
    for position, track_id in enumerate(track_ids):
        placed = {"collection_id": fields["id"], "position": position}
        session.add(CollectionTrack(**placed, track_id=track_id, added_at=added_at[track_id]))
    return len(added_at) - len(track_ids)
