"""Cancellations: who is told to end ends, whatever a driver makes of it; else a rendering waits for its heartbeat."""

import asyncio
from collections import Counter
from contextlib import nullcontext, suppress

import pytest
from sqlalchemy import text

from core.errors import Unavailable
from storage.redis.events import Event, EventLog
from tests.support.installation import Site
from tests.support.polling import wait_for

MANY = 40


@pytest.mark.parametrize("state", ["well", "silent"])
async def test_who_publishes_ends_when_told(site: Site, state: str) -> None:
    log, calls = EventLog(str(site.settings.redis_url)), Counter[int]()

    async def publish(number: int) -> None:
        while True:
            calls[number] += 1
            await log.publish(Event(f"topic-{number}", calls[number], {}))

    least = 3 if state == "well" else 1
    with nullcontext() if state == "well" else site.services.valkey.frozen():
        tasks = [asyncio.create_task(publish(number)) for number in range(MANY)]
        await _until_each(calls, least)
        assert await _ended(tasks) == MANY
    await log.close()


@pytest.mark.parametrize("state", ["well", "restarted"])
async def test_who_writes_ends_when_told(site: Site, state: str) -> None:
    calls = Counter[int]()

    async def write(number: int) -> None:
        while True:
            calls[number] += 1
            with suppress(Unavailable):
                async with site.database.transaction() as session:
                    await session.execute(text("SELECT pg_sleep(0.01)"))

    tasks = [asyncio.create_task(write(number)) for number in range(MANY)]
    await _until_each(calls, 2)
    if state == "restarted":
        site.services.postgres.kill()
    ended = asyncio.create_task(_ended(tasks))
    if state == "restarted":
        await asyncio.to_thread(site.services.postgres.start)
    assert await ended == MANY
    await site.database.engine.dispose()


async def test_an_error_that_a_driver_makes_of_a_cancellation_becomes_one_again(site: Site) -> None:
    has_begun = asyncio.Event()

    async def write() -> None:
        async with site.database.transaction() as session:
            await session.execute(text("SELECT 1"))
            has_begun.set()
            try:
                await session.execute(text("SELECT pg_sleep(60)"))
            except asyncio.CancelledError:
                raise ConnectionResetError from None

    task = asyncio.create_task(write())
    await has_begun.wait()
    assert await _ended([task]) == 1


async def _until_each(calls: Counter[int], least: int) -> None:
    async def look() -> bool | None:
        return (len(calls) == MANY and min(calls.values()) >= least) or None

    await wait_for(look)


async def _ended(tasks: list[asyncio.Task[None]]) -> int:
    """How many were cancelled, once all are told to end."""
    for task in tasks:
        task.cancel()
    _, late = await asyncio.wait(tasks, timeout=60)
    assert not late
    return sum(task.cancelled() for task in tasks)
