"""The listener's clock: how far into a session somebody is who may fetch it once and then play for minutes."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from core import focus


class EndReason(StrEnum):
    """Why no more segments are made."""

    LISTENER = "listener"  # the listener ended it
    COMPLETE = "complete"  # all segments are made
    CAP = "cap"  # the organization's spend cap was reached
    BROKEN = "broken"  # a segment could not be made, several times over


SEGMENT_JOBS: Final = 2
"""A segment gets so many jobs, each with its own attempts, before its session ends without it."""


@dataclass(frozen=True, slots=True)
class Listening:
    """What is known of a listener: music runs from ``first_ready_at`` on, and while somebody has asked of late.

    ``heard_seconds`` is what had run when ``last_listened_at`` was written down.
    """

    first_ready_at: datetime | None
    heard_seconds: float
    last_listened_at: datetime

    def is_idle(self, now: datetime, idle: timedelta) -> bool:
        """Whether nobody has asked for so long."""
        return now - self.last_listened_at > idle

    def playhead_seconds(self, now: datetime, idle: timedelta) -> float:
        """How much music has run by now: an idle listener's clock stands still."""
        if self.first_ready_at is None:
            return 0.0
        begins = max(self.first_ready_at, self.last_listened_at)
        ends = min(now, self.last_listened_at + idle)
        return self.heard_seconds + max((ends - begins).total_seconds(), 0.0)

    def touched(self, now: datetime, idle: timedelta) -> Self:
        """After the listener asked just now."""
        return replace(self, heard_seconds=self.playhead_seconds(now, idle), last_listened_at=now)


def segment_at(target_minutes: int, seconds: float) -> int:
    """Which segment plays so far into a session; the last one from where it begins."""
    total = focus.total_segments(target_minutes)
    begins = 0.0
    for index in range(total):
        begins += focus.stride_seconds(target_minutes, index)
        if seconds < begins:
            return index
    return total - 1


def begins_at_seconds(target_minutes: int, index: int) -> float:
    """Where a segment is planned to begin; an engine may move it to the nearest bar."""
    return float(sum(focus.stride_seconds(target_minutes, earlier) for earlier in range(index)))
