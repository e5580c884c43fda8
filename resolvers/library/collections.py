"""Collections: ordered lists of tracks whose positions count from 0 without gaps, also under concurrent changes."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from core import clock, ids
from core.errors import Conflict
from resolvers.access import own_rows, validation
from resolvers.access.context import Context
from resolvers.access.own_rows import OwnRows
from resolvers.access.validation import Unvalidated
from resolvers.library import tracks
from resolvers.library.commands import (
    MAX_MEMBERS,
    AddCollectionTrack,
    CreateCollection,
    ReorderCollection,
    UpdateCollection,
)
from storage.queries import collections
from storage.tables import Collection, CollectionTrack, Track

_ROWS: Final = OwnRows(Collection, ids.Kind.COLLECTION, "Music collection", "collection_id")

find, get, find_many = _ROWS.find, _ROWS.get, _ROWS.find_many
list_page, count = _ROWS.list_page, _ROWS.count


async def create(ctx: Context, organization_id: str, request: Unvalidated[CreateCollection]) -> Collection:
    """Create an empty collection. Raises InvalidInput."""
    caller = ctx.require_member(organization_id)
    async with ctx.services.database.transaction() as session:
        problems = await tracks.check_readable(session, ctx, "cover_track_id", request.fields.get("cover_track_id"))
        command = request.validate(known_problems=problems)
        ctx.services.policy.require({"name": command.name, "description": command.description})
        row = Collection(
            id=ids.new(ids.Kind.COLLECTION),
            organization_id=organization_id,
            user_id=caller.user_id,
            **asdict(command),
        )
        session.add(row)
    return row


async def update(
    ctx: Context, collection_id: str, request: Unvalidated[UpdateCollection], organization_id: str | None = None
) -> Collection:
    """Change the fields that were sent. Raises NotFound, InvalidInput."""
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        problems = await tracks.check_readable(session, ctx, "cover_track_id", request.fields.get("cover_track_id"))
        row = await _ROWS.lock(ctx, session, collection_id, scope)
        changes = validation.changes(request.validate(known_problems=problems))
        ctx.services.policy.require({name: changes.get(name) for name in ("name", "description")})
        for name, value in changes.items():
            setattr(row, name, value)
        row.updated_at = clock.now()
        return row


async def delete(ctx: Context, collection_id: str, organization_id: str | None = None) -> Collection:
    """Delete a collection but not its tracks. Raises NotFound."""
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await _ROWS.lock(ctx, session, collection_id, scope)
        row.deleted_at = clock.now()
        return row


async def add_track(
    ctx: Context, collection_id: str, request: Unvalidated[AddCollectionTrack], organization_id: str | None = None
) -> Track:
    """Append a track that the caller can read; nothing changes if it is a member already.

    Raises NotFound (collection or track), InvalidInput, Conflict (collection is full).
    """
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        # lock the track before the collection, as a deletion of the track does
        sent_id = request.fields.get("track_id")
        track = await tracks.find_readable(session, ctx, sent_id.strip(), scope) if isinstance(sent_id, str) else None
        row = await _ROWS.lock(ctx, session, collection_id, scope)
        track_id = request.validate().track_id
        if track is None or track.organization_id != row.organization_id:
            tracks.raise_not_found(track_id)
        member_count = (await collections.count_members(session, [row.id]))[row.id]
        is_new = await collections.append(session, row.id, track_id, member_count)
        if is_new and member_count >= MAX_MEMBERS:
            raise Conflict(f"Collection is full: it holds {MAX_MEMBERS} tracks")
        if is_new:
            row.updated_at = clock.now()
        return track


async def remove_track(
    ctx: Context, collection_id: str, track_id: str, organization_id: str | None = None
) -> Collection:
    """Remove a member and close the gap; nothing changes if the track is no member. Raises NotFound."""
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await _ROWS.lock(ctx, session, collection_id, scope)
        if ids.is_a(ids.Kind.TRACK, track_id) and await collections.remove(session, row.id, track_id):
            row.updated_at = clock.now()
        return row


async def reorder(
    ctx: Context, collection_id: str, request: Unvalidated[ReorderCollection], organization_id: str | None = None
) -> Collection:
    """Move the given members to the front, in their order; the others follow in their present order.

    Raises NotFound, InvalidInput.
    """
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await _ROWS.lock(ctx, session, collection_id, scope)
        ordered_ids = request.validate().ordered_track_ids
        members = [member.track_id for member in await collections.list_members(session, row.id, limit=MAX_MEMBERS)]
        member_ids = set(members)
        first = [track_id for track_id in ordered_ids if track_id in member_ids]
        # a dict keeps the order of first occurrences
        await collections.reorder(session, row.id, list(dict.fromkeys([*first, *members])))
        row.updated_at = clock.now()
        return row


async def list_members(
    ctx: Context, collection_id: str, organization_id: str | None = None, *, limit: int, offset: int = 0
) -> Sequence[CollectionTrack]:
    """Return the members by position. Raises NotFound."""
    row = await get(ctx, collection_id, organization_id)
    async with ctx.services.database.transaction() as session:
        return await collections.list_members(session, row.id, limit=limit, offset=offset)


list_tracks = own_rows.unchecked(collections.list_tracks)
"""Return a page of each collection's tracks by position. The caller must own the collections."""


count_members = own_rows.unchecked(collections.count_members)
"""Return the number of members of each collection. The caller must own the collections."""
