"""How often a caller may ask: one bucket a user, whichever door."""

import logging

from core.errors import Unavailable
from resolvers.context import Context
from storage.limits import Taken

log = logging.getLogger(__name__)


async def take(ctx: Context) -> Taken | None:
    """Count a request of a known caller; None while nobody can count, for nobody is locked out by a lost counter."""
    server = ctx.services.settings.server
    try:
        return await ctx.services.limiter.take(
            f"user:{ctx.caller.user_id}", server.requests_per_minute, server.requests_burst
        )
    except Unavailable as refusal:
        log.warning("request not counted", extra={"reason": refusal.technical})
        return None
