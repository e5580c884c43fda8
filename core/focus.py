"""Focus sessions: goals, intensities, states, and the division of a session into segments."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


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


TRANSITIONS: Final[Mapping[SessionStatus, frozenset[SessionStatus]]] = {
    SessionStatus.ACTIVE: frozenset({SessionStatus.ENDED, SessionStatus.STOPPED_CAP}),
    SessionStatus.ENDED: frozenset(),
    SessionStatus.STOPPED_CAP: frozenset(),
}

SEGMENT_SECONDS: Final = 120
"""Time between the starts of two segments: 60 minutes are 30 segments."""

OPENING_SECONDS: Final = 20
"""Length of the first of several segments, short so that playback starts soon; the last segment is longer instead."""

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
