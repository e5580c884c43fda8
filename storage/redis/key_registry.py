"""Which signing keys the live servers and workers use, so that a process with keys of its own is noticed."""

import json
from contextlib import aclosing
from dataclasses import asdict, dataclass
from typing import Final

import redis.asyncio as redis
from redis.exceptions import RedisError

from core.errors import Unavailable

REFRESH_SECONDS: Final = 10.0
_LIVE_SECONDS: Final = 30
_TIMEOUT_SECONDS: Final = 2.0
_KEY: Final = b"music-studio:keys"
"""A sorted set of JSON objects; the score is the time at which one expires, in Unix seconds by the clock of Redis."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """The ids of the keys that a process uses: the first signs, and the others are still accepted.

    ``origin`` names its machine and data folder. A worker has no keys for URLs.
    """

    origin: str
    urls: tuple[str, ...]
    receipts: tuple[str, ...]

    def find_conflict(self, other: "KeyUse") -> str | None:
        """Return ``urls`` or ``receipts`` if one of the processes would not accept what the other signs."""
        if self.origin == other.origin:
            return None
        for name in ("urls", "receipts"):
            own, others = getattr(self, name), getattr(other, name)
            if own and others and (own[0] not in others or others[0] not in own):
                return name
        return None


async def register(address: str, use: KeyUse) -> list[KeyUse]:
    """Register a process for half a minute and return all that are registered. Raises Unavailable."""
    try:
        async with aclosing(_connect(address)) as client:
            now = (await client.time())[0]
            pipeline = client.pipeline()
            pipeline.zremrangebyscore(_KEY, 0, now)
            pipeline.zadd(_KEY, {_encode(use): now + _LIVE_SECONDS})
            pipeline.expire(_KEY, _LIVE_SECONDS)
            pipeline.zrange(_KEY, 0, -1)
            found = (await pipeline.execute())[-1]
    except (RedisError, OSError) as error:
        raise Unavailable("Redis is not reachable") from error
    return [
        KeyUse(**{**each, "urls": tuple(each["urls"]), "receipts": tuple(each["receipts"])})
        for each in map(json.loads, found)
    ]


async def unregister(address: str, use: KeyUse) -> None:
    """Remove a process before it ends. Raises Unavailable."""
    try:
        async with aclosing(_connect(address)) as client:
            await client.zrem(_KEY, _encode(use))
    except (RedisError, OSError) as error:
        raise Unavailable("Redis is not reachable") from error


def _connect(address: str) -> "redis.Redis":
    timeouts = {"socket_connect_timeout": _TIMEOUT_SECONDS, "socket_timeout": _TIMEOUT_SECONDS}
    client: redis.Redis = redis.from_url(address, single_connection_client=True, **timeouts)
    return client


def _encode(use: KeyUse) -> str:
    return json.dumps(asdict(use), sort_keys=True)
