import numpy as np
import pytest

from benchmarks.music.metrics import loudness_metrics, technical_checks
from benchmarks.music.metrics.technical_checks import CHECKS
from engines.port import SAMPLE_RATE
from tests.support.audio.audio_signals import dual_mono, noise, sine, stereo, time_axis


def test_a_sine_of_997_hertz_on_one_side_at_full_scale_is_minus_3_lufs() -> None:
    sound = stereo(sine(997, 5, 1.0), np.zeros(5 * SAMPLE_RATE))
    assert loudness_metrics.integrated_loudness(sound) == pytest.approx(-3.01, abs=0.05)


def test_a_steady_sound_has_no_loudness_range_and_no_micro_dynamics() -> None:
    found = loudness_metrics.loudness_curves(dual_mono(sine(997, 10)))
    assert loudness_metrics.loudness_range(found.short) == pytest.approx(0.0, abs=0.01)
    assert loudness_metrics.micro_dynamics(found) == pytest.approx(0.0, abs=0.01)
    assert found.short == pytest.approx(
        np.full(len(found.short), loudness_metrics.integrated_loudness(dual_mono(sine(997, 10)))), abs=0.02
    )


def test_the_loudness_range_of_two_levels_is_their_distance() -> None:
    sound = dual_mono(np.concatenate([sine(997, 20, 0.1), sine(997, 20, 0.1 * 10 ** (10 / 20))]))
    assert loudness_metrics.loudness_range(loudness_metrics.loudness_curves(sound).short) == pytest.approx(
        10.0, abs=0.1
    )


def test_micro_dynamics_measure_a_tremolo_of_half_a_hertz() -> None:
    wave = sine(997, 20) * 10 ** (3 * np.sin(2 * np.pi * 0.5 * time_axis(20)) / 20)
    found = loudness_metrics.micro_dynamics(loudness_metrics.loudness_curves(dual_mono(wave)))
    assert found == pytest.approx(3 / np.sqrt(2), abs=0.35)


def test_a_true_peak_is_found_between_the_samples() -> None:
    quarter = np.sin(2 * np.pi * SAMPLE_RATE / 4 * time_axis(1) + np.pi / 4)
    assert np.abs(quarter).max() == pytest.approx(np.sqrt(0.5), abs=1e-6)
    assert loudness_metrics.true_peak(dual_mono(quarter * np.hanning(SAMPLE_RATE))) == pytest.approx(0.0, abs=0.05)


def test_a_clean_tone_passes_every_check() -> None:
    fade = np.minimum(1.0, (4 - time_axis(4)) * 2) ** 6
    found = technical_checks.measure(dual_mono(sine(997, 4, 0.2) * fade), 4.0)
    assert found["clipped"] == 0
    assert found["offset"] < 1e-4
    assert (found["leading_silence"], found["gap"]) == (0.0, 0.0)
    assert found["balance"] == 0.0
    assert found["correlation"] == pytest.approx(1.0)
    assert found["bass_correlation"] == pytest.approx(1.0)
    assert found["duration_error"] == 0.0
    assert found["ending"] > 40
    assert [name for name in found if not CHECKS[name].is_acceptable(found[name])] == []


def test_silence_clipping_and_offset_are_counted() -> None:
    wave = noise(6)
    wave[:SAMPLE_RATE] = 0.0
    wave[3 * SAMPLE_RATE : 4 * SAMPLE_RATE] = 0.0
    wave[-3:] = 1.0
    found = technical_checks.measure(dual_mono(wave + 0.0001), 6.5)
    assert found["leading_silence"] == pytest.approx(1.0, abs=0.011)
    assert found["gap"] == pytest.approx(1.0, abs=0.021)
    assert found["clipped"] == 6
    assert found["offset"] == pytest.approx(abs(wave.mean() + 0.0001))
    assert found["duration_error"] == -0.5
    assert [name for name in found if name != "loudness" and not CHECKS[name].is_acceptable(found[name])] == [
        "true_peak",
        "clipped",
        "leading_silence",
        "gap",
        "ending",
        "duration_error",
    ]


def test_correlation_of_opposite_and_of_independent_channels() -> None:
    wave = noise(4)
    opposed = technical_checks.measure(stereo(wave, -wave), 4.0)
    apart = technical_checks.measure(stereo(wave, noise(4, 9)), 4.0)
    assert opposed["correlation"] == pytest.approx(-1.0)
    assert opposed["bass_correlation"] == pytest.approx(-1.0)
    assert apart["correlation"] == pytest.approx(0.0, abs=0.02)
    assert apart["bass_correlation"] == pytest.approx(0.0, abs=0.1)


def test_a_channel_at_twice_the_amplitude_is_6_decibels_out_of_balance() -> None:
    assert technical_checks.measure(stereo(noise(2), noise(2) / 2), 2.0)["balance"] == pytest.approx(6.02, abs=0.01)
