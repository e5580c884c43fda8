"""Token buckets in this process's memory: what counts while Redis is away, each server for itself."""

import math
import time
from collections import OrderedDict
from typing import Final

from storage.redis.rate_limits import RateLimitResult

_MAX_BUCKETS: Final = 10_000
"""Buckets that are kept; the one that was asked least recently goes first, and is full when it comes again."""


class LocalRateLimiter:
    """As storage.redis.rate_limits.RateLimiter, without a wait and without other servers."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, per_minute: int, burst: int, cost: int = 1) -> RateLimitResult:
        """See resolvers.access.context.Limiter; never away."""
        now, per_second, price = time.monotonic(), per_minute / 60, min(cost, burst)
        held, at = self._buckets.pop(key, (float(burst), now))
        tokens = min(burst, held + (now - at) * per_second)
        wait = 0 if tokens >= price else math.ceil((price - tokens) / per_second)
        left = tokens if wait else tokens - price
        self._buckets[key] = (left, now)
        if len(self._buckets) > _MAX_BUCKETS:
            self._buckets.popitem(last=False)
        return RateLimitResult(wait, math.floor(left), math.ceil(time.time() + (burst - left) / per_second))
