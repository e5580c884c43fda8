"""Tracks: what a caller may read, keep and delete."""

from collections.abc import Collection, Mapping
from typing import NoReturn

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids
from core.activity import ActivityKind
from core.errors import Forbidden, NotFound, Problem
from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.library import track_urls
from resolvers.library.commands import UpdateTrack
from resolvers.organizations import activity
from storage.queries import by_id, collections, libraries, tracks
from storage.queries.tracks import Lock
from storage.tables import LibraryEntry, Track


async def find(ctx: Context, track_id: str, organization_id: str | None = None) -> Track | None:
    """A track that the caller made or saved, in one or any of its organizations. Raises Unauthenticated, NotAMember."""
    scope = ctx.scope(organization_id)
    if not ids.is_a(ids.Kind.TRACK, track_id):
        return None
    found = await by_id.load_tracks(ctx.services.database, [track_id], ctx.caller.user_id, scope)
    return found[0] if found else None


async def get(ctx: Context, track_id: str, organization_id: str | None = None) -> Track:
    """As ``find``, and raises NotFound."""
    return await find(ctx, track_id, organization_id) or raise_not_found(track_id)


async def get_with_urls(ctx: Context, track_id: str, organization_id: str) -> tuple[Track, track_urls.Links]:
    """As ``get``, with new signed URLs of the master and the stems."""
    scope = ctx.scope(organization_id)
    if not ids.is_a(ids.Kind.TRACK, track_id):
        raise_not_found(track_id)
    found = await by_id.load_track_with_files(ctx.services.database, track_id, ctx.caller.user_id, scope)
    if found is None:
        raise_not_found(track_id)
    return found[0], await track_urls.of_files(ctx, *found)


async def save(ctx: Context, track_id: str, organization_id: str | None = None) -> LibraryEntry:
    """Keep a track in the caller's library; the same entry again for one that is there.

    Raises Unauthenticated, NotAMember, NotFound.
    """
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        track = await _within(session, track_id, ctx.caller.user_id, scope, Lock.SHARE) or raise_not_found(track_id)
        entry = LibraryEntry(
            id=ids.new(ids.Kind.LIBRARY_ENTRY),
            organization_id=track.organization_id,
            user_id=ctx.caller.user_id,
            track_id=track.id,
        )
        kept, is_new = await tracks.save_to_library(session, entry)
    if is_new:
        await activity.tell(ctx, kept.organization_id, ActivityKind.LIBRARY_ENTRY, track.id)
    return kept


async def unsave(ctx: Context, track_id: str, organization_id: str | None = None) -> Track:
    """Take a track out of the library; harmless when it is not there. Raises Unauthenticated, NotAMember, NotFound."""
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        track = await _within(session, track_id, ctx.caller.user_id, scope) or raise_not_found(track_id)
        emptied = await tracks.remove_from_library(session, track.id, ctx.caller.user_id)
    if emptied is not None:
        await activity.tell(ctx, emptied, ActivityKind.TRACK_REMOVED, track.id)
    return track


async def update(
    ctx: Context, track_id: str, fields: Mapping[str, object], organization_id: str | None = None
) -> Track:
    """Change what is named; whoever saved the track sees it too.

    Raises Unauthenticated, NotAMember, NotFound, InvalidInput, Forbidden for who saved it but did not make it.
    """
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        track = await _within(session, track_id, ctx.caller.user_id, scope, Lock.UPDATE) or raise_not_found(track_id)
        if track.user_id != ctx.caller.user_id:
            raise Forbidden("Only the creator may change a track")
        changes = validation.changes(validation.read(UpdateTrack, fields))
        for name, value in changes.items():
            setattr(track, name, value)
        await session.flush()
        if changes:
            await libraries.update_search_text(session, track.id)
    if changes:
        await activity.tell(ctx, track.organization_id, ActivityKind.TRACK, track.id)
    return track


async def delete(ctx: Context, track_id: str, organization_id: str | None = None) -> Track:
    """Take a track from everybody: out of libraries and collections, its links say that it is gone. Its row stays.

    Raises Unauthenticated, NotAMember, NotFound, Forbidden for who saved it but did not make it.
    """
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        track = await _within(session, track_id, ctx.caller.user_id, scope, Lock.UPDATE) or raise_not_found(track_id)
        if track.user_id != ctx.caller.user_id:
            raise Forbidden("Only the creator may delete a track")
        for collection_id in await collections.lock_containing(session, track.id):
            await collections.remove(session, collection_id, track.id)
        await tracks.mark_deleted(session, track.id, clock.now())
    await activity.tell(ctx, track.organization_id, ActivityKind.TRACK_REMOVED, track.id)
    return track


async def readable(ctx: Context, track_ids: Collection[str]) -> dict[str, Track]:
    """Those of the tracks that the caller may read, by id. Raises Unauthenticated."""
    caller = ctx.caller
    named = [track_id for track_id in track_ids if ids.is_a(ids.Kind.TRACK, track_id)]
    rows = await by_id.load_tracks(ctx.services.database, named, caller.user_id, caller.roles.keys())
    return {row.id: row for row in rows}


async def made_by(ctx: Context, generation_ids: Collection[str]) -> dict[str, Track]:
    """What the caller's jobs made, by the job's id; deleted tracks are still what a job made."""
    user_id = ctx.caller.user_id
    rows = await by_id.load_tracks_of_generations(ctx.services.database, generation_ids)
    return {row.generation_id: row for row in rows if row.user_id == user_id}


async def held(session: AsyncSession, ctx: Context, track_id: str, scope: Collection[str]) -> Track | None:
    """A track that the caller may read, and that nobody deletes before the transaction ends."""
    return await _within(session, track_id, ctx.caller.user_id, scope, Lock.SHARE)


async def unreadable(session: AsyncSession, ctx: Context, field: str, value: object) -> list[Problem]:
    """What is wrong with a field that names a track: nothing when it is left out, or no text at all."""
    if not isinstance(value, str):
        return []
    if await held(session, ctx, value.strip(), ctx.caller.roles.keys()):
        return []
    return [Problem((field,), "Must be a track that you can read.")]


def raise_not_found(track_id: str) -> NoReturn:
    """The one answer for a track that is missing, deleted, or not the caller's."""
    raise NotFound("Music track", track_id=track_id)


async def _within(
    session: AsyncSession, track_id: str, user_id: str, scope: Collection[str], lock: Lock = Lock.NONE
) -> Track | None:
    if not ids.is_a(ids.Kind.TRACK, track_id):
        return None
    return await tracks.find_readable(session, track_id, user_id, scope, lock)
