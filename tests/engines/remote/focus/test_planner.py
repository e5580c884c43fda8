"""Plans of focus sessions for engines at a peer, and which engines can play them."""

from dataclasses import replace

import pytest

from core import focus
from core.focus import Goal, Intensity
from engines.capabilities import HONOURED, IGNORED, UNSUPPORTED, Capability, Support
from engines.focus_port import BeatGrid, FocusControls
from engines.port import EngineInfo
from engines.registry import create_registry
from engines.remote.focus import planner
from engines.remote.focus.planner import MIN_SOLO_SECONDS, plan_segment
from tests.support.remote.peer_engine import KEY, engine_settings

CONTROLS = FocusControls(Goal.FOCUS)
MINUTES = 10


def plan(index: int, before: BeatGrid | None, controls: FocusControls = CONTROLS, max_seconds: float = 300) -> BeatGrid:
    stride = float(focus.stride_seconds(MINUTES, index))
    is_last = index == focus.total_segments(MINUTES) - 1
    return plan_segment(
        controls, 7, index, stride, before, session_seconds=600, is_last=is_last, max_seconds=max_seconds
    )


def test_a_session_lasts_as_long_as_requested_if_the_peer_delivers_what_is_requested() -> None:
    grids: list[BeatGrid] = []
    for index in range(focus.total_segments(MINUTES)):
        grids.append(plan(index, grids[-1] if grids else None))
    assert sum(grid.duration_seconds - grid.overlap_ms / 1000 for grid in grids) == pytest.approx(600)
    assert {grid.tempo_bpm for grid in grids} == {grids[0].tempo_bpm}
    assert {grid.target_lufs for grid in grids} == {-16.0}
    assert [grid.fade_in_ms for grid in grids[1:]] == [grid.overlap_ms for grid in grids[:-1]]
    assert (grids[0].fade_in_ms, grids[-1].overlap_ms, grids[-1].fade_out_ms) == (0, 0, 0)
    assert all(5_000 <= grid.overlap_ms <= 10_000 for grid in grids[:-1])
    assert not any(grid.is_beat_known for grid in grids)


def test_a_segment_makes_up_for_what_the_one_before_was_too_short() -> None:
    first = replace(plan(0, None), drift_seconds=-15.0)
    usual = plan(1, replace(first, drift_seconds=0.0))
    assert plan(1, first).duration_seconds == usual.duration_seconds + 15
    limited = plan(1, first, max_seconds=usual.duration_seconds + 5)
    assert limited.duration_seconds == usual.duration_seconds + 5
    assert limited.drift_seconds == pytest.approx(-10)
    shortest = plan(1, replace(first, drift_seconds=500.0))
    assert shortest.duration_seconds == (shortest.fade_in_ms + shortest.overlap_ms) / 1000 + MIN_SOLO_SECONDS


def test_another_intensity_has_another_tempo() -> None:
    first = plan(0, None)
    steered = plan(1, first, replace(CONTROLS, intensity=Intensity.HIGH))
    assert steered.tempo_bpm > first.tempo_bpm


def test_an_engine_of_long_instrumental_music_supports_focus(info: EngineInfo) -> None:
    assert info.supports_focus
    registry = create_registry(engine_settings("http://peer", options={"focus": True}))
    grid = registry.segment_planner(KEY)(CONTROLS, 7, 0, 20.0, None, session_seconds=600, is_last=False)
    assert grid == plan(0, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"instrumental": UNSUPPORTED},
        {"instrumental": IGNORED},
        {"duration_seconds": IGNORED},
        {"duration_seconds": Capability(Support.APPROXIMATED, minimum=30)},
        {"prompt": IGNORED},
    ],
)
def test_an_engine_without_what_segments_need_does_not_support_focus(
    info: EngineInfo, changes: dict[str, Capability]
) -> None:
    assert not planner.supports_focus(replace(info, capabilities=replace(info.capabilities, **changes)))


def test_an_engine_of_short_music_does_not_support_focus(info: EngineInfo) -> None:
    longest = focus.LONGEST_STRIDE_SECONDS + 10
    assert planner.supports_focus(replace(info, max_duration_seconds=longest))
    assert not planner.supports_focus(replace(info, max_duration_seconds=longest - 1))
    registry = create_registry(engine_settings("http://peer"))
    with pytest.raises(KeyError):
        registry.segment_planner(KEY)


def test_an_engine_that_does_not_sing_needs_no_field_for_instrumental_music(info: EngineInfo) -> None:
    capabilities = replace(info.capabilities, instrumental=UNSUPPORTED, lyrics=UNSUPPORTED)
    silent = replace(info, supports_vocals=False, supports_lyrics=False, capabilities=capabilities)
    assert planner.supports_focus(silent)
    assert planner.supports_focus(replace(info, capabilities=replace(info.capabilities, instrumental=HONOURED)))
