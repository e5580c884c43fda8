"""Between a rendering and the world: progress out, "stop" in. The rendering never waits for a database."""

import asyncio
import threading
from contextlib import suppress
from enum import StrEnum

from engines.port import ProgressMonitor, RenderCancelledError


class StopReason(StrEnum):
    """Why a rendering shall end early."""

    CANCELLED = "cancelled"  # the caller took the job back
    REQUEUED = "handed_back"  # the worker is being stopped
    LEASE_LOST = "lost"  # another worker holds the job by now


class JobMonitor:
    """The progress of one job. Written by the rendering thread, read by the event loop; see engines.port.Monitor."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._lock = threading.Lock()
        self._stop: StopReason | None = None
        self.stage = "starting"
        self.fraction = 0.0

    def report(self, stage: str, fraction: float) -> None:
        """See Monitor."""
        with self._lock:
            if self._stop is not None:
                raise RenderCancelledError
            self.stage = stage
            self.fraction = max(self.fraction, min(fraction, 1.0))
        self._loop.call_soon_threadsafe(self._changed.set)

    def stop(self, why: StopReason) -> None:
        """Ask the rendering to end at its next checkpoint; the first reason stays."""
        with self._lock:
            self._stop = self._stop or why

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the rendering shall end, if it shall."""
        return self._stop

    @property
    def percent(self) -> int:
        """Whole percent; 100 is kept for a job whose track exists."""
        return min(int(self.fraction * 100), 99)

    async def wait(self, timeout_seconds: float) -> None:
        """Until something is reported, or so long."""
        # not wait_for: in Python 3.11 it swallows a cancellation that comes together with the event
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await self._changed.wait()
                self._changed.clear()


class ProgressRange:
    """A part of a job's progress: fractions 0 to 1 of one step become ``low`` to ``high`` of the whole."""

    def __init__(self, monitor: ProgressMonitor, low: float, high: float) -> None:
        self._monitor = monitor
        self._low = low
        self._width = high - low

    def report(self, stage: str, fraction: float) -> None:
        """See Monitor."""
        self._monitor.report(stage, self._low + self._width * fraction)
