"""Queue positions of generations."""

from collections.abc import Collection

from resolvers.access.context import Context
from storage.queue import positions
from storage.queue.positions import QueuePosition


async def load_positions(ctx: Context, generation_ids: Collection[str]) -> dict[str, QueuePosition]:
    """Return the queue position of each generation that has not ended. The caller must own the generations."""
    async with ctx.services.database.transaction() as session:
        return await positions.load_positions(session, generation_ids)
