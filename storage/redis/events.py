"""Event log in Redis: numbered changes of generations and focus sessions. Postgres remains the source of truth.

Each topic is a Redis stream whose entry ids are sequence numbers; streams are bounded and expire. Every event is also
published on one channel, so that a process follows all its topics over one connection.

A feed is a topic that contains events of many resources: an event may name one feed to which it is appended as well.
Redis assigns the numbers in a feed, because several processes append to it.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, cast

import orjson
import redis.asyncio as redis
from redis.exceptions import RedisError

from core import asyncio_cancel
from core.batching import Batcher
from core.errors import Unavailable
from core.network.availability import Availability
from storage.redis.pipeline import CommandPipeline

log = logging.getLogger(__name__)

_CHANNEL: Final = "music-studio:events"
_STREAM: Final = "music-studio:events:"
_MAX_EVENTS: Final = 512
_EXPIRE_SECONDS: Final = 86_400
_QUEUE_SIZE: Final = 256
_RECONNECT_SECONDS: Final = 0.5
_TIMEOUT_SECONDS: Final = 2.0
"""Redis counts as unreachable after this time, so that a command without a reply delays no render."""
_EPOCH: Final = 1_767_225_600  # 2026-01-01

_APPEND: Final = f"""
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local after = newest and tonumber(string.match(newest[1], '^%d+')) or 0
local number = math.max(after + 1, tonumber(redis.call('TIME')[1]) - {_EPOCH})
redis.call('XADD', KEYS[1], 'MAXLEN', {_MAX_EVENTS}, number .. '-0', 'fields', ARGV[2])
redis.call('EXPIRE', KEYS[1], {_EXPIRE_SECONDS})
redis.call('PUBLISH', '{_CHANNEL}', string.format('["%s",%d,%s]', ARGV[1], number, ARGV[2]))
"""
"""The next number follows the newest entry and the clock, so that numbers also rise after Redis has lost its data."""


@dataclass(frozen=True, slots=True)
class Event:
    """A change: the id of the changed resource, the number of the change, and the changed fields."""

    topic: str
    sequence: int
    fields: dict[str, Any]
    feed: str | None = None  # a feed to which the event is appended as well


class Subscription:
    """A bounded queue of new events of one topic. When a reader is too slow, the oldest events are dropped."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._queue: asyncio.Queue[Event] = asyncio.Queue(_QUEUE_SIZE)
        self._has_overflowed = False

    def offer(self, event: Event) -> None:
        """Queue an event without waiting."""
        if self._queue.full():
            self._queue.get_nowait()
            self._has_overflowed = True
        self._queue.put_nowait(event)

    async def next(self, timeout_seconds: float) -> Event | None:
        """Return the next event, or None after the timeout."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                return await self._queue.get()
        return None

    def pop_overflow(self) -> bool:
        """Return whether events were dropped since the last call."""
        has_overflowed, self._has_overflowed = self._has_overflowed, False
        return has_overflowed


class EventLog:
    """Publish events, and deliver those of all processes to the subscriptions of this process."""

    def __init__(self, address: str, availability: Availability | None = None) -> None:
        self._availability = availability or Availability("Redis")
        # each call has its own timeout: redis-py uses asyncio.wait_for, which loses cancellations in Python 3.11
        self._redis: redis.Redis = redis.from_url(
            address, socket_connect_timeout=2, socket_timeout=None, health_check_interval=15
        )
        # events that are published at the same moment share a round trip, in their order
        self._pipeline, self._sends = CommandPipeline(address), Batcher(self._send_all)
        self._subscriptions: dict[str, set[Subscription]] = defaultdict(set)
        self._reader: asyncio.Task[None] | None = None
        self._is_listening = asyncio.Event()

    async def publish(self, event: Event) -> None:
        """Append an event to its topic and feed, and notify every process. A lost event only delays its readers."""
        stream, fields = f"{_STREAM}{event.topic}".encode(), orjson.dumps(event.fields)
        commands = [
            # an error means that a late writer used a number below the newest one of the stream
            [b"XADD", stream, b"MAXLEN", b"~", b"%d" % _MAX_EVENTS, b"%d-0" % event.sequence, b"fields", fields],
            [b"EXPIRE", stream, b"%d" % _EXPIRE_SECONDS],
            [b"PUBLISH", _CHANNEL.encode(), orjson.dumps([event.topic, event.sequence, event.fields])],
        ]
        if event.feed is not None:
            entry = {**event.fields, "id": event.topic, "sequence": event.sequence}
            commands.append(_append_command(event.feed, entry))
        await self._send(event.topic, commands)

    async def append_to_feed(self, feed: str, fields: dict[str, Any]) -> None:
        """Append an event to a feed alone. A lost event only delays its readers."""
        await self._send(feed, [_append_command(feed, fields)])

    async def _send(self, topic: str, commands: Sequence[Sequence[bytes]]) -> None:
        try:
            replies = await self._sends.load(commands)
            if isinstance(replies[-1], RedisError):
                raise replies[-1]
        except (RedisError, OSError, Unavailable) as error:
            asyncio_cancel.raise_if_cancelling()
            log.warning("event not published", extra={"topic": topic, "error": type(error).__name__})

    async def _send_all(self, events: Sequence[Sequence[Sequence[bytes]]]) -> list[list[Any]]:
        async with self._availability.deadline(_TIMEOUT_SECONDS):
            replies = iter(await self._pipeline.run([command for commands in events for command in commands]))
        return [list(islice(replies, len(commands))) for commands in events]

    async def since(self, topic: str, sequence: int) -> list[Event]:
        """Return the stored events of a topic after this number, in order; none when Redis is unreachable."""
        return await self._read_stored(topic, self._redis.xrange(_STREAM + topic, min=f"{sequence + 1}-0"))

    async def newest_sequence(self, topic: str) -> int:
        """Return the number of the newest stored event; 0 without one, or when Redis is unreachable."""
        events = await self._read_stored(topic, self._redis.xrevrange(_STREAM + topic, count=1))
        return events[0].sequence if events else 0

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[Subscription]:
        """Subscribe to a topic. Read the row afterwards, so that no change is missed in between."""
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
        """Stop listening, send what is being published, and close the connections."""
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        await self._sends.finish()
        await self._pipeline.close()
        await self._redis.aclose()

    @property
    def subscription_count(self) -> int:
        """The number of subscriptions in this process."""
        return sum(map(len, self._subscriptions.values()))

    async def ping(self) -> None:
        """Check the connection. Raises RedisError, OSError or Unavailable when Redis does not reply."""
        async with self._availability.deadline(_TIMEOUT_SECONDS):
            await self._redis.ping()

    async def _read_stored(self, topic: str, command: Awaitable[Any]) -> list[Event]:
        try:
            async with self._availability.deadline(_TIMEOUT_SECONDS):
                entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", await command)
        except (RedisError, TimeoutError, Unavailable):
            return []
        return [
            Event(topic, int(entry_id.split(b"-")[0]), orjson.loads(values[b"fields"])) for entry_id, values in entries
        ]

    async def _listen(self) -> None:
        if self._reader is None:
            self._reader = asyncio.create_task(self._read_forever())
        if self._is_listening.is_set():
            return
        with suppress(TimeoutError, Unavailable):
            # without Redis subscribers still receive snapshots from Postgres
            async with self._availability.deadline(_TIMEOUT_SECONDS):
                await self._is_listening.wait()

    async def _read_forever(self) -> None:
        while not asyncio_cancel.is_cancelling():
            try:
                await self._read()
            except (RedisError, OSError) as error:
                log.warning("event subscription lost; reconnecting", extra={"error": type(error).__name__})
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


def _append_command(feed: str, fields: dict[str, Any]) -> list[bytes]:
    return [b"EVAL", _APPEND.encode(), b"1", f"{_STREAM}{feed}".encode(), feed.encode(), orjson.dumps(fields)]
