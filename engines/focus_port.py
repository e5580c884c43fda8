"""What an engine is told of a focus session and tells of its segments: controls, grids, and what follows what."""

from dataclasses import dataclass
from typing import Protocol

from core.focus import Goal, Intensity


@dataclass(frozen=True, slots=True)
class Controls:
    """What a listener has set for the segments of a focus session from some moment on.

    ``divergence`` from 0.0 (segments are siblings) to 1.0 (each is a journey); ``prompt`` counts with any goal.
    """

    goal: Goal
    intensity: Intensity = Intensity.MEDIUM
    divergence: float = 0.0
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class BeatGrid:
    """Where the beats of a segment lie and how it is joined: all that a player needs. Times from its first sample.

    ``overlap_ms`` is how long it sounds on under the next segment (0: nothing follows): the next one starts
    ``duration_seconds`` minus the overlap after this one. The fades are hints for the player and are not in the audio.
    """

    tempo_bpm: float
    metre: str
    bars: int
    first_downbeat_ms: float
    key: str
    duration_seconds: float
    overlap_ms: int
    fade_in_ms: int
    fade_out_ms: int
    target_lufs: float


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a focus session: its place, its grid, and what it follows.

    ``before`` and ``controls_before`` are None for the first; ``is_last`` asks for an ending.
    """

    index: int
    session_seed: int
    controls: Controls
    grid: BeatGrid
    before: BeatGrid | None = None
    controls_before: Controls | None = None
    is_last: bool = False


class SegmentPlanner(Protocol):
    """How an engine that supports focus lays out a session; needs nothing that makes sound, so servers call it too."""

    def __call__(
        self,
        controls: Controls,
        session_seed: int,
        index: int,
        stride_seconds: float,
        before: BeatGrid | None,
        *,
        is_last: bool,
    ) -> BeatGrid:
        """Plan segment ``index``, in about a millisecond; the same arguments give the same grid.

        ``stride_seconds`` from its start to the start of the next; ``before`` is the grid of the segment it follows.
        """
