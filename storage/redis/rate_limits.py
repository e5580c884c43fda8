"""Token buckets in Redis: one script, so that no concurrency takes a token twice."""

import asyncio
from dataclasses import dataclass
from typing import Final, cast

import redis.asyncio as redis
from redis.exceptions import RedisError

from core.batching import Batcher
from core.errors import Unavailable

_PREFIX: Final = b"music-studio:limit:"
_TIMEOUT_SECONDS: Final = 2.0

_TAKE: Final = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local taken = {}
for i, key in ipairs(KEYS) do
    local capacity, per_second = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
    local cost = math.min(tonumber(ARGV[3 * i]), capacity)
    local kept = redis.call('HMGET', key, 'tokens', 'at')
    local tokens = math.min(capacity, (kept[1] or capacity) + math.max(0, now - (kept[2] or now)) * per_second)
    local wait = 0
    if tokens >= cost then tokens = tokens - cost else wait = math.ceil((cost - tokens) / per_second) end
    redis.call('HSET', key, 'tokens', tostring(tokens), 'at', tostring(now))
    redis.call('EXPIRE', key, math.ceil(capacity / per_second) + 1)
    local full_at = math.ceil(now + (capacity - tokens) / per_second)
    taken[i] = string.format('%d %d %d', wait, math.floor(tokens), full_at)
end
return table.concat(taken, ',')
"""
"""Buckets that hold ``capacity`` tokens and fill at a steady rate, by the clock of Redis; one after the other.

What costs more than a bucket holds costs a whole one: it would wait for ever. One text tells of all of them.
"""


@dataclass(frozen=True, slots=True)
class RateLimitResult:
    """Tokens taken, or the seconds to wait for them; what is left, and when (Unix seconds) the bucket is full."""

    wait_seconds: int
    remaining: int
    full_at: int


class RateLimiter:
    """See resolvers.access.context.Limiter."""

    def __init__(self, address: str) -> None:
        # see storage.redis.events.EventLog; one connection, since one question is on its way at a time
        self._redis: redis.Redis = redis.from_url(
            address, socket_connect_timeout=2, socket_timeout=None, single_connection_client=True
        )
        self._script = self._redis.register_script(_TAKE)
        # callers of the same moment share a way to Redis; each has its own turn at its bucket
        self._takes = Batcher(self._take_all)

    async def take(self, key: str, per_minute: int, burst: int, cost: int = 1) -> RateLimitResult:
        """See Limiter."""
        # bytes need no second thought of the client's
        return await self._takes.load((key.encode(), b"%d" % burst, b"%r" % (per_minute / 60), b"%d" % cost))

    async def _take_all(self, asked: list[tuple[bytes, bytes, bytes, bytes]]) -> list[RateLimitResult]:
        arguments = [part for _, *rest in asked for part in rest]
        keys = [_PREFIX + key for key, *_ in asked]
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                told = cast("bytes", await self._script(keys=keys, args=arguments))
        except (RedisError, OSError) as error:
            raise Unavailable("Rate limiter is not reachable") from error
        return [RateLimitResult(*map(int, answer.split())) for answer in told.split(b",")]

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
