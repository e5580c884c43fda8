"""Rate limits of requests: a token bucket for each user, and for each address of unauthenticated clients."""

import logging

from core.errors import Unavailable
from resolvers.access.context import Context
from storage.redis.rate_limits import RateLimitResult

log = logging.getLogger(__name__)


async def take(ctx: Context, cost: int = 1) -> RateLimitResult:
    """Take ``cost`` tokens from the caller's bucket.

    While the limiter is unreachable, each server process counts alone, so that no caller is locked out.
    """
    server, services = ctx.services.settings.server, ctx.services
    key = f"user:{ctx.identity.user_id}" if ctx.identity else f"address:{ctx.client_ip}"
    bucket = (server.requests_per_minute, server.requests_burst)
    try:
        return await services.limiter.take(key, *bucket, cost)
    except Unavailable as refusal:
        log.warning("rate limiter unreachable; counting in this process", extra={"reason": refusal.technical})
        return services.local_limiter.take(key, *bucket, cost)


def headers(ctx: Context, result: RateLimitResult) -> dict[str, str]:
    """Return the rate-limit headers of a response."""
    return {
        "X-RateLimit-Limit": str(ctx.services.settings.server.requests_per_minute),
        "X-RateLimit-Remaining": str(result.remaining),
        "X-RateLimit-Reset": str(result.full_at),
    }
