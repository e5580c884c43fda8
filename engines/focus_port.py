"""Types of the focus session port: listener controls, beat grids, segments and the segment planner."""

from dataclasses import dataclass
from typing import Protocol

from core.focus import Goal, Intensity


@dataclass(frozen=True, slots=True)
class FocusControls:
    """The settings of a listener for the segments of a focus session that are planned from now on.

    ``divergence`` ranges from 0.0 (all segments are alike) to 1.0 (each segment is different). ``prompt`` applies to
    every goal.
    """

    goal: Goal
    intensity: Intensity = Intensity.MEDIUM
    divergence: float = 0.0
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class BeatGrid:
    """The beat grid of a segment and its crossfades. Times are relative to its first sample.

    The segment overlaps the next one by ``overlap_ms`` (0 if none follows): the next segment starts
    ``duration_seconds`` minus the overlap after this one. The fades are hints for the player and are not applied to
    the audio.

    Beat *n* is at ``first_downbeat_ms / 1000 + n * 60 / tempo_bpm``. Before the first downbeat the segment continues in
    the tempo of the segment before it: if the tempo changes, it does so where their overlap ends. ``drift_seconds`` is
    how much later than planned the next segment starts, because it starts with a bar; ``energy`` is added to the energy
    of the music (the arc of the session).

    ``is_beat_known`` is whether tempo and beats are those of the audio. If not, none was found in the music of a peer:
    they are those that were requested, and the crossfades do not follow the beat.
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
    drift_seconds: float = 0.0
    energy: float = 0.0
    is_beat_known: bool = True


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a focus session, with the grid and controls of the segment before it.

    ``before`` and ``controls_before`` are None for the first segment; the last one gets an ending. Generations store
    a segment as JSON under these field names.
    """

    index: int
    session_seed: int
    controls: FocusControls
    grid: BeatGrid
    before: BeatGrid | None = None
    controls_before: FocusControls | None = None
    is_last: bool = False


class SegmentPlanner(Protocol):
    """Plans the beat grids of a focus session. Needs no audio code, so that server processes can call it."""

    def __call__(
        self,
        controls: FocusControls,
        session_seed: int,
        index: int,
        stride_seconds: float,
        before: BeatGrid | None,
        *,
        session_seconds: float,
        is_last: bool,
    ) -> BeatGrid:
        """Plan segment ``index`` in about a millisecond. The same arguments give the same grid.

        ``stride_seconds`` is the time from its start to the start of the next segment; ``before`` is the grid of the
        preceding segment, ``session_seconds`` the planned length of the session.
        """
