"""The event log: order, feeds, limits, and an unreachable Redis."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
import redis.asyncio as redis

from core import clock
from storage.redis.events import Event, EventLog, Subscription

FEED: Final = "activity:org_test:user_test"


@pytest_asyncio.fixture
async def log(quiet_redis_url: str) -> AsyncIterator[EventLog]:
    """An empty event log."""
    async with redis.from_url(quiet_redis_url) as connection:
        await connection.flushdb()
    events = EventLog(quiet_redis_url)
    yield events
    await events.close()


async def test_concurrent_events_are_delivered_in_the_order_of_their_numbers(log: EventLog) -> None:
    async def append(writer: int) -> None:
        for number in range(20):
            await log.append_to_feed(FEED, {"kind": "track", "id": f"{writer} {number}"})

    assert await log.newest_sequence(FEED) == 0
    async with log.subscribe(FEED) as subscription:
        await asyncio.gather(*map(append, range(5)))
        stored = await log.since(FEED, 0)
        delivered = [await subscription.next(30) for _ in range(100)]
    assert delivered == stored
    numbers = [event.sequence for event in stored]
    assert numbers == sorted(set(numbers))
    assert len({event.fields["id"] for event in stored}) == 100
    assert await log.newest_sequence(FEED) == numbers[-1]


async def test_an_event_is_published_in_its_topic_and_in_the_feed(log: EventLog) -> None:
    async with log.subscribe("mgen_1") as own, log.subscribe(FEED) as feed:
        await log.publish(Event("mgen_1", 7, {"status": "running"}, FEED))
        await log.publish(Event("mgen_2", 1, {"status": "queued"}))
        first, second = await own.next(30), await feed.next(30)
    assert first == Event("mgen_1", 7, {"status": "running"})
    assert second is not None
    assert second.fields == {"status": "running", "id": "mgen_1", "sequence": 7}
    assert await log.since("mgen_1", 0) == [first]
    assert await log.since(FEED, 0) == [second]


async def test_an_event_whose_publisher_is_cancelled_is_sent_before_the_log_closes(
    log: EventLog, quiet_redis_url: str
) -> None:
    other = EventLog(quiet_redis_url)
    publisher = asyncio.create_task(other.publish(Event("mgen_1", 7, {"status": "running"})))
    # until it waits for Redis
    await asyncio.sleep(0)
    publisher.cancel()
    await other.close()
    assert publisher.cancelled()
    assert await log.since("mgen_1", 0) == [Event("mgen_1", 7, {"status": "running"})]


async def test_an_event_out_of_order_is_appended_to_the_feed_only(log: EventLog) -> None:
    for number in (2, 1):
        await log.publish(Event("mgen_1", number, {}, FEED))
    assert [event.sequence for event in await log.since("mgen_1", 0)] == [2]
    assert [event.fields["sequence"] for event in await log.since(FEED, 0)] == [2, 1]


async def test_numbers_rise_after_redis_has_lost_its_data(log: EventLog, quiet_redis_url: str) -> None:
    await log.append_to_feed(FEED, {})
    before = await log.newest_sequence(FEED)
    async with redis.from_url(quiet_redis_url) as connection:
        await connection.flushdb()
    await log.append_to_feed(FEED, {})
    assert await log.newest_sequence(FEED) >= before
    assert 0 < before <= int(clock.now().timestamp())
    assert before < 2**31


async def test_a_feed_is_trimmed_to_the_newest_events(log: EventLog) -> None:
    for number in range(520):
        await log.append_to_feed(FEED, {"id": number})
    stored = await log.since(FEED, 0)
    assert [event.fields["id"] for event in stored] == list(range(8, 520))


@pytest.mark.parametrize("fields", [{"id": 'quotes " and \\ and %d %s'}, {"id": "é 🎷 \n"}, {}])
async def test_any_fields_are_delivered_unchanged(log: EventLog, fields: dict[str, str]) -> None:
    async with log.subscribe(FEED) as subscription:
        await log.append_to_feed(FEED, fields)
        event = await subscription.next(30)
    assert event is not None
    assert event.fields == fields


async def test_an_overflow_is_reported_once() -> None:
    subscription = Subscription(FEED)
    for number in range(300):
        subscription.offer(Event(FEED, number, {}))
    first = await subscription.next(1)
    assert first is not None
    assert first.sequence == 300 - 256
    assert subscription.pop_overflow() is True
    assert subscription.pop_overflow() is False


async def test_an_unreachable_redis_raises_nothing() -> None:
    unreachable = EventLog("redis://127.0.0.1:1/0")
    await unreachable.append_to_feed(FEED, {})
    await unreachable.publish(Event("mgen_1", 1, {}, FEED))
    assert await unreachable.newest_sequence(FEED) == 0
    assert await unreachable.since(FEED, 0) == []
    await unreachable.close()
