import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import focus
from core.focus import Goal, Intensity
from engines.focus_port import BeatGrid, Controls
from engines.registry import EngineRegistry, RegisteredEngine
from engines.studio.focus.goals import GOAL_PROFILES
from engines.studio.focus.planner import plan_segment
from engines.studio.info import STUDIO_INFO
from engines.studio.theory import related_keys
from engines.studio.theory.pitch import Key

WORDS = st.sampled_from([None, "", "jazz 91 bpm", "drum and bass", "slow piano in F minor", "something sad", "\u266a"])
CONTROLS = st.builds(Controls, st.sampled_from(Goal), st.sampled_from(Intensity), st.floats(0.0, 1.0), WORDS)
SEEDS = st.integers(0, 2**32 - 1)
CIRCLE = (0, 7, 2, 9, 4, 11, 6, 1, 8, 3, 10, 5)
FOCUS = Controls(Goal.FOCUS)


def session(controls: Controls, seed: int, minutes: int) -> list[BeatGrid]:
    grids: list[BeatGrid] = []
    total = focus.total_segments(minutes)
    for index in range(total):
        stride = focus.stride_seconds(minutes, index)
        before = grids[-1] if grids else None
        grids.append(plan_segment(controls, seed, index, stride, before, is_last=index == total - 1))
    return grids


@settings(max_examples=60, deadline=None)
@given(CONTROLS, SEEDS, st.integers(1, 120))
def test_a_session_plays_as_long_as_it_should_in_whole_bars(controls: Controls, seed: int, minutes: int) -> None:
    grids = session(controls, seed, minutes)
    start = 0.0
    for index, grid in enumerate(grids):
        bar = 240.0 / grid.tempo_bpm
        assert abs(start / bar - round(start / bar)) * bar < 0.001 * (index + 1)
        assert grid.first_downbeat_ms == 0.0
        assert grid.metre == "4/4"
        start += grid.duration_seconds - grid.overlap_ms / 1000.0
    assert start == pytest.approx(60.0 * minutes, abs=0.001 * len(grids))


@settings(max_examples=60, deadline=None)
@given(CONTROLS, SEEDS, st.integers(2, 60))
def test_segments_of_a_session_fit_each_other(controls: Controls, seed: int, minutes: int) -> None:
    grids = session(controls, seed, minutes)
    assert len({(grid.tempo_bpm, grid.target_lufs) for grid in grids}) == 1
    assert grids[0].fade_in_ms == 0
    assert (grids[-1].overlap_ms, grids[-1].fade_out_ms) == (0, 0)
    for one, other in pairwise(grids):
        beats = one.overlap_ms * one.tempo_bpm / 60_000.0
        assert 5000 < one.overlap_ms <= 12_000
        assert beats == pytest.approx(round(beats / 4) * 4, abs=0.005)
        assert one.overlap_ms == one.fade_out_ms == other.fade_in_ms
        assert one.bars == round(one.duration_seconds * one.tempo_bpm / 240.0)
        assert -20.0 <= one.target_lufs <= -14.2


@settings(max_examples=40, deadline=None)
@given(CONTROLS, SEEDS, st.integers(2, 60))
def test_a_key_stays_or_moves_by_an_allowed_step(controls: Controls, seed: int, minutes: int) -> None:
    keys = [related_keys.parse_key(grid.key) for grid in session(controls, seed, minutes)]
    for one, other in pairwise(keys):
        signature = [CIRCLE.index((key.tonic + (3 if key.is_minor else 0)) % 12) for key in (one, other)]
        assert (signature[1] - signature[0]) % 12 in {0, 1, 11}
        assert one.family == other.family or signature[0] == signature[1]


@settings(max_examples=30, deadline=None)
@given(CONTROLS, SEEDS)
def test_the_same_session_is_laid_out_the_same_each_time(controls: Controls, seed: int) -> None:
    assert session(controls, seed, 20) == session(controls, seed, 20)


