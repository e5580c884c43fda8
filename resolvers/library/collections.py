"""Collections: ordered lists of tracks, dense from 0, whatever happens at once."""

from collections.abc import Collection as Many
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NoReturn

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids
from core.errors import Conflict, NotFound
from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.library import tracks
from resolvers.library.commands import MAX_MEMBERS, AddTrack, CreateCollection, ReorderCollection, UpdateCollection
from storage.queries import collections
from storage.tables import Collection, CollectionTrack, Track


async def create(ctx: Context, organization_id: str, fields: Mapping[str, object]) -> Collection:
    """A new, empty collection. Raises NotAMember, InvalidInput."""
    caller = ctx.member(organization_id)
    async with ctx.services.database.transaction() as session:
        known = await tracks.unreadable(session, ctx, "cover_track_id", fields.get("cover_track_id"))
        command = validation.read(CreateCollection, fields, known=known)
        row = Collection(
            id=ids.new(ids.Kind.COLLECTION),
            organization_id=organization_id,
            user_id=caller.user_id,
            name=command.name,
            description=command.description,
            cover_track_id=command.cover_track_id,
            cover_image_url=command.cover_image_url,
        )
        session.add(row)
    return row


async def find(ctx: Context, collection_id: str, organization_id: str | None = None) -> Collection | None:
    """A collection of the caller's, in one or any of its organizations. Raises Unauthenticated, NotAMember."""
    scope = ctx.scope(organization_id)
    if not ids.is_a(ids.Kind.COLLECTION, collection_id):
        return None
    async with ctx.services.database.transaction() as session:
        return next(iter(await collections.list_owned(session, [collection_id], ctx.caller.user_id, scope)), None)


async def get(ctx: Context, collection_id: str, organization_id: str | None = None) -> Collection:
    """As ``find``, and raises NotFound."""
    return await find(ctx, collection_id, organization_id) or raise_not_found(collection_id)


async def list_(
    ctx: Context,
    organization_id: str,
    *,
    limit: int,
    offset: int = 0,
    after: tuple[datetime, str] | None = None,
) -> Sequence[Collection]:
    """The caller's collections, newest first. Raises NotAMember."""
    caller = ctx.member(organization_id)
    async with ctx.services.database.transaction() as session:
        return await collections.page(session, organization_id, caller.user_id, limit=limit, offset=offset, after=after)


async def counts(ctx: Context, collection_ids: Sequence[str]) -> dict[str, int]:
    """How many members collections have that were found to be the caller's before."""
    async with ctx.services.database.transaction() as session:
        return await collections.count_members(session, collection_ids)


async def update(
    ctx: Context, collection_id: str, fields: Mapping[str, object], organization_id: str | None = None
) -> Collection:
    """Change what is named. Raises Unauthenticated, NotAMember, NotFound, InvalidInput."""
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        known = await tracks.unreadable(session, ctx, "cover_track_id", fields.get("cover_track_id"))
        row = await _locked(ctx, session, collection_id, scope)
        changes = validation.changes(validation.read(UpdateCollection, fields, known=known))
        for name, value in changes.items():
            setattr(row, name, value)
        row.updated_at = clock.now()
        return row


async def delete(ctx: Context, collection_id: str, organization_id: str | None = None) -> Collection:
    """Take a collection away; its tracks stay. Raises Unauthenticated, NotAMember, NotFound."""
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await _locked(ctx, session, collection_id, scope)
        row.deleted_at = clock.now()
        return row


async def add(
    ctx: Context, collection_id: str, fields: Mapping[str, object], organization_id: str | None = None
) -> Track:
    """Append a track that the caller can read; a member already is no error.

    Raises Unauthenticated, NotAMember, NotFound (collection or track), InvalidInput, Conflict when it is full.
    """
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        wanted = fields.get("track_id")
        track = await tracks.held(session, ctx, wanted.strip(), scope) if isinstance(wanted, str) else None
        row = await _locked(ctx, session, collection_id, scope)
        track_id = validation.read(AddTrack, fields).track_id
        if track is None or track.organization_id != row.organization_id:
            tracks.raise_not_found(track_id)
        count = (await collections.count_members(session, [row.id]))[row.id]
        is_new = await collections.append(session, row.id, track_id, count)
        if is_new and count >= MAX_MEMBERS:
            raise Conflict(f"Collection is full: it holds {MAX_MEMBERS} tracks")
        if is_new:
            row.updated_at = clock.now()
        return track


async def remove(ctx: Context, collection_id: str, track_id: str, organization_id: str | None = None) -> Collection:
    """Take a member out and close the gap; not a member is no error. Raises Unauthenticated, NotAMember, NotFound."""
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await _locked(ctx, session, collection_id, scope)
        if ids.is_a(ids.Kind.TRACK, track_id) and await collections.remove(session, row.id, track_id):
            row.updated_at = clock.now()
        return row


async def reorder(
    ctx: Context, collection_id: str, fields: Mapping[str, object], organization_id: str | None = None
) -> Collection:
    """Named members first, in the order named; the others behind them as they were.

    Raises Unauthenticated, NotAMember, NotFound, InvalidInput.
    """
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await _locked(ctx, session, collection_id, scope)
        wanted = validation.read(ReorderCollection, fields).ordered_track_ids
        present = [member.track_id for member in await collections.list_members(session, row.id, limit=MAX_MEMBERS)]
        is_member = set(present)
        first = [track_id for track_id in dict.fromkeys(wanted) if track_id in is_member]
        # a dict keeps the order and drops what comes again
        await collections.reorder(session, row.id, list(dict.fromkeys([*first, *present])))
        row.updated_at = clock.now()
        return row


async def members(
    ctx: Context, collection_id: str, organization_id: str | None = None, *, limit: int, offset: int = 0
) -> Sequence[CollectionTrack]:
    """The members by position. Raises Unauthenticated, NotAMember, NotFound."""
    row = await get(ctx, collection_id, organization_id)
    async with ctx.services.database.transaction() as session:
        return await collections.list_members(session, row.id, limit=limit, offset=offset)


async def placed(ctx: Context, collection_ids: Sequence[str], *, limit: int, offset: int) -> dict[str, Sequence[Track]]:
    """The members' tracks of collections that were found to be the caller's before, by position."""
    async with ctx.services.database.transaction() as session:
        return await collections.list_tracks(session, collection_ids, limit=limit, offset=offset)


async def mine(ctx: Context, collection_ids: Many[str]) -> dict[str, Collection]:
    """Those of the collections that are the caller's, by id. Raises Unauthenticated."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        named = [collection_id for collection_id in collection_ids if ids.is_a(ids.Kind.COLLECTION, collection_id)]
        rows = await collections.list_owned(session, named, caller.user_id, caller.roles.keys())
    return {row.id: row for row in rows}


async def count(ctx: Context, organization_id: str) -> int:
    """How many collections the caller has. Raises NotAMember."""
    caller = ctx.member(organization_id)
    async with ctx.services.database.transaction() as session:
        return await collections.count(session, organization_id, caller.user_id)


def raise_not_found(collection_id: str) -> NoReturn:
    """The one answer for a collection that is missing, deleted, or somebody else's."""
    raise NotFound("Music collection", collection_id=collection_id)


async def _locked(ctx: Context, session: AsyncSession, collection_id: str, scope: Many[str]) -> Collection:
    if not ids.is_a(ids.Kind.COLLECTION, collection_id):
        raise_not_found(collection_id)
    row = await collections.lock_owned(session, collection_id, ctx.caller.user_id, scope)
    return row or raise_not_found(collection_id)
