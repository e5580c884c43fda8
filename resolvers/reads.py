"""The reads that callers ask for all the time: as the use cases of their nouns, in one way to Postgres each."""

from core import ids
from core.jobs import Status
from resolvers.access.context import Context
from resolvers.generations import generations
from resolvers.library import libraries, track_urls, tracks
from storage.queries import projections
from storage.queries.libraries import Filter
from storage.tables import Generation, Track


async def job(ctx: Context, generation_id: str, organization_id: str) -> tuple[Generation, Track | None, str | None]:
    """As generations.get; with the track if it succeeded, and a fresh link to it unless it was deleted.

    Raises Unauthenticated, NotAMember, NotFound.
    """
    caller = ctx.member(organization_id)
    if not ids.is_a(ids.Kind.GENERATION, generation_id):
        generations.raise_not_found(generation_id)
    made = await projections.job(ctx.services.database, generation_id, caller.user_id, organization_id)
    if made is None:
        generations.raise_not_found(generation_id)
    if made.job.status is not Status.SUCCEEDED or made.track is None:
        return made.job, None, None
    if made.track.deleted_at is not None or made.master is None:
        return made.job, made.track, None
    return made.job, made.track, await track_urls.url(ctx, made.track, made.master)


async def job_with_track(
    ctx: Context, generation_id: str, organization_id: str
) -> tuple[Generation, Track | None] | None:
    """As generations.find, with what the job made, deleted or not. Raises Unauthenticated, NotAMember."""
    caller = ctx.member(organization_id)
    if not ids.is_a(ids.Kind.GENERATION, generation_id):
        return None
    return await projections.job_with_track(ctx.services.database, generation_id, caller.user_id, organization_id)


async def track(ctx: Context, track_id: str, organization_id: str) -> tuple[Track, track_urls.Links]:
    """As tracks.get, with fresh links. Raises Unauthenticated, NotAMember, NotFound."""
    scope = ctx.scope(organization_id)
    if not ids.is_a(ids.Kind.TRACK, track_id):
        tracks.raise_not_found(track_id)
    found = await projections.track(ctx.services.database, track_id, ctx.caller.user_id, scope)
    if found is None:
        tracks.raise_not_found(track_id)
    return found[0], await track_urls.of_files(ctx, *found)


async def library(
    ctx: Context, organization_id: str, only: Filter, names: tuple[str, ...], *, limit: int, offset: int
) -> str:
    """As libraries.page, its tracks as the inside of a JSON array with these fields. Raises NotAMember."""
    caller = ctx.member(organization_id)
    if not await libraries.may_narrow(ctx, organization_id, only.collection_id):
        return ""
    return await projections.library_json(
        ctx.services.database, organization_id, caller.user_id, only, names, limit=limit, offset=offset
    )
