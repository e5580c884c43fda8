"""Feeds: many things told in one topic, numbered by Redis, bounded, and honest about what was lost."""

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
    """An event log in which nothing stands yet."""
    async with redis.from_url(quiet_redis_url) as connection:
        await connection.flushdb()
    events = EventLog(quiet_redis_url)
    yield events
    await events.close()


async def test_what_many_tell_at_once_is_heard_in_the_order_of_its_numbers(log: EventLog) -> None:
    async def talk(person: int) -> None:
        for number in range(20):
            await log.append_to_feed(FEED, {"kind": "track", "id": f"{person} {number}"})

    assert await log.newest_sequence(FEED) == 0
    async with log.subscribe(FEED) as subscription:
        await asyncio.gather(*map(talk, range(5)))
        kept = await log.since(FEED, 0)
        heard = [await subscription.next(30) for _ in range(100)]
    assert heard == kept
    numbers = [event.sequence for event in kept]
    assert numbers == sorted(set(numbers))
    assert len({event.fields["id"] for event in kept}) == 100
    assert await log.newest_sequence(FEED) == numbers[-1]


async def test_an_event_is_told_in_its_own_topic_and_in_the_feed(log: EventLog) -> None:
    async with log.subscribe("mgen_1") as own, log.subscribe(FEED) as feed:
        await log.publish(Event("mgen_1", 7, {"status": "running"}, FEED))
        await log.publish(Event("mgen_2", 1, {"status": "queued"}))
        first, second = await own.next(30), await feed.next(30)
    assert first == Event("mgen_1", 7, {"status": "running"})
    assert second is not None
    assert second.fields == {"status": "running", "id": "mgen_1", "sequence": 7}
    assert await log.since("mgen_1", 0) == [first]
    assert await log.since(FEED, 0) == [second]


async def test_an_event_that_came_late_is_told_in_the_feed_all_the_same(log: EventLog) -> None:
    for number in (2, 1):
        await log.publish(Event("mgen_1", number, {}, FEED))
    assert [event.sequence for event in await log.since("mgen_1", 0)] == [2]
    assert [event.fields["sequence"] for event in await log.since(FEED, 0)] == [2, 1]


async def test_numbers_rise_when_redis_forgot_everything(log: EventLog, quiet_redis_url: str) -> None:
    await log.append_to_feed(FEED, {})
    before = await log.newest_sequence(FEED)
    async with redis.from_url(quiet_redis_url) as connection:
        await connection.flushdb()
    await log.append_to_feed(FEED, {})
    assert await log.newest_sequence(FEED) >= before
    assert 0 < before <= int(clock.now().timestamp())
    assert before < 2**31


async def test_a_feed_keeps_the_newest_events_only(log: EventLog) -> None:
    for number in range(520):
        await log.append_to_feed(FEED, {"id": number})
    kept = await log.since(FEED, 0)
    assert [event.fields["id"] for event in kept] == list(range(8, 520))


@pytest.mark.parametrize("fields", [{"id": 'quotes " and \\ and %d %s'}, {"id": "é 🎷 \n"}, {}])
async def test_any_fields_come_through(log: EventLog, fields: dict[str, str]) -> None:
    async with log.subscribe(FEED) as subscription:
        await log.append_to_feed(FEED, fields)
        heard = await subscription.next(30)
    assert heard is not None
    assert heard.fields == fields


async def test_a_slow_reader_learns_once_that_events_were_lost() -> None:
    subscription = Subscription(FEED)
    for number in range(300):
        subscription.offer(Event(FEED, number, {}))
    first = await subscription.next(1)
    assert first is not None
    assert first.sequence == 300 - 256
    assert subscription.pop_overflow() is True
    assert subscription.pop_overflow() is False


async def test_a_feed_that_is_away_raises_nothing() -> None:
    away = EventLog("redis://127.0.0.1:1/0")
    await away.append_to_feed(FEED, {})
    await away.publish(Event("mgen_1", 1, {}, FEED))
    assert await away.newest_sequence(FEED) == 0
    assert await away.since(FEED, 0) == []
    await away.close()
