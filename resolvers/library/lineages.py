"""What a track continues, and what continues it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from resolvers.access.context import Context
from storage.queries import lineages
from storage.tables import Track


async def seeds(ctx: Context, track_ids: Collection[str]) -> dict[str, Track]:
    """The tracks that these continue, where the caller may read both, by the continuing track."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        return await lineages.list_seed_tracks(session, track_ids, caller.user_id, caller.roles.keys())


async def derived(
    ctx: Context, track_ids: Collection[str], *, limit: int, after: tuple[datetime, str] | None = None
) -> dict[str, Sequence[Track]]:
    """Of each track so many that continue it and that the caller may read, newest first."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        return await lineages.list_derived_tracks(
            session, track_ids, caller.user_id, caller.roles.keys(), limit=limit, after=after
        )


async def counts(ctx: Context, track_ids: Collection[str]) -> dict[str, int]:
    """How many tracks continue each, that the caller may read."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        return await lineages.count_derived_tracks(session, track_ids, caller.user_id, caller.roles.keys())
