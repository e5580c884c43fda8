from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from benchmarks.focus import __main__ as command
from benchmarks.focus import player, similarity, transitions
from benchmarks.focus.session_renders import RenderedSegment, Samples
from benchmarks.focus.transitions import Transition
from core.focus import Goal
from engines.focus_port import BeatGrid, FocusControls, Segment
from engines.port import SAMPLE_RATE, Score

GRID = BeatGrid(120.0, "4/4", 14, 0.0, "C major", 28.0, 8000, 8000, 8000, -16.0)


@cache
def noise(seed: int, seconds: float = 28.0, level: float = 0.1) -> Samples:
    rng = np.random.default_rng(seed)
    sound = np.asarray(level * rng.standard_normal((round(seconds * SAMPLE_RATE), 2)), dtype=np.float32)
    sound.flags.writeable = False
    return sound


def silent_score() -> Score:
    midi = bytes.fromhex("4d546864000000060001000101e04d54726b0000000b00ff510307a12000ff2f00")
    return Score(midi, (), ())


def segment(sound: Samples, key: str = "C major") -> RenderedSegment:
    return RenderedSegment(
        Segment(0, 1, FocusControls(Goal.FOCUS), replace(GRID, key=key)), sound, silent_score(), "noise", -16.0
    )


@cache
def uncorrelated_transition() -> Transition:
    return transitions.measure_transition(segment(noise(1)), segment(noise(2)))


def test_a_crossfade_of_uncorrelated_sounds_keeps_the_loudness() -> None:
    join = uncorrelated_transition()
    assert join.deviation < 0.1
    assert abs(join.correlation) < 0.02
    assert join.step_db < 0.5


def test_a_crossfade_of_identical_sounds_is_three_decibels_louder() -> None:
    tail = noise(1)
    head = np.concatenate([tail[-8 * SAMPLE_RATE :], noise(3, 20.0)])
    join = transitions.measure_transition(segment(tail), segment(head))
    assert join.correlation == pytest.approx(1.0, abs=0.01)
    assert join.max_lufs - join.before_lufs == pytest.approx(3.0, abs=0.3)


def test_a_gap_at_a_transition_is_detected() -> None:
    tail = noise(1).copy()
    tail[-8 * SAMPLE_RATE :] *= np.float32(0.01)
    assert transitions.measure_transition(segment(tail), segment(noise(2))).deviation > 1.5


def test_segments_start_one_stride_apart() -> None:
    row = [segment(noise(1)), segment(noise(2)), segment(noise(3))]
    assert player.start_times(row) == [0.0, 20.0, 40.0]
    assert player.total_seconds(row) == pytest.approx(68.0)


def test_onset_strength_peaks_at_a_click() -> None:
    sound = noise(1, 2.0, 1e-4).copy()
    sound[SAMPLE_RATE] += 1.0
    read = int(np.argmax(transitions.onset_strength(sound))) - transitions.LATENCY_MS
    assert read * transitions.ONSET_FRAME / SAMPLE_RATE == pytest.approx(1.0, abs=0.002)


def test_a_step_to_a_distant_key_is_detected() -> None:
    near = transitions.measure_transition(segment(noise(1)), segment(noise(2), "A minor"))
    far = transitions.measure_transition(segment(noise(1)), segment(noise(2), "F# major"))
    assert (near.is_allowed_step, far.is_allowed_step) == (True, False)


def test_a_shifted_copy_has_a_high_correlation() -> None:
    sound = noise(1)
    one, copy, other = (
        similarity.normalized_mono(segment(row)) for row in (sound, np.roll(sound, 30_000, axis=0), noise(2))
    )
    assert similarity.max_correlation(one, copy) > 0.8
    assert similarity.max_correlation(one, other) < 0.05


def test_the_command_renders_a_session_and_prints_its_length(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--minutes", "1", "--goal", "relax", "--intensity", "low", "--seed", "4", "--markdown"]) == 0
    output = capsys.readouterr().out
    assert "| playback time | 60.000 s |" in output
    assert "| error | +0.0000 % |" in output


@pytest.mark.timeout(1800)
def test_every_transition_of_a_session_is_within_its_limits(
    pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    minutes = str(pytestconfig.getoption("--focus-minutes"))
    assert command.main(["--minutes", minutes, "--seed", "3", "--markdown"]) == 0, capsys.readouterr().out


def test_an_exceeded_limit_is_bold_and_fails_the_command() -> None:
    good = uncorrelated_transition()
    bad = replace(good, min_lufs=good.before_lufs - 3.0, beat_ms=20.0)
    for join, row, is_within_limits in ((good, "| 0.0", True), (bad, "| **3.0", False)):
        session = command.SessionMeasurements([join], [], [replace(GRID, overlap_ms=0)], [60.0], [1.0])
        assert row in command.transition_table(session).markdown()
        assert command.meets_limits(session, 1) is is_within_limits
