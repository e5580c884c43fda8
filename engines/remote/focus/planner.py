"""Plans the segments of focus sessions for engines at a peer. Imports no audio code: servers use this module.

Tempo, key, loudness and arc are those of the studio engine, as requests to the peer. What the peer has played replaces
them in the grid when a segment is fitted (``engines.remote.focus.fitting``).
"""

from functools import partial
from typing import Final

from core.focus import LONGEST_STRIDE_SECONDS, OPENING_SECONDS
from engines.capabilities import Capability, Support
from engines.focus_port import BeatGrid, FocusControls, SegmentPlanner
from engines.port import EngineInfo
from engines.studio.focus import planner, tempos
from engines.studio.focus.goals import GOAL_PROFILES, arc_value

MIN_SOLO_SECONDS: Final = 8.0
"""The least music of a segment between its two overlaps."""
MIN_ENGINE_SECONDS: Final = LONGEST_STRIDE_SECONDS + planner.MAX_OVERLAP_SECONDS
"""What an engine must be able to render in one job."""


def supports_focus(info: EngineInfo) -> bool:
    """Return whether an engine plays segments: instrumental, of a requested length, and as long as any can be."""
    capabilities = info.capabilities
    shortest = capabilities.duration_seconds.minimum or 0.0
    return (
        follows(capabilities.prompt)
        and follows(capabilities.duration_seconds)
        and (follows(capabilities.instrumental) or not info.supports_vocals)
        and shortest <= OPENING_SECONDS
        and info.max_duration_seconds >= MIN_ENGINE_SECONDS
    )


def follows(capability: Capability) -> bool:
    """Return whether a field has an effect on the music."""
    return capability.support in {Support.HONOURED, Support.APPROXIMATED}


def planner_of(info: EngineInfo) -> SegmentPlanner:
    """Return the planner of an engine that supports focus sessions."""
    return partial(plan_segment, max_seconds=float(info.max_duration_seconds))


def plan_segment(
    controls: FocusControls,
    session_seed: int,
    index: int,
    stride_seconds: float,
    before: BeatGrid | None,
    *,
    session_seconds: float,
    is_last: bool,
    max_seconds: float,
) -> BeatGrid:
    """Plan the grid that is requested of a peer (see SegmentPlanner).

    All segments of the same controls have one tempo, because a peer cannot change it within an overlap. A segment makes
    up for what those before were too short or too long, as far as ``max_seconds`` allows.
    """
    request = planner.read_prompt(controls)
    tempo = tempos.first_tempo(controls, request, session_seed)
    overlap_ms = 0 if is_last else round(240_000.0 * planner.overlap_bars(tempo) / tempo)
    fade_in_ms = before.overlap_ms if before else 0
    stride = stride_seconds - (before.drift_seconds if before else 0.0)
    shortest = (fade_in_ms + overlap_ms) / 1000.0 + MIN_SOLO_SECONDS
    seconds = min(max(stride + overlap_ms / 1000.0, shortest), max_seconds)
    position = planner.planned_start(index) / session_seconds
    return BeatGrid(
        tempo_bpm=tempo,
        metre=planner.METRE,
        bars=int(seconds * tempo / 240.0),
        first_downbeat_ms=0.0,
        key=planner.choose_key(controls, request, session_seed, index, before),
        duration_seconds=seconds,
        overlap_ms=overlap_ms,
        fade_in_ms=fade_in_ms,
        fade_out_ms=overlap_ms,
        target_lufs=before.target_lufs if before else planner.choose_lufs(controls, request),
        drift_seconds=seconds - overlap_ms / 1000.0 - stride,
        energy=round(arc_value(GOAL_PROFILES[controls.goal].energy_arc, position), 3),
        is_beat_known=False,
    )
