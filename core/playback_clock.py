"""Estimate of the playback position of a focus session, whose clients may play for minutes between requests."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from core import focus


@dataclass(frozen=True, slots=True)
class PlaybackClock:
    """A clock that runs from ``first_ready_at`` on, and stops when the listener has sent no request for a while.

    ``position_seconds`` is its position at ``last_listened_at``, the time of the last request.
    """

    first_ready_at: datetime | None
    position_seconds: float
    last_listened_at: datetime

    def is_idle(self, now: datetime, idle_timeout: timedelta) -> bool:
        """Return whether more than ``idle_timeout`` has passed since the last request."""
        return now - self.last_listened_at > idle_timeout

    def playhead_seconds(self, now: datetime, idle_timeout: timedelta) -> float:
        """Return the seconds played until ``now``; the clock stops ``idle_timeout`` after the last request."""
        if self.first_ready_at is None:
            return 0.0
        start = max(self.first_ready_at, self.last_listened_at)
        end = min(now, self.last_listened_at + idle_timeout)
        return self.position_seconds + max((end - start).total_seconds(), 0.0)

    def advance(self, now: datetime, idle_timeout: timedelta) -> Self:
        """Return the clock after a request at ``now``."""
        return replace(self, position_seconds=self.playhead_seconds(now, idle_timeout), last_listened_at=now)


def segment_at(target_minutes: int, seconds: float) -> int:
    """Return the index of the segment at this position; the last segment has no end."""
    total = focus.total_segments(target_minutes)
    end = 0.0
    for index in range(total):
        end += focus.stride_seconds(target_minutes, index)
        if seconds < end:
            return index
    return total - 1


def planned_start_seconds(target_minutes: int, index: int) -> float:
    """Return the planned start of a segment; an engine may move it to the nearest bar."""
    return float(sum(focus.stride_seconds(target_minutes, earlier) for earlier in range(index)))
