"""Focus sessions: goals, intensities, states, the division of a session into segments, and the playback position."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self


class Goal(StrEnum):
    """The purpose of a session's music."""

    FOCUS = "focus"  # steady and unobtrusive, for concentrated work
    RELAX = "relax"  # warm and unhurried
    SLEEP = "sleep"  # slow, soft, without drums
    ENERGIZE = "energize"  # driving, for movement
    CUSTOM_PROMPT = "custom_prompt"  # described by the listener's prompt


class Intensity(StrEnum):
    """How eventful the music is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class SessionStatus(StrEnum):
    ACTIVE = "active"  # segments are made as the listener needs them
    ENDED = "ended"  # ended by the listener or complete; finished segments stay available
    STOPPED_CAP = "stopped_cap"  # the organization's spend cap was reached; finished segments stay available


class EndReason(StrEnum):
    """Why a session creates no more segments."""

    LISTENER = "listener"  # the listener ended it
    COMPLETE = "complete"  # all segments exist
    CAP = "cap"  # the organization's spend cap was reached
    BROKEN = "broken"  # a segment failed repeatedly


SEGMENT_SECONDS: Final = 120
"""Time between the starts of two segments: 60 minutes are 30 segments."""

OPENING_SECONDS: Final = 20
"""Length of the first of several segments, short so that playback starts soon; the last segment is longer instead."""

LONGEST_STRIDE_SECONDS: Final = 280
"""The longest ``stride_seconds`` of all sessions, that of the last segment in one of five minutes."""

MAX_MINUTES: Final = 720

MAX_JOBS_PER_SEGMENT: Final = 2
"""Jobs of one segment, each with its own attempts, before its session ends as broken."""


def total_segments(target_minutes: int) -> int:
    """Return the planned number of segments of a session."""
    return max(1, round(target_minutes * 60 / SEGMENT_SECONDS))


def stride_seconds(target_minutes: int, index: int) -> int:
    """Return the seconds from the start of segment ``index`` to the start of the next, or to the end of the music.

    The strides of a session add up to its target, to the second. Raises ValueError for an index out of range.
    """
    total = total_segments(target_minutes)
    if not 0 <= index < total:
        raise ValueError(f"segment index {index} is not in 0 to {total - 1}")
    whole = target_minutes * 60
    if total == 1:
        return whole
    if index == 0:
        return OPENING_SECONDS
    if index == total - 1:
        return whole - OPENING_SECONDS - SEGMENT_SECONDS * (total - 2)
    return SEGMENT_SECONDS


def segment_at(target_minutes: int, seconds: float) -> int:
    """Return the index of the segment at this position; the last segment has no end."""
    total = total_segments(target_minutes)
    end = 0.0
    for index in range(total):
        end += stride_seconds(target_minutes, index)
        if seconds < end:
            return index
    return total - 1


def planned_start_seconds(target_minutes: int, index: int) -> float:
    """Return the planned start of a segment; an engine may move it to the nearest bar."""
    return float(sum(stride_seconds(target_minutes, earlier) for earlier in range(index)))


@dataclass(frozen=True, slots=True)
class PlaybackClock:
    """Estimate of the playback position, as clients may play for minutes between requests.

    It runs from ``first_ready_at`` on, and stops when the listener has sent no request for a while.

    ``position_seconds`` is its position at ``last_listened_at``, the time of the last request, with the gaps:
    ``gap_seconds`` in which the listener waited for a segment that was not ready in time.
    """

    first_ready_at: datetime | None
    position_seconds: float
    last_listened_at: datetime
    gap_seconds: float = 0.0

    def is_idle(self, now: datetime, idle_timeout: timedelta) -> bool:
        """Return whether more than ``idle_timeout`` has passed since the last request."""
        return now - self.last_listened_at > idle_timeout

    def playhead_seconds(self, now: datetime, idle_timeout: timedelta) -> float:
        """Return the seconds played until ``now``, as if everything were ready.

        The clock stops ``idle_timeout`` after the last request.
        """
        return max(self._elapsed_seconds(now, idle_timeout) - self.gap_seconds, 0.0)

    def advance(self, now: datetime, idle_timeout: timedelta) -> Self:
        """Return the clock after a request at ``now``."""
        return replace(self, position_seconds=self._elapsed_seconds(now, idle_timeout), last_listened_at=now)

    def _elapsed_seconds(self, now: datetime, idle_timeout: timedelta) -> float:
        if self.first_ready_at is None:
            return 0.0
        start = max(self.first_ready_at, self.last_listened_at)
        end = min(now, self.last_listened_at + idle_timeout)
        return self.position_seconds + max((end - start).total_seconds(), 0.0)
