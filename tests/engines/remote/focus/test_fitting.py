"""Files of a peer as segments: cut on the beat, levelled, joined by equal-power crossfades."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.focus import Goal
from engines.focus_port import BeatGrid, FocusControls, Segment
from engines.port import SAMPLE_RATE
from engines.remote.focus import fitting
from engines.remote.focus.fitting import FittedSegment, UnfitError
from engines.remote.focus.planner import plan_segment
from tests.support.remote import segment_sounds
from tests.support.remote.segment_sounds import Wave

CONTROLS = FocusControls(Goal.FOCUS)
STRIDE = 30.0


def planned(index: int, before: BeatGrid | None = None, *, is_last: bool = False) -> Segment:
    grid = plan_segment(CONTROLS, 7, index, STRIDE, before, session_seconds=90, is_last=is_last, max_seconds=300)
    return Segment(index, 7, CONTROLS, grid, before, is_last=is_last)


def fit(wave: Wave, segment: Segment, path: Path) -> FittedSegment:
    return fitting.fit(segment_sounds.spool(wave, path), segment, lambda: None)


def samples(fitted: FittedSegment) -> Wave:
    return np.concatenate(list(fitted.audio.blocks(10_000)))[:, 0].astype(np.float64)


def music(seconds: float, bpm: float, first_beat: float) -> Wave:
    return segment_sounds.beat(seconds, bpm, first_beat, SAMPLE_RATE)


def test_beats_of_both_segments_meet_in_the_middle_of_the_crossfade(tmp_path: Path) -> None:
    first = fit(music(41, 78.0, 0.9), planned(0), tmp_path / "0")
    second = fit(music(44, 78.0, 1.37), planned(1, first.segment.grid), tmp_path / "1")
    third = fit(music(44, 79.5, 0.71), planned(2, second.segment.grid, is_last=True), tmp_path / "2")
    for before, after in ((first, second), (second, third)):
        grid = before.segment.grid
        assert grid.is_beat_known
        middle = grid.duration_seconds - grid.overlap_ms / 2000
        assert np.abs(segment_sounds.strokes(samples(before)) - middle).min() < 0.015
        assert np.abs(segment_sounds.strokes(samples(after)) - grid.overlap_ms / 2000).min() < 0.015
        assert after.notes[-1] == "It is joined to the segment before on a beat of both."


def test_the_grid_describes_the_audio(tmp_path: Path) -> None:
    fitted = fit(music(41, 80.3, 0.9), planned(0), tmp_path / "audio")
    grid = fitted.segment.grid
    assert grid.tempo_bpm == pytest.approx(80.3, abs=0.2)
    assert grid.duration_seconds * SAMPLE_RATE == pytest.approx(len(samples(fitted)), abs=0.01)
    assert np.abs(segment_sounds.strokes(samples(fitted)) - grid.first_downbeat_ms / 1000).min() < 0.015
    plan = planned(0).grid
    assert plan.duration_seconds - 60 / 80.3 < grid.duration_seconds <= plan.duration_seconds
    assert grid.drift_seconds == pytest.approx(grid.duration_seconds - plan.duration_seconds)
    assert (grid.overlap_ms, grid.fade_out_ms) == (plan.overlap_ms, plan.fade_out_ms)


def test_equal_power_keeps_the_level_through_the_crossfade(tmp_path: Path) -> None:
    first = fit(segment_sounds.noise(41, 1, 0.02, SAMPLE_RATE), planned(0), tmp_path / "0")
    second = fit(segment_sounds.noise(41, 2, 0.2, SAMPLE_RATE), planned(1, first.segment.grid), tmp_path / "1")
    assert not first.segment.grid.is_beat_known
    assert second.notes[-1].endswith("one of them has no steady beat.")
    overlap = round(first.segment.grid.overlap_ms / 1000 * SAMPLE_RATE)
    angle = np.arange(overlap) / overlap * np.pi / 2
    before, after = samples(first), samples(second)
    mixed = before[-overlap:] * np.cos(angle) + after[:overlap] * np.sin(angle)
    whole = np.concatenate([before[:-overlap], mixed, after[overlap:]])
    seconds = whole[: len(whole) // SAMPLE_RATE * SAMPLE_RATE].reshape(-1, SAMPLE_RATE)
    levels = 10 * np.log10(np.square(seconds).mean(axis=1))
    assert levels.max() - levels.min() < 0.5
    assert np.abs(whole).max() < 1.0


def test_the_level_is_that_of_the_session_and_peaks_stay_below_full_scale(tmp_path: Path) -> None:
    loud = fit(segment_sounds.noise(41, 1, 0.1, SAMPLE_RATE), planned(0), tmp_path / "0")
    assert loud.measured.loudness_lufs == pytest.approx(-16.0, abs=0.01)
    assert loud.measured.true_peak_dbtp < fitting.MAX_PEAK_DBTP
    clicks = segment_sounds.noise(41, 1, 0.01, SAMPLE_RATE)
    for second in range(41):
        clicks[second * SAMPLE_RATE : second * SAMPLE_RATE + 64] = 0.9 * np.hanning(64)
    pulses = fit(clicks, planned(0), tmp_path / "1")
    assert pulses.measured.true_peak_dbtp == pytest.approx(fitting.MAX_PEAK_DBTP, abs=0.01)
    assert 20 * np.log10(np.abs(samples(pulses)).max()) <= fitting.MAX_PEAK_DBTP + 0.01


def test_silence_at_both_ends_is_cut_off(tmp_path: Path) -> None:
    sound = segment_sounds.noise(30, 1, 0.1, SAMPLE_RATE)
    wave = np.concatenate([np.zeros(3 * SAMPLE_RATE), sound, sound[: 4 * SAMPLE_RATE] * 0.001])
    fitted = fit(wave, planned(0), tmp_path / "audio")
    assert fitted.segment.grid.duration_seconds == pytest.approx(30, abs=0.8)
    levels = np.abs(samples(fitted))
    assert levels[:SAMPLE_RATE].mean() == pytest.approx(levels[-SAMPLE_RATE:].mean(), rel=0.6)
    assert fitted.segment.grid.drift_seconds < 0


def test_the_last_segment_keeps_its_ending_or_fades_out(tmp_path: Path) -> None:
    before = planned(0).grid
    own = fit(music(STRIDE, 78.0, 0.0), planned(1, before, is_last=True), tmp_path / "0")
    assert own.segment.grid.duration_seconds == pytest.approx(STRIDE, abs=60 / 78)
    cut = samples(fit(segment_sounds.noise(50, 1, 0.1, SAMPLE_RATE), planned(1, before, is_last=True), tmp_path / "1"))
    assert len(cut) == STRIDE * SAMPLE_RATE
    assert np.abs(cut[-100:]).max() < 0.001
    assert np.abs(cut[-6 * SAMPLE_RATE : -5 * SAMPLE_RATE]).max() > 0.1


def test_silence_and_music_that_is_too_short_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnfitError, match=r"^The engine delivered silence\.$"):
        fit(np.zeros(30 * SAMPLE_RATE), planned(0), tmp_path / "0")
    with pytest.raises(
        UnfitError, match=r"^The engine delivered 12\.0 s of music, and the segment needs \d\d\.\d s\.$"
    ):
        fit(segment_sounds.noise(12, 1, 0.1, SAMPLE_RATE), planned(0), tmp_path / "1")


def test_the_same_file_gives_the_same_segment(tmp_path: Path) -> None:
    once, again = (fit(music(41, 78.0, 0.9), planned(0), tmp_path / name) for name in "ab")
    assert replace(once, audio=again.audio) == again
    assert np.array_equal(samples(once), samples(again))
