"""Lineage of tracks: which track each continues, and which tracks continue it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from resolvers.access.context import Context
from storage.queries import tracks
from storage.tables import Track


async def find_seed_tracks(ctx: Context, track_ids: Collection[str]) -> dict[str, Track]:
    """Return the tracks that these continue, by the continuing track, where the caller may read both."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        return await tracks.list_seed_tracks(session, track_ids, caller.user_id, caller.roles.keys())


async def list_derived_tracks(
    ctx: Context, track_ids: Collection[str], *, limit: int, after: tuple[datetime, str] | None = None
) -> dict[str, Sequence[Track]]:
    """Return a page of the readable tracks that continue each of these, newest first."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        return await tracks.list_derived_tracks(
            session, track_ids, caller.user_id, caller.roles.keys(), limit=limit, after=after
        )


async def count_derived_tracks(ctx: Context, track_ids: Collection[str]) -> dict[str, int]:
    """Return how many readable tracks continue each of these."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        return await tracks.count_derived_tracks(session, track_ids, caller.user_id, caller.roles.keys())
