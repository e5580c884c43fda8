import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import focus
from core.focus import Goal, Intensity
from engines.focus_port import BeatGrid, FocusControls
from engines.registry import EngineRegistry, RegisteredEngine
from engines.studio.focus.goals import GOAL_PROFILES
from engines.studio.focus.planner import plan_segment
from engines.studio.focus.tempos import TEMPO_STEP
from engines.studio.info import STUDIO_INFO
from engines.studio.theory import related_keys
from engines.studio.theory.pitch import Key

PROMPTS = st.sampled_from(
    [None, "", "jazz 91 bpm", "drum and bass", "slow piano in F minor", "something sad", "\u266a"]
)
CONTROLS = st.builds(FocusControls, st.sampled_from(Goal), st.sampled_from(Intensity), st.floats(0.0, 1.0), PROMPTS)
SEEDS = st.integers(0, 2**32 - 1)
CIRCLE = (0, 7, 2, 9, 4, 11, 6, 1, 8, 3, 10, 5)
FOCUS = FocusControls(Goal.FOCUS)


def session(controls: FocusControls, seed: int, minutes: int) -> list[BeatGrid]:
    grids: list[BeatGrid] = []
    total = focus.total_segments(minutes)
    for index in range(total):
        stride = focus.stride_seconds(minutes, index)
        before = grids[-1] if grids else None
        is_last = index == total - 1
        seconds = 60.0 * minutes
        grids.append(plan_segment(controls, seed, index, stride, before, session_seconds=seconds, is_last=is_last))
    return grids


@settings(max_examples=60, deadline=None)
@given(CONTROLS, SEEDS, st.integers(1, 120))
def test_a_session_has_the_requested_length_in_whole_bars(controls: FocusControls, seed: int, minutes: int) -> None:
    grids = session(controls, seed, minutes)
    start = 0.0
    for index, grid in enumerate(grids):
        bar = 240.0 / grid.tempo_bpm
        drift = start - focus.planned_start_seconds(minutes, index)
        assert abs(drift) <= 0.5 * max(bar, 240.0 / grids[index - 1].tempo_bpm) + 0.001
        assert index == 0 or drift == pytest.approx(grids[index - 1].drift_seconds, abs=1e-6)
        own = grid.duration_seconds - (grid.first_downbeat_ms + grid.overlap_ms) / 1000.0
        assert grid is grids[-1] or own == pytest.approx(bar * round(own / bar), abs=0.002)
        assert grid.metre == "4/4"
        start += grid.duration_seconds - grid.overlap_ms / 1000.0
    assert start == pytest.approx(60.0 * minutes, abs=0.001 * len(grids))


@settings(max_examples=60, deadline=None)
@given(CONTROLS, SEEDS, st.integers(2, 60))
def test_consecutive_segments_have_matching_grids(controls: FocusControls, seed: int, minutes: int) -> None:
    grids = session(controls, seed, minutes)
    assert len({grid.target_lufs for grid in grids}) == 1
    assert grids[0].fade_in_ms == 0
    assert (grids[-1].overlap_ms, grids[-1].fade_out_ms) == (0, 0)
    for first, second in pairwise(grids):
        beats = first.overlap_ms * first.tempo_bpm / 60_000.0
        assert 5000 < first.overlap_ms <= 12_000
        assert beats == pytest.approx(round(beats / 4) * 4, abs=0.005)
        assert first.overlap_ms == first.fade_out_ms == second.fade_in_ms
        assert abs(first.tempo_bpm - second.tempo_bpm) <= TEMPO_STEP
        assert second.first_downbeat_ms == (0.0 if first.tempo_bpm == second.tempo_bpm else first.overlap_ms)
        lead = first.overlap_ms * first.tempo_bpm / 240_000.0 if second.first_downbeat_ms else 0.0
        own = (second.duration_seconds - second.first_downbeat_ms / 1000.0) * second.tempo_bpm / 240.0
        assert second.bars == int(round(lead) + own + 1e-3)
        assert -20.0 <= first.target_lufs <= -14.2


@settings(max_examples=40, deadline=None)
@given(CONTROLS, SEEDS, st.integers(2, 60))
def test_a_key_is_unchanged_or_closely_related_to_the_previous_one(
    controls: FocusControls, seed: int, minutes: int
) -> None:
    keys = [related_keys.parse_key(grid.key) for grid in session(controls, seed, minutes)]
    for first, second in pairwise(keys):
        signature = [CIRCLE.index((key.tonic + (3 if key.is_minor else 0)) % 12) for key in (first, second)]
        assert (signature[1] - signature[0]) % 12 in {0, 1, 11}
        assert first.family == second.family or signature[0] == signature[1]


@settings(max_examples=30, deadline=None)
@given(CONTROLS, SEEDS)
def test_planning_is_deterministic(controls: FocusControls, seed: int) -> None:
    assert session(controls, seed, 20) == session(controls, seed, 20)


