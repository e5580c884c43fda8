"""Focus sessions: goals, intensities, states, and how a session's minutes become segments."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Goal(StrEnum):
    """What the listener wants the music for."""

    FOCUS = "focus"  # steady and unobtrusive, for work that wants concentration
    RELAX = "relax"  # warm and unhurried
    SLEEP = "sleep"  # slow, soft, without drums
    ENERGIZE = "energize"  # driving, for movement
    CUSTOM_PROMPT = "custom_prompt"  # what the listener's own words say


class Intensity(StrEnum):
    """How much happens."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class SessionStatus(StrEnum):
    """Where a session stands."""

    ACTIVE = "active"  # segments are made as the listener needs them
    ENDED = "ended"  # the listener ended it, or all its segments are made; what is ready stays
    STOPPED_CAP = "stopped_cap"  # the organization's spend cap was reached; what is ready stays


MOVES: Final[Mapping[SessionStatus, frozenset[SessionStatus]]] = {
    SessionStatus.ACTIVE: frozenset({SessionStatus.ENDED, SessionStatus.STOPPED_CAP}),
    SessionStatus.ENDED: frozenset(),
    SessionStatus.STOPPED_CAP: frozenset(),
}

SEGMENT_SECONDS: Final = 120
"""From the start of a segment to the start of the next: 60 minutes are 30 segments."""

OPENING_SECONDS: Final = 20
"""The first segment of several is short, so that it is soon there; the last one is longer by what is missing."""

MAX_MINUTES: Final = 720


def total_segments(target_minutes: int) -> int:
    """How many segments a session is planned to have."""
    return max(1, round(target_minutes * 60 / SEGMENT_SECONDS))


def stride_seconds(target_minutes: int, index: int) -> int:
    """From the start of segment ``index`` to the start of the next, or to the end of the music for the last one.

    All strides of a session add up to its target, to the second.
    """
    total = total_segments(target_minutes)
    if not 0 <= index < total:
        raise ValueError(f"segment {index} of {total}")
    whole = target_minutes * 60
    if total == 1:
        return whole
    if index == 0:
        return OPENING_SECONDS
    if index == total - 1:
        return whole - OPENING_SECONDS - SEGMENT_SECONDS * (total - 2)
    return SEGMENT_SECONDS
