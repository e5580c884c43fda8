"""Follow a generation until it ends."""

import logging
from collections.abc import AsyncGenerator
from typing import Final

from core import jobs
from core.errors import Unavailable
from core.jobs import Status
from resolvers.access.context import Context
from resolvers.generations import generations
from resolvers.generations.generation_events import apply_event
from storage.tables import Generation

log = logging.getLogger(__name__)

_POLL_SECONDS: Final = 5.0
"""How often to read the row when no event arrives: the event log may be unreachable."""


async def watch(ctx: Context, generation_id: str, after: int | None = None) -> AsyncGenerator[Generation, None]:
    """Yield the current state of a generation, or all states after event ``after``, then every change until it ends.

    Raises NotFound.
    """
    async with ctx.services.feed.subscribe(generation_id) as subscription:
        row = await generations.get(ctx, generation_id)
        seen = -1 if after is None else after
        for past in await ctx.services.feed.since(generation_id, seen) if after is not None else ():
            if seen < past.sequence < row.sequence:
                yield apply_event(row, past.sequence, past.fields)
                seen = past.sequence
        if row.sequence > seen or jobs.is_terminal(row.status):
            yield row
            seen = row.sequence
        while not jobs.is_terminal(row.status):
            event = await subscription.next(_POLL_SECONDS)
            if event is not None and event.sequence <= seen:
                continue
            if event is not None and not jobs.is_terminal(Status(event.fields["status"])):
                row = apply_event(row, event.sequence, event.fields)
            else:
                row = await _reload(ctx, row)
            if row.sequence > seen:
                yield row
                seen = row.sequence


async def _reload(ctx: Context, row: Generation) -> Generation:
    """Return the current row, or the last known one while the database is unreachable. Raises NotFound."""
    try:
        return await generations.get(ctx, row.id)
    except Unavailable as refusal:
        log.warning("generation not reloaded; retrying", extra={"reason": refusal.technical})
        return row
