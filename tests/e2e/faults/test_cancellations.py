"""A cancelled task ends even if a driver converts the cancellation into another error.

Otherwise a render would wait for its heartbeat task.
"""

import asyncio
from collections import Counter
from contextlib import nullcontext, suppress

import pytest
from sqlalchemy import text

from core.errors import Unavailable
from storage.redis.events import Event, EventLog
from tests.support.polling import wait_for
from tests.support.processes.installation import Site

TASKS = 40


@pytest.mark.parametrize("state", ["healthy", "silent"])
async def test_a_publishing_task_ends_when_it_is_cancelled(site: Site, state: str) -> None:
    log, calls = EventLog(str(site.settings.redis_url)), Counter[int]()

    async def publish(number: int) -> None:
        while True:
            calls[number] += 1
            await log.publish(Event(f"topic-{number}", calls[number], {}))

    least = 3 if state == "healthy" else 1
    with nullcontext() if state == "healthy" else site.services.valkey.frozen():
        tasks = [asyncio.create_task(publish(number)) for number in range(TASKS)]
        await _wait_for_calls(calls, least)
        assert await _cancel_all(tasks) == TASKS
    await log.close()


@pytest.mark.parametrize("state", ["healthy", "restarted"])
async def test_a_writing_task_ends_when_it_is_cancelled(site: Site, state: str) -> None:
    calls = Counter[int]()

    async def write(number: int) -> None:
        while True:
            calls[number] += 1
            with suppress(Unavailable):
                async with site.database.transaction() as session:
                    await session.execute(text("SELECT pg_sleep(0.01)"))

    tasks = [asyncio.create_task(write(number)) for number in range(TASKS)]
    await _wait_for_calls(calls, 2)
    if state == "restarted":
        site.services.postgres.kill()
    ended = asyncio.create_task(_cancel_all(tasks))
    if state == "restarted":
        await asyncio.to_thread(site.services.postgres.start)
    assert await ended == TASKS
    await site.database.engine.dispose()


async def test_a_driver_error_during_a_cancellation_becomes_a_cancellation_again(site: Site) -> None:
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
    assert await _cancel_all([task]) == 1


async def _wait_for_calls(calls: Counter[int], least: int) -> None:
    async def poll() -> bool | None:
        return (len(calls) == TASKS and min(calls.values()) >= least) or None

    await wait_for(poll)


async def _cancel_all(tasks: list[asyncio.Task[None]]) -> int:
    """Cancel all tasks and return how many ended as cancelled."""
    for task in tasks:
        task.cancel()
    _, late = await asyncio.wait(tasks, timeout=60)
    assert not late
    return sum(task.cancelled() for task in tasks)
