"""Rate limits of requests: a token bucket for each user, and for each address of unauthenticated clients."""

import logging
import math
import time

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


def headers(ctx: Context, result: RateLimitResult, *, is_final: bool = False) -> dict[str, str]:
    """Return the rate-limit headers of a response.

    The limit is the size of the bucket, so that the remaining tokens never exceed it. A response is final if repeating
    the request cannot change it: its reset is the present time, because the official SDK repeats some of these requests
    (409, 429 without `Retry-After`) and sleeps until the reset first.
    """
    return {
        "X-RateLimit-Limit": str(ctx.services.settings.server.requests_burst),
        "X-RateLimit-Remaining": str(result.remaining),
        "X-RateLimit-Reset": str(math.ceil(time.time()) if is_final else result.next_at),
    }
