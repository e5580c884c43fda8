"""Availability of services: an outage ends waiting calls and refuses later ones until the service answers again."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from core.errors import Unavailable
from core.network import availability
from core.network.availability import Availability
from tests.support.polling import wait_for


class Service:
    """A service that is fine, silent, or gone, and counts its connections."""

    def __init__(self) -> None:
        self.state = "fine"
        self.connections = 0

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Callable[[], Awaitable[object]]]:
        await self.ping()
        self.connections += 1
        yield self.ping

    async def ping(self) -> None:
        if self.state == "silent":
            await asyncio.Event().wait()
        if self.state == "lost":
            self.state = "fine"
            raise ConnectionResetError("lost")
        if self.state == "gone":
            raise ConnectionRefusedError("gone")


@asynccontextmanager
async def monitored(service: Service) -> AsyncIterator[tuple[Availability, list[None]]]:
    outages: list[None] = []
    state = Availability("Service", lambda: outages.append(None))
    task = asyncio.create_task(availability.monitor(state, service.connect))
    async with asyncio.timeout(60):
        await becomes_true(lambda: service.connections == 1)
        yield state, outages
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def becomes_true(condition: Callable[[], bool]) -> None:
    async def poll() -> bool | None:
        return condition() or None

    await wait_for(poll)


@pytest.mark.parametrize("kind", ["silent", "gone"])
async def test_an_outage_ends_waiting_calls_and_refuses_later_ones(kind: str) -> None:
    service = Service()
    async with monitored(service) as (state, outages):
        service.state = kind
        with pytest.raises(TimeoutError):
            async with state.deadline(600):
                await asyncio.Event().wait()
        assert not state.is_available
        with pytest.raises(Unavailable) as refused:
            async with state.deadline(600):
                pytest.fail("a call began")
        assert (refused.value.technical, refused.value.retry_after) == ("Service is not reachable", 1)
        service.state = "fine"
        await becomes_true(lambda: state.is_available)
        async with state.deadline(600):
            """Calls are possible again."""
    assert len(outages) == 1


async def test_an_outage_can_begin_while_the_deadline_of_a_call_expires() -> None:
    state = Availability("Service")

    async def call() -> None:
        async with state.deadline(0):
            try:
                await asyncio.Event().wait()
            finally:
                state.report(is_available=False)

    with pytest.raises(TimeoutError):
        await call()
    assert not state.is_available


async def test_a_blocked_event_loop_is_no_outage() -> None:
    state, connections = Availability("Service"), 0

    @asynccontextmanager
    async def connect() -> AsyncIterator[Callable[[], Awaitable[object]]]:
        nonlocal connections
        connections += 1
        if connections == 1:
            time.sleep(availability.CONNECT_SECONDS + 0.2)  # noqa: ASYNC251  blocks the event loop
            await asyncio.Event().wait()
        yield lambda: asyncio.sleep(0)

    task = asyncio.create_task(availability.monitor(state, connect))
    outages: list[None] = []
    state.on_outage = lambda: outages.append(None)
    await becomes_true(lambda: connections == 2)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert (state.is_available, outages) == (True, [])


async def test_a_lost_connection_is_no_outage() -> None:
    service = Service()
    async with monitored(service) as (state, outages):
        service.state = "lost"
        await becomes_true(lambda: service.connections == 2)
        assert state.is_available
    assert not outages


async def test_a_service_that_answers_other_calls_is_busy_and_not_frozen() -> None:
    service = Service()
    async with monitored(service) as (state, outages):
        service.state = "silent"
        loop = asyncio.get_running_loop()
        end = loop.time() + 4 * availability.RESPONSE_SECONDS
        while loop.time() < end:
            async with state.deadline(600):
                await asyncio.sleep(0.05)
        assert not outages
        await becomes_true(lambda: not state.is_available)


async def test_a_call_has_its_own_time_limit() -> None:
    with pytest.raises(TimeoutError):
        async with Availability("Service").deadline(0.01):
            await asyncio.Event().wait()
