"""How long a caller may have to wait."""

from collections.abc import Collection

from resolvers.access.context import Context
from storage.queue import positions
from storage.queue.positions import QueuePosition


async def standings(ctx: Context, generation_ids: Collection[str]) -> dict[str, QueuePosition]:
    """The standings of jobs that were found to be the caller's before; none for those that have ended."""
    async with ctx.services.database.transaction() as session:
        return await positions.load_positions(session, generation_ids)
