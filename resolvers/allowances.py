"""How often a caller may ask: one bucket a user, whichever door."""

import logging

from core.errors import Unavailable
from resolvers.context import Context
from storage.limits import Taken

log = logging.getLogger(__name__)


async def take(ctx: Context, cost: int = 1) -> Taken:
    """Count a request of a known caller: ``cost`` tokens of the bucket. Raises Unauthenticated.

    Nobody who is known is locked out by a lost counter: until it is back, each server counts for itself.
    """
    server, services = ctx.services.settings.server, ctx.services
    key, bucket = f"user:{ctx.caller.user_id}", (server.requests_per_minute, server.requests_burst)
    try:
        return await services.limiter.take(key, *bucket, cost)
    except Unavailable as refusal:
        log.warning("request counted by this server alone", extra={"reason": refusal.technical})
        return services.spare_limiter.take(key, *bucket, cost)


def headers(ctx: Context, taken: Taken) -> dict[str, str]:
    """What is left, as both doors tell it."""
    return {
        "X-RateLimit-Limit": str(ctx.services.settings.server.requests_per_minute),
        "X-RateLimit-Remaining": str(taken.remaining),
        "X-RateLimit-Reset": str(taken.full_at),
    }