def test_divergence_decides_how_often_and_how_far_keys_move() -> None:
    for seed in range(20):
        little = [grid.key for grid in session(FocusControls(Goal.FOCUS, divergence=0.0), seed, 60)]
        much = [grid.key for grid in session(FocusControls(Goal.FOCUS, divergence=1.0), seed, 60)]
        assert 4 <= sum(first != second for first, second in pairwise(little)) <= 5
        home = related_keys.parse_key(little[0])
        assert all(related_keys.distance(related_keys.parse_key(key), home) <= 1 for key in little)
        assert all(first != second for first, second in pairwise(much))
        assert len(set(much)) > len(set(little))


@pytest.mark.parametrize(
    ("goal", "directions"),
    [(Goal.FOCUS, {1}), (Goal.RELAX, {-1}), (Goal.SLEEP, {-1}), (Goal.ENERGIZE, {1})],
)
def test_a_goal_moves_tempo_and_energy_through_an_hour(goal: Goal, directions: set[int]) -> None:
    for divergence, steps in ((0.0, 1), (1.0, 2)):
        grids = session(FocusControls(goal, divergence=divergence), 3, 60)
        changes = {round((grid.tempo_bpm - grids[0].tempo_bpm) / TEMPO_STEP) for grid in grids}
        assert changes == {step * direction for step in range(steps + 1) for direction in directions}
        energies = [grid.energy for grid in grids]
        assert 0.1 <= max(energies) - min(energies) <= 0.25
        assert all(abs(first - second) <= 0.03 for first, second in pairwise(energies))


def test_a_tempo_that_the_prompt_names_does_not_move() -> None:
    for prompt in ("lofi 84 bpm", "jazz 91 bpm"):
        grids = session(FocusControls(Goal.FOCUS, divergence=1.0, prompt=prompt), 3, 60)
        assert len({grid.tempo_bpm for grid in grids}) == 1


def test_sessions_differ_in_tempo_and_key() -> None:
    grids = [session(FOCUS, seed, 1)[0] for seed in range(30)]
    assert {grid.tempo_bpm for grid in grids} == {72.0, 78.0, 84.0}
    assert len({grid.key for grid in grids}) > 10


@pytest.mark.parametrize("goal", Goal)
@pytest.mark.parametrize("intensity", Intensity)
def test_every_goal_and_intensity_has_tempos_of_whole_bars_and_suitable_styles(
    goal: Goal, intensity: Intensity
) -> None:
    from engines.studio.styles import STYLES  # noqa: PLC0415

    profile = GOAL_PROFILES[goal]
    for tempo in profile.tempos[intensity]:
        assert tempo % 6 == 0
        tempo_ranges = [STYLES[name].tempo_range for name in profile.styles[intensity]]
        assert any(0.94 * slow <= tempo <= 1.06 * fast for slow, _, fast in tempo_ranges)


@pytest.mark.parametrize(
    ("words", "tempo", "key"),
    [
        ("jazz 91 bpm in F minor", 91.0, "F minor"),
        ("drum and bass in D", 174.0, None),
        ("techno in C# minor", None, "C# minor"),
    ],
)
def test_a_prompt_determines_tempo_and_key(words: str, tempo: float | None, key: str | None) -> None:
    grid = session(FocusControls(Goal.CUSTOM_PROMPT, prompt=words), 5, 1)[0]
    assert tempo is None or grid.tempo_bpm == tempo
    assert key is None or grid.key == key


def test_a_new_prompt_changes_only_the_key_and_that_stepwise() -> None:
    before = plan_segment(FOCUS, 3, 0, 40.0, None, session_seconds=3600.0, is_last=False)
    changed = FocusControls(Goal.FOCUS, prompt="fast techno at 140 bpm in F# minor")
    distances = []
    for index in range(1, 8):
        grid = plan_segment(changed, 3, index, 120.0, before, session_seconds=3600.0, is_last=False)
        assert (grid.tempo_bpm, grid.target_lufs) == (before.tempo_bpm, before.target_lufs)
        distances.append(related_keys.distance(related_keys.parse_key(grid.key), Key(6, "minor")))
        before = grid
    assert distances == sorted(distances, reverse=True)
    assert before.key in {"F# minor", "A major"}


def test_only_engines_with_focus_support_have_a_planner() -> None:
    assert EngineRegistry().segment_planner("studio") is plan_segment
    with pytest.raises(KeyError):
        EngineRegistry().segment_planner("cello")
    registry = EngineRegistry(
        ["other"], "other", {"other": RegisteredEngine(STUDIO_INFO, lambda: EngineRegistry().load("studio"))}
    )
    with pytest.raises(KeyError):
        registry.segment_planner("other")


def test_planning_imports_no_audio_code() -> None:
    lines = (
        "import sys",
        "from core.focus import Goal",
        "from engines.focus_port import FocusControls",
        "from engines.registry import EngineRegistry",
        "plan = EngineRegistry().segment_planner('studio')",
        "plan(FocusControls(Goal.SLEEP), 1, 0, 40.0, None, session_seconds=60.0, is_last=False)",
        "print(sorted(name for name in sys.modules if name.startswith(('scipy', 'engines.studio.'))))",
    )
    code = "\n".join(lines)
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    names = ("focus", "focus.goals", "focus.planner", "focus.session_random", "focus.tempos", "info",
             "theory", "theory.metre", "theory.pitch",
             "theory.related_keys")  # fmt: skip
    assert result.stdout == f"{[f'engines.studio.{name}' for name in names]}\n"
