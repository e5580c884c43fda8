"""Progress and cancellation of a job, passed between the rendering thread and the event loop."""

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from core.jobs import WorkerStage
from engines.port import ProgressMonitor, RenderCancelledError


class StopReason(StrEnum):
    CANCELLED = "cancelled"  # the user cancelled the job
    REQUEUED = "requeued"  # the worker is shutting down
    LEASE_LOST = "lease_lost"  # another worker has claimed the job


class JobMonitor:
    """The progress of one job, a ProgressMonitor. Written by the rendering thread, read by the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._lock = threading.Lock()
        self.stop_reason: StopReason | None = None
        self.stage: str = WorkerStage.STARTING
        self.fraction = 0.0

    def report(self, stage: str, fraction: float) -> None:
        with self._lock:
            if self.stop_reason is not None:
                raise RenderCancelledError
            self.stage = stage
            self.fraction = max(self.fraction, min(fraction, 1.0))
        self._loop.call_soon_threadsafe(self._changed.set)

    def stop(self, reason: StopReason) -> None:
        """End the render at its next checkpoint. Only the first reason counts."""
        with self._lock:
            self.stop_reason = self.stop_reason or reason

    async def wait(self, timeout_seconds: float) -> None:
        """Wait until progress is reported or the time is over."""
        # not wait_for: in Python 3.11 it swallows a cancellation that arrives together with the event
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await self._changed.wait()
                self._changed.clear()


@dataclass(frozen=True, slots=True)
class ProgressRange:
    """The progress of one step: its fractions 0 to 1 become ``low`` to ``high`` of the whole job."""

    monitor: ProgressMonitor
    low: float
    high: float

    def report(self, stage: str, fraction: float) -> None:
        self.monitor.report(stage, self.low + (self.high - self.low) * fraction)
