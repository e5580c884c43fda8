"""Comparing and putting: whether a track is the very same, and what becomes of a collection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import RootModel
from sqlalchemy.ext.asyncio import AsyncSession

from resolvers.library.commands import MAX_MEMBERS
from storage.blobs import content_hash
from storage.queries import archives
from storage.tables import Collection, CollectionTrack, FileRole, Track, TrackFile
from workers.archives.records import FileRecord, Member

RECEIPT_FIELDS: Final = (
    "kind",
    "version",
    "track_id",
    "engine",
    "engine_version",
    "seed",
    "made_at",
    "licence",
    "digital_source_type",
)
"""What a receipt says that holds wherever the track is."""

_FACTS: Final = (
    "engine",
    "engine_version",
    "seed",
    "mode",
    "instrumental",
    "measured_duration_seconds",
    "licence_class",
    "licence_version",
    "commercial_use",
    "requires_attribution",
    "created_at",
)

AnyDocument = RootModel[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class CollectionResult:
    """What became of a collection. ``left_out`` members are not the user's here."""

    is_new: bool = False
    is_conflict: bool = False
    skipped_count: int = 0


def is_same_track(
    row: Track, kept: Sequence[TrackFile], fields: Mapping[str, Any], files: Sequence[FileRecord]
) -> bool:
    """Whether what never changes is the same: facts, licence, and the master's bytes. Titles may have changed."""
    mine = {(file.role, file.name): content_hash.digest(file.blob_key) for file in kept if file.role is FileRole.MASTER}
    theirs = {(file.role, file.name): file.sha256 for file in files if file.role is FileRole.MASTER}
    return mine == theirs and all(getattr(row, name) == fields[name] for name in _FACTS)


async def import_collection(
    session: AsyncSession, fields: Mapping[str, Any], members: Sequence[Member], own: Mapping[str, Any]
) -> CollectionResult:
    """Make the collection with those of its members that are the user's here; leave one that is there as it is."""
    wanted = {member.track_id: member.added_at for member in members[:MAX_MEMBERS]}
    mine = await archives.select_owned_track_ids(session, list(wanted), own["user_id"])
    kept = [track_id for track_id in wanted if track_id in mine]
    there = await session.get(Collection, fields["id"])
    if there is not None:
        present = [member.track_id for member in await archives.list_members(session, there.id)]
        is_same = (there.user_id, there.organization_id) == (own["user_id"], own["organization_id"])
        is_same = is_same and there.deleted_at is None and there.name == fields["name"] and present == kept
        return CollectionResult(is_conflict=not is_same)
    cover = fields["cover_track_id"] if fields["cover_track_id"] in mine else None
    session.add(Collection(**{**fields, "cover_track_id": cover}, **own))
    await session.flush()
    for position, track_id in enumerate(kept):
        row = CollectionTrack(
            collection_id=fields["id"], track_id=track_id, position=position, added_at=wanted[track_id]
        )
        session.add(row)
    return CollectionResult(is_new=True, skipped_count=len(wanted) - len(kept))
