"""The event log: what happened to a job, numbered, in Redis. A feed and a wake-up; Postgres stays the truth.

Each topic is a stream whose entry ids are the sequence numbers, bounded and short-lived. Every event is also published
on one channel, so that a process needs one connection to follow all its topics.

A feed is a topic in which many things are told: whoever publishes an event may name the one feed that tells of it too.
Redis numbers what stands in a feed, because nobody else sees the order of what many processes tell.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson
import redis.asyncio as redis
from redis.exceptions import RedisError, ResponseError

from core import asyncio_cancel

log = logging.getLogger(__name__)

_CHANNEL: Final = "music-studio:events"
_STREAM: Final = "music-studio:events:"
_MAX_EVENTS: Final = 512
_EXPIRE_SECONDS: Final = 86_400
_QUEUE_SIZE: Final = 256
_RECONNECT_SECONDS: Final = 0.5
_TIMEOUT_SECONDS: Final = 2.0
"""A Redis that takes a command and does not answer is away, too: no rendering waits for it."""
_EPOCH: Final = 1_767_225_600  # 2026-01-01

_APPEND: Final = f"""
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local after = newest and tonumber(string.match(newest[1], '^%d+')) or 0
local number = math.max(after + 1, tonumber(redis.call('TIME')[1]) - {_EPOCH})
redis.call('XADD', KEYS[1], 'MAXLEN', {_MAX_EVENTS}, number .. '-0', 'fields', ARGV[2])
redis.call('EXPIRE', KEYS[1], {_EXPIRE_SECONDS})
redis.call('PUBLISH', '{_CHANNEL}', string.format('["%s",%d,%s]', ARGV[1], number, ARGV[2]))
"""
"""A feed counts on from its newest entry, and at least from the clock: so it rises when Redis has forgotten all."""


@dataclass(frozen=True, slots=True)
class Event:
    """One change: the id of what changed, the number of the change, and the fields it brought."""

    topic: str
    sequence: int
    fields: dict[str, Any]
    feed: str | None = None  # where it is told, too


class Subscription:
    """The events of one topic from now on. Bounded: a reader that is too slow loses the oldest, never the newest."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._queue: asyncio.Queue[Event] = asyncio.Queue(_QUEUE_SIZE)
        self._has_overflowed = False

    def offer(self, event: Event) -> None:
        """Hand over an event without waiting."""
        if self._queue.full():
            self._queue.get_nowait()
            self._has_overflowed = True
        self._queue.put_nowait(event)

    async def next(self, timeout_seconds: float) -> Event | None:
        """The next event, or None when none came in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                return await self._queue.get()
        return None

    def pop_overflow(self) -> bool:
        """Whether events were lost since this was asked last."""
        has_lost, self._has_overflowed = self._has_overflowed, False
        return has_lost


class EventLog:
    """Publishes events and hands those of other processes to the subscriptions of this one."""

    def __init__(self, address: str) -> None:
        # each call has its own end: redis-py's would be a wait_for, which loses cancellations in Python 3.11
        self._redis: redis.Redis = redis.from_url(
            address, socket_connect_timeout=2, socket_timeout=None, health_check_interval=15
        )
        self._subscriptions: dict[str, set[Subscription]] = defaultdict(set)
        self._reader: asyncio.Task[None] | None = None
        self._is_listening = asyncio.Event()

    async def publish(self, event: Event) -> None:
        """Append to the topic's log, and to the feed's, and tell every process. A lost event costs speed only."""
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS), self._redis.pipeline(transaction=False) as pipe:
                stream, fields = _STREAM + event.topic, orjson.dumps(event.fields)
                pipe.xadd(stream, {"fields": fields}, id=f"{event.sequence}-0", maxlen=_MAX_EVENTS)
                pipe.expire(stream, _EXPIRE_SECONDS)
                pipe.publish(_CHANNEL, orjson.dumps([event.topic, event.sequence, event.fields]))
                if event.feed is not None:
                    told = {**event.fields, "id": event.topic, "sequence": event.sequence}
                    pipe.eval(_APPEND, 1, _STREAM + event.feed, event.feed, orjson.dumps(told))
                for answer in await pipe.execute(raise_on_error=False):
                    # an older number than the newest in the log: a late writer whose place is taken
                    if isinstance(answer, Exception) and not isinstance(answer, ResponseError):
                        raise answer
        except (RedisError, TimeoutError) as error:
            asyncio_cancel.raise_if_cancelling()
            log.warning("event not published", extra={"topic": event.topic, "error": type(error).__name__})

    async def append_to_feed(self, feed: str, fields: dict[str, Any]) -> None:
        """Append to a feed alone. A lost event costs speed only."""
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS), self._redis.pipeline(transaction=False) as pipe:
                pipe.eval(_APPEND, 1, _STREAM + feed, feed, orjson.dumps(fields))
                await pipe.execute()
        except (RedisError, TimeoutError) as error:
            asyncio_cancel.raise_if_cancelling()
            log.warning("event not told", extra={"topic": feed, "error": type(error).__name__})

    async def since(self, topic: str, sequence: int) -> list[Event]:
        """The kept events of a topic that are newer than this number, in order; empty when Redis is away."""
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                answer = await self._redis.xrange(_STREAM + topic, min=f"{sequence + 1}-0")
        except (RedisError, TimeoutError):
            return []
        entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", answer)
        return [
            Event(topic, int(entry_id.split(b"-")[0]), orjson.loads(values[b"fields"])) for entry_id, values in entries
        ]

    async def newest_sequence(self, topic: str) -> int:
        """The number of the newest event that is kept; 0 when there is none, or when Redis is away."""
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                answer = await self._redis.xrevrange(_STREAM + topic, count=1)
        except (RedisError, TimeoutError):
            return 0
        entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", answer)
        return int(entries[0][0].split(b"-")[0]) if entries else 0

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[Subscription]:
        """Follow a topic. Subscribe first, then read the row: so no change falls in between."""
        await self._listen()
        subscription = Subscription(topic)
        self._subscriptions[topic].add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions[topic].discard(subscription)
            if not self._subscriptions[topic]:
                del self._subscriptions[topic]

    async def close(self) -> None:
        """Stop listening and close the connections."""
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        await self._redis.aclose()

    @property
    def subscription_count(self) -> int:
        """How many subscriptions this process serves."""
        return sum(map(len, self._subscriptions.values()))

    async def ping(self) -> None:
        """Raise RedisError or OSError when Redis does not answer."""
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            await self._redis.ping()

    async def _listen(self) -> None:
        if self._reader is None:
            self._reader = asyncio.create_task(self._read_forever())
        with suppress(TimeoutError):
            # Redis away: the subscriber still gets snapshots from Postgres
            async with asyncio.timeout(2):
                await self._is_listening.wait()

    async def _read_forever(self) -> None:
        while not asyncio_cancel.is_cancelling():
            try:
                await self._read()
            except (RedisError, OSError) as error:
                log.warning("event feed lost, connecting again", extra={"error": type(error).__name__})
            self._is_listening.clear()
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _read(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=False) as channel:
            await channel.subscribe(_CHANNEL)
            async for message in channel.listen():
                if message["type"] == "subscribe":
                    self._is_listening.set()
                else:
                    self._deliver(Event(*orjson.loads(message["data"])))

    def _deliver(self, event: Event) -> None:
        for subscription in self._subscriptions.get(event.topic, ()):
            subscription.offer(event)