def test_siblings_stay_in_one_key_and_journeys_leave_it_each_time() -> None:
    for seed in range(20):
        siblings = [grid.key for grid in session(Controls(Goal.FOCUS, divergence=0.0), seed, 30)]
        journeys = [grid.key for grid in session(Controls(Goal.FOCUS, divergence=1.0), seed, 30)]
        assert len(set(siblings)) == 1
        assert all(one != other for one, other in pairwise(journeys))


def test_sessions_differ_in_tempo_and_key() -> None:
    grids = [session(FOCUS, seed, 1)[0] for seed in range(30)]
    assert {grid.tempo_bpm for grid in grids} == {72.0, 78.0, 84.0}
    assert len({grid.key for grid in grids}) > 10


@pytest.mark.parametrize("goal", Goal)
@pytest.mark.parametrize("intensity", Intensity)
def test_every_goal_and_intensity_has_tempi_of_whole_bars_and_styles_for_each_of_them(
    goal: Goal, intensity: Intensity
) -> None:
    from engines.studio.styles import STYLES  # noqa: PLC0415

    aim = GOAL_PROFILES[goal]
    for tempo in aim.tempos[intensity]:
        assert tempo % 6 == 0
        fitting = [STYLES[name].tempo_range for name in aim.styles[intensity]]
        assert any(0.94 * slow <= tempo <= 1.06 * fast for slow, _, fast in fitting)


@pytest.mark.parametrize(
    ("words", "tempo", "key"),
    [
        ("jazz 91 bpm in F minor", 91.0, "F minor"),
        ("drum and bass in D", 174.0, None),
        ("techno in C# minor", None, "C# minor"),
    ],
)
def test_what_a_prompt_names_holds(words: str, tempo: float | None, key: str | None) -> None:
    grid = session(Controls(Goal.CUSTOM_PROMPT, prompt=words), 5, 1)[0]
    assert tempo is None or grid.tempo_bpm == tempo
    assert key is None or grid.key == key


def test_a_new_prompt_changes_neither_tempo_nor_loudness_and_leads_to_its_key_by_steps() -> None:
    before = plan_segment(FOCUS, 3, 0, 40.0, None, is_last=False)
    steered = Controls(Goal.FOCUS, prompt="fast techno at 140 bpm in F# minor")
    distances = []
    for index in range(1, 8):
        grid = plan_segment(steered, 3, index, 120.0, before, is_last=False)
        assert (grid.tempo_bpm, grid.target_lufs) == (before.tempo_bpm, before.target_lufs)
        distances.append(related_keys.distance(related_keys.parse_key(grid.key), Key(6, "minor")))
        before = grid
    assert distances == sorted(distances, reverse=True)
    assert before.key in {"F# minor", "A major"}


def test_only_an_engine_that_supports_focus_has_a_planner() -> None:
    assert EngineRegistry().segment_planner("studio") is plan_segment
    with pytest.raises(KeyError):
        EngineRegistry().segment_planner("cello")
    deaf = EngineRegistry(
        ["deaf"], "deaf", {"deaf": RegisteredEngine(STUDIO_INFO, lambda: EngineRegistry().load("studio"))}
    )
    with pytest.raises(KeyError):
        deaf.segment_planner("deaf")


def test_planning_loads_nothing_that_makes_sound() -> None:
    lines = (
        "import sys",
        "from core.focus import Goal",
        "from engines.focus_port import Controls",
        "from engines.registry import EngineRegistry",
        "EngineRegistry().segment_planner('studio')(Controls(Goal.SLEEP), 1, 0, 40.0, None, is_last=False)",
        "print(sorted(name for name in sys.modules if name.startswith(('scipy', 'engines.studio.'))))",
    )
    code = "\n".join(lines)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    names = ("focus", "focus.goals", "focus.planner", "info", "theory", "theory.pitch", "theory.related_keys")
    assert done.stdout == f"{[f'engines.studio.{name}' for name in names]}\n"
