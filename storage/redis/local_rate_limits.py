"""Token buckets in the memory of this process, used while Redis is unreachable."""

import math
import time
from collections import OrderedDict
from typing import Final

from storage.redis.rate_limits import RateLimitResult

_MAX_BUCKETS: Final = 10_000
"""Beyond this number the least recently used bucket is dropped, which makes it full again."""


class LocalRateLimiter:
    """The interface of storage.redis.rate_limits.RateLimiter without I/O; each server counts for itself."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, per_minute: int, burst: int, cost: int = 1) -> RateLimitResult:
        """Take tokens. See resolvers.access.context.Limiter."""
        now, per_second, price = time.monotonic(), per_minute / 60, min(cost, burst)
        stored, stored_at = self._buckets.pop(key, (float(burst), now))
        tokens = min(burst, stored + (now - stored_at) * per_second)
        wait = 0 if tokens >= price else math.ceil((price - tokens) / per_second)
        left = tokens if wait else tokens - price
        self._buckets[key] = (left, now)
        if len(self._buckets) > _MAX_BUCKETS:
            self._buckets.popitem(last=False)
        return RateLimitResult(wait, math.floor(left), math.ceil(time.time() + (burst - left) / per_second))
