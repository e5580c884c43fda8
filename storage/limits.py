"""Token buckets in Redis: one script, so that no concurrency takes a token twice."""

import asyncio
from dataclasses import dataclass
from typing import Final, cast

import redis.asyncio as redis
from redis.exceptions import RedisError

from core.errors import Unavailable

_PREFIX: Final = "music-studio:limit:"
_PATIENCE_SECONDS: Final = 2.0

_TAKE: Final = """
local capacity, per_second = tonumber(ARGV[1]), tonumber(ARGV[2])
local cost = math.min(tonumber(ARGV[3]), capacity)
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(capacity, (kept[1] or capacity) + math.max(0, now - (kept[2] or now)) * per_second)
local wait = 0
if tokens >= cost then tokens = tokens - cost else wait = math.ceil((cost - tokens) / per_second) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], math.ceil(capacity / per_second) + 1)
return {wait, math.floor(tokens), math.ceil(now + (capacity - tokens) / per_second)}
"""
"""A bucket that holds ``capacity`` tokens and fills at a steady rate, by the clock of Redis.

What costs more than a bucket holds costs a whole one: it would wait for ever.
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Tokens taken, or the seconds to wait for them; what is left, and when (Unix seconds) the bucket is full."""

    wait_seconds: int
    remaining: int
    full_at: int


class RateLimiter:
    """See resolvers.context.Limiter."""

    def __init__(self, address: str) -> None:
        # see storage.events.EventLog
        self._redis: redis.Redis = redis.from_url(address, socket_connect_timeout=2, socket_timeout=None)
        self._script = self._redis.register_script(_TAKE)

    async def take(self, key: str, per_minute: int, burst: int, cost: int = 1) -> Taken:
        """See Limiter."""
        try:
            arguments = [burst, per_minute / 60, cost]
            async with asyncio.timeout(_PATIENCE_SECONDS):
                answer = cast("list[int]", await self._script(keys=[_PREFIX + key], args=arguments))
        except (RedisError, OSError) as error:
            raise Unavailable("Rate limiter is not reachable") from error
        return Taken(*answer)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
