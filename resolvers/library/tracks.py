"""Tracks: read, save to the library, rename and delete; which tracks continue which."""

from collections.abc import Collection
from typing import NoReturn

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids
from core.activity import ActivityKind
from core.errors import Forbidden, NotFound, Problem
from resolvers.access import own_rows, validation
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.library import track_urls
from resolvers.library.commands import UpdateTrack
from resolvers.library.track_urls import TrackUrls
from storage.queries import by_id, collections, libraries, tracks
from storage.queries.tracks import Lock
from storage.tables import LibraryEntry, Track


async def find(ctx: Context, track_id: str, organization_id: str | None = None) -> Track | None:
    """Return a track that the caller made or saved, in one or any of its organizations."""
    scope = ctx.scope(organization_id)
    if not ids.is_a(ids.Kind.TRACK, track_id):
        return None
    found = await by_id.load_tracks(ctx.services.database, [track_id], ctx.caller.user_id, scope)
    return found[0] if found else None


async def get(ctx: Context, track_id: str, organization_id: str | None = None) -> Track:
    """As ``find``, but raise NotFound instead of returning None."""
    return await find(ctx, track_id, organization_id) or raise_not_found(track_id)


async def get_with_urls(ctx: Context, track_id: str, organization_id: str) -> tuple[Track, TrackUrls]:
    """As ``get``, with new signed URLs of the master and the stems."""
    scope = ctx.scope(organization_id)
    if not ids.is_a(ids.Kind.TRACK, track_id):
        raise_not_found(track_id)
    database = ctx.services.database
    found = await by_id.load_track_with_files(database, track_id, ctx.caller.user_id, scope)
    if found is None:
        raise_not_found(track_id)
    track, files = found
    return track, await track_urls.sign_master_and_stems(ctx, track, files)


async def find_many(ctx: Context, track_ids: Collection[str]) -> dict[str, Track]:
    """Return those of the tracks that the caller may read, by id."""
    caller = ctx.caller
    valid_ids = [track_id for track_id in track_ids if ids.is_a(ids.Kind.TRACK, track_id)]
    database = ctx.services.database
    rows = await by_id.load_tracks(database, valid_ids, caller.user_id, caller.roles.keys())
    return {row.id: row for row in rows}


async def find_by_generations(ctx: Context, generation_ids: Collection[str]) -> dict[str, Track]:
    """Return the tracks of the caller's generations, by generation id, deleted ones included."""
    user_id = ctx.caller.user_id
    rows = await by_id.load_tracks_of_generations(ctx.services.database, generation_ids)
    return {row.generation_id: row for row in rows if row.user_id == user_id}


find_seed_tracks = own_rows.for_caller(tracks.list_seed_tracks)
"""Return the tracks that these continue, by the continuing track, where the caller may read both."""

list_derived_tracks = own_rows.for_caller(tracks.list_derived_tracks)
"""Return a page of the readable tracks that continue each of these, newest first."""

count_derived_tracks = own_rows.for_caller(tracks.count_derived_tracks)
"""Return how many readable tracks continue each of these."""


async def save(ctx: Context, track_id: str, organization_id: str | None = None) -> LibraryEntry:
    """Save a track to the caller's library, or return the entry that is there. Raises NotFound."""
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        track = await find_readable(session, ctx, track_id, scope) or raise_not_found(track_id)
        new = LibraryEntry(
            id=ids.new(ids.Kind.LIBRARY_ENTRY),
            organization_id=track.organization_id,
            user_id=ctx.caller.user_id,
            track_id=track.id,
        )
        entry, is_new = await tracks.save_to_library(session, new)
    if is_new:
        await ctx.publish_activity(entry.organization_id, ActivityKind.LIBRARY_ENTRY, track.id)
    return entry


async def unsave(ctx: Context, track_id: str, organization_id: str | None = None) -> Track:
    """Remove a track from the caller's library; nothing changes if it is not there. Raises NotFound."""
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        track = await find_readable(session, ctx, track_id, scope, Lock.NONE) or raise_not_found(track_id)
        library_organization_id = await tracks.remove_from_library(session, track.id, ctx.caller.user_id)
    if library_organization_id is not None:
        await ctx.publish_activity(library_organization_id, ActivityKind.TRACK_REMOVED, track.id)
    return track


async def update(
    ctx: Context, track_id: str, request: Unvalidated[UpdateTrack], organization_id: str | None = None
) -> Track:
    """Change the fields that were sent, for every user who saved the track.

    Raises NotFound, InvalidInput, Forbidden (the caller saved the track but did not create it).
    """
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        track = await find_readable(session, ctx, track_id, scope, Lock.UPDATE) or raise_not_found(track_id)
        if track.user_id != ctx.caller.user_id:
            raise Forbidden("Only the creator may change a track")
        changes = validation.changes(request.validate())
        ctx.services.policy.require({"title": changes.get("title")})
        for name, value in changes.items():
            setattr(track, name, value)
        await session.flush()
        if changes:
            await libraries.update_search_text(session, track.id)
    if changes:
        await ctx.publish_activity(track.organization_id, ActivityKind.TRACK, track.id)
    return track


async def delete(ctx: Context, track_id: str, organization_id: str | None = None) -> Track:
    """Remove a track from all libraries and collections and mark it as deleted; its row stays for audit and billing.

    Raises NotFound, Forbidden (the caller saved the track but did not create it).
    """
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        track = await find_readable(session, ctx, track_id, scope, Lock.UPDATE) or raise_not_found(track_id)
        if track.user_id != ctx.caller.user_id:
            raise Forbidden("Only the creator may delete a track")
        for collection_id in await collections.lock_containing(session, track.id):
            await collections.remove(session, collection_id, track.id)
        await tracks.mark_deleted(session, track.id, clock.now())
    await ctx.publish_activity(track.organization_id, ActivityKind.TRACK_REMOVED, track.id)
    return track


async def find_readable(
    session: AsyncSession, ctx: Context, track_id: str, scope: Collection[str], lock: Lock = Lock.SHARE
) -> Track | None:
    """Return a track that the caller may read; by default it is locked against deletion."""
    if not ids.is_a(ids.Kind.TRACK, track_id):
        return None
    return await tracks.find_readable(session, track_id, ctx.caller.user_id, scope, lock)


async def check_readable(session: AsyncSession, ctx: Context, field: str, track_id: object) -> list[Problem]:
    """Return the problem of a field that must be the id of a readable track; none for a value that is no string."""
    if not isinstance(track_id, str) or await find_readable(session, ctx, track_id.strip(), ctx.caller.roles.keys()):
        return []
    return [Problem((field,), "Must be a track that you can read.")]


def raise_not_found(track_id: str) -> NoReturn:
    """Refuse a track that is missing, deleted or not readable; all get the same response."""
    raise NotFound("Music track", track_id=track_id)
