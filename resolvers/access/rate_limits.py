"""How often a caller may ask: one bucket a user, whichever door; one an address for callers whom nobody knows."""

import logging

from core.errors import Unavailable
from resolvers.access.context import Context
from storage.redis.rate_limits import RateLimitResult

log = logging.getLogger(__name__)


async def take(ctx: Context, cost: int = 1) -> RateLimitResult:
    """Count a request of the caller: ``cost`` tokens of the bucket.

    Nobody is locked out by a lost counter: until it is back, each server counts for itself.
    """
    server, services = ctx.services.settings.server, ctx.services
    who = f"user:{ctx.identity.user_id}" if ctx.identity else f"address:{ctx.client_ip}"
    bucket = (server.requests_per_minute, server.requests_burst)
    try:
        return await services.limiter.take(who, *bucket, cost)
    except Unavailable as refusal:
        log.warning("request counted by this server alone", extra={"reason": refusal.technical})
        return services.local_limiter.take(who, *bucket, cost)


def headers(ctx: Context, taken: RateLimitResult) -> dict[str, str]:
    """What is left, as both doors tell it."""
    return {
        "X-RateLimit-Limit": str(ctx.services.settings.server.requests_per_minute),
        "X-RateLimit-Remaining": str(taken.remaining),
        "X-RateLimit-Reset": str(taken.full_at),
    }
