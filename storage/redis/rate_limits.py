"""Token-bucket rate limits: in Redis, where a Lua script takes tokens atomically, and in memory."""

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from redis.exceptions import NoScriptError, RedisError

from core.batching import Batcher
from core.errors import Unavailable
from core.network.availability import Availability
from storage.redis.pipeline import CommandPipeline

_PREFIX: Final = b"music-studio:limit:"
_TIMEOUT_SECONDS: Final = 2.0
_MAX_LOCAL_BUCKETS: Final = 10_000
"""Beyond this number the least recently used bucket is dropped, which makes it full again."""

_TAKE: Final = b"""
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local results = {}
for i, key in ipairs(KEYS) do
    local capacity, per_second = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
    local cost = math.min(tonumber(ARGV[3 * i]), capacity)
    local stored = redis.call('HMGET', key, 'tokens', 'at')
    local tokens = math.min(capacity, (stored[1] or capacity) + math.max(0, now - (stored[2] or now)) * per_second)
    local wait, next_at = 0, now
    if tokens >= cost then
        tokens = tokens - cost
        if tokens < capacity then next_at = now + (math.floor(tokens) + 1 - tokens) / per_second end
    else
        wait = math.ceil((cost - tokens) / per_second)
        next_at = now + (cost - tokens) / per_second
    end
    redis.call('HSET', key, 'tokens', tostring(tokens), 'at', tostring(now))
    redis.call('EXPIRE', key, math.ceil(capacity / per_second) + 1)
    results[i] = string.format('%d %d %d', wait, math.floor(tokens), math.ceil(next_at))
end
return table.concat(results, ',')
"""
"""Take tokens from each bucket of ``capacity`` tokens, which refills at a constant rate by the clock of Redis.

A cost above the capacity is reduced to it, since it could never be paid. The reply is one string for all buckets.
"""

_TAKE_DIGEST: Final = hashlib.sha1(_TAKE, usedforsecurity=False).hexdigest().encode()


@dataclass(frozen=True, slots=True)
class RateLimitResult:
    """Result of taking tokens. ``wait_seconds`` is 0 if they were taken.

    ``next_at`` is in Unix seconds, rounded up: the time at which the next token is added, or at which tokens that could
    not be taken will be available.
    """

    wait_seconds: int
    remaining: int
    next_at: int


class RateLimiter:
    """Token-bucket rate limiter shared by all servers."""

    def __init__(self, address: str, availability: Availability | None = None) -> None:
        self._availability = availability or Availability("Redis")
        # one connection suffices, since one batch is in flight at a time
        self._pipeline = CommandPipeline(address)
        # concurrent callers share a round trip; the script takes their tokens one after the other
        self._takes = Batcher(self._take_all)

    async def take(self, key: str, per_minute: int, burst: int, cost: int = 1) -> RateLimitResult:
        """Take tokens. Raises Unavailable when Redis is unreachable."""
        # bytes spare the client the encoding
        return await self._takes.load((key.encode(), b"%d" % burst, b"%r" % (per_minute / 60), b"%d" % cost))

    async def _take_all(self, requests: list[tuple[bytes, bytes, bytes, bytes]]) -> list[RateLimitResult]:
        arguments = [part for _, *rest in requests for part in rest]
        keys = [_PREFIX + key for key, *_ in requests]
        try:
            async with self._availability.deadline(_TIMEOUT_SECONDS):
                reply = await self._run_script([b"%d" % len(keys), *keys, *arguments])
        except (RedisError, OSError) as error:
            raise Unavailable("Rate limiter is not reachable") from error
        return [RateLimitResult(*map(int, result.split())) for result in reply.split(b",")]

    async def _run_script(self, arguments: Sequence[bytes]) -> bytes:
        [reply] = await self._pipeline.run([[b"EVALSHA", _TAKE_DIGEST, *arguments]])
        if isinstance(reply, NoScriptError):
            [reply] = await self._pipeline.run([[b"EVAL", _TAKE, *arguments]])
        if isinstance(reply, RedisError):
            raise reply
        return cast("bytes", reply)

    async def close(self) -> None:
        """Close the connection when no request is in flight."""
        await self._takes.finish()
        await self._pipeline.close()


class LocalRateLimiter:
    """The interface of RateLimiter in the memory of this process, for use while Redis is unreachable."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, per_minute: int, burst: int, cost: int = 1) -> RateLimitResult:
        """Take tokens like RateLimiter.take."""
        now, per_second, price = time.monotonic(), per_minute / 60, min(cost, burst)
        stored, stored_at = self._buckets.pop(key, (float(burst), now))
        tokens = min(burst, stored + (now - stored_at) * per_second)
        wait = 0 if tokens >= price else math.ceil((price - tokens) / per_second)
        left = tokens if wait else tokens - price
        missing = price - tokens if wait else math.floor(left) + 1 - left
        self._buckets[key] = (left, now)
        if len(self._buckets) > _MAX_LOCAL_BUCKETS:
            self._buckets.popitem(last=False)
        return RateLimitResult(wait, math.floor(left), math.ceil(time.time() + missing / per_second))
