"""Whether a service responds, and deadlines for calls to it.

A frozen service accepts connections and never answers. A monitor calls it at short intervals; once an answer is
overdue, waiting calls end and later calls fail at once, until the monitor receives an answer again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from core import asyncio_cancel
from core.errors import Unavailable

log = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 0.25
"""Pause between two calls of a monitor."""

RESPONSE_SECONDS: Final = 0.7
"""Time in which a service must answer a monitor, or any other call."""

CONNECT_SECONDS: Final = 2.0
"""Time in which a service must accept a connection."""

_MAX_LAG_SECONDS: Final = 0.1
"""A timer that fires later than this shows that this process was busy, not that the service is slow."""


@dataclass(slots=True, eq=False)
class Availability:
    """The state of one service as this process knows it; available until a monitor reports otherwise."""

    name: str
    on_outage: Callable[[], None] = lambda: None
    """Called when an outage begins, to end calls that have no deadline of ``deadline``."""

    is_available: bool = field(default=True, init=False)
    answers: int = field(default=0, init=False)
    """Number of calls that the service has answered; it rises while a service is busy and not frozen."""

    _deadlines: set[asyncio.Timeout] = field(default_factory=set, init=False)

    def check(self) -> None:
        """Raise Unavailable during an outage."""
        if not self.is_available:
            raise Unavailable(f"{self.name} is not reachable", retry_after=1)

    @asynccontextmanager
    async def deadline(self, seconds: float) -> AsyncIterator[None]:
        """Limit the body to this time, and to the beginning of an outage. Raises TimeoutError, Unavailable."""
        self.check()
        async with asyncio.timeout(seconds) as timeout:
            self._deadlines.add(timeout)
            try:
                yield
                self.answers += 1
            finally:
                self._deadlines.discard(timeout)

    def report(self, *, is_available: bool, reason: str = "") -> None:
        """Record what a monitor has found. The beginning of an outage ends all waiting calls."""
        if is_available == self.is_available:
            return
        self.is_available = is_available
        if is_available:
            log.info("%s is reachable again", self.name)
            return
        log.warning("%s is not reachable", self.name, extra={"reason": reason})
        for timeout in tuple(self._deadlines):
            if not timeout.expired():
                timeout.reschedule(0)
        self.on_outage()


async def monitor(
    availability: Availability,
    connect: Callable[[], AbstractAsyncContextManager[Callable[[], Awaitable[object]]]],
    response_seconds: float = RESPONSE_SECONDS,
) -> None:
    """Report the state of a service until cancelled. ``connect`` opens a connection and yields a ping.

    A lost connection is no outage: it is one if no other can be opened within ``CONNECT_SECONDS``.
    """
    loop = asyncio.get_running_loop()
    while not asyncio_cancel.is_cancelling():
        is_connected, due = False, loop.time() + CONNECT_SECONDS
        try:
            async with asyncio.timeout_at(due) as deadline, connect() as ping:
                deadline.reschedule(None)
                is_connected = True
                availability.report(is_available=True)
                while await _responds(availability, ping, response_seconds):  # noqa: ASYNC110  polls a service, not a variable
                    await asyncio.sleep(INTERVAL_SECONDS)
                availability.report(is_available=False, reason=f"no response within {response_seconds:g} s")
        except Exception as error:  # noqa: BLE001  whatever a driver raises, the service did not answer
            asyncio_cancel.raise_if_cancelling()
            was_blocked = isinstance(error, TimeoutError) and loop.time() - due > _MAX_LAG_SECONDS
            if not is_connected and not was_blocked:
                availability.report(is_available=False, reason=f"{type(error).__name__}: {error}")
        await asyncio.sleep(INTERVAL_SECONDS)


async def _responds(availability: Availability, ping: Callable[[], Awaitable[object]], seconds: float) -> bool:
    """Return whether the service answers this or any other call in time. Raises the errors of ``ping``."""
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(ping())
    # also an error after the end is retrieved, so that asyncio does not log it
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    try:
        is_undecided = True
        while is_undecided:
            due, answers = loop.time() + seconds, availability.answers
            done, _ = await asyncio.wait({task}, timeout=seconds)
            is_late = loop.time() - due > _MAX_LAG_SECONDS
            is_undecided = not done and (is_late or availability.answers > answers)
        if done:
            task.result()
        return bool(done)
    finally:
        task.cancel()
