import numpy as np
import pytest

from benchmarks.music.audio import StereoAudio
from benchmarks.music.metrics import form_metrics, harmony_metrics, rhythm_metrics, spectrum_metrics
from engines.port import SAMPLE_RATE
from tests.support.audio.audio_signals import chord, clicks, dual_mono, noise, pink_noise, sine, stereo


def test_white_noise_is_flat_and_pink_noise_falls_by_3_decibels_an_octave() -> None:
    assert spectrum_metrics.measure(dual_mono(noise(10)))["slope"] == pytest.approx(0.0, abs=0.1)
    assert spectrum_metrics.measure(dual_mono(pink_noise(10)))["slope"] == pytest.approx(-3.01, abs=0.1)


def test_pink_noise_has_the_same_power_in_every_octave() -> None:
    found = spectrum_metrics.measure(dual_mono(pink_noise(10)))
    octaves = {name: np.log2(high / low) for name, (low, high) in spectrum_metrics.BANDS.items()}
    for name in ("low", "mid", "high"):
        expected = found["band_mid"] + 10 * np.log10(octaves[name] / octaves["mid"])
        assert found[f"band_{name}"] == pytest.approx(expected, abs=0.25)


def test_a_tone_has_its_own_centroid_band_and_single_peak() -> None:
    found = spectrum_metrics.measure(dual_mono(sine(1000, 4)))
    assert found["centroid"] == pytest.approx(1000, abs=5)
    assert found["band_mid"] == pytest.approx(0.0, abs=0.01)
    assert found["band_sub"] < -40
    assert (found["peaks"], found["peak_octaves"]) == (1.0, 0.0)


def test_tones_octaves_apart_are_counted_with_their_range() -> None:
    tones = sum((sine(110 * 2**octave, 4, 0.1) for octave in range(5)), start=np.zeros(4 * SAMPLE_RATE))
    found = spectrum_metrics.measure(dual_mono(tones))
    assert found["peaks"] == 5.0
    assert found["peak_octaves"] == pytest.approx(4.0, abs=0.03)


@pytest.mark.parametrize(("width", "decibels"), [(0.5, -6.02), (0.1, -20.0)])
def test_side_over_mid_follows_the_width(width: float, decibels: float) -> None:
    mid, side = noise(5), width * noise(5, 1)
    assert spectrum_metrics.measure(stereo(mid + side, mid - side))["side_mid"] == pytest.approx(decibels, abs=0.1)


def test_mono_has_no_side_and_opposite_phase_no_mid() -> None:
    assert spectrum_metrics.measure(dual_mono(noise(2)))["side_mid"] < -90
    assert spectrum_metrics.measure(stereo(noise(2), -noise(2)))["side_mid"] > 90


def test_clicks_at_120_bpm_are_two_onsets_a_second_with_a_clear_pulse() -> None:
    sound = dual_mono(clicks(120, 20) + 0.001 * noise(20))
    found = rhythm_metrics.measure(sound)
    assert found["onsets"] == pytest.approx(2.0, abs=0.1)
    assert found["pulse"] > 0.9
    assert rhythm_metrics.tempo_error(sound, 120.0) == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("tempo_bpm", [60.0, 240.0, 120.0])
def test_tempo_error_ignores_octave_errors(tempo_bpm: float) -> None:
    assert abs(rhythm_metrics.tempo_error(dual_mono(clicks(120, 20)), tempo_bpm)) < 0.2


def test_tempo_error_is_a_percentage_of_the_stated_tempo() -> None:
    assert rhythm_metrics.tempo_error(dual_mono(clicks(120, 20)), 117.0) == pytest.approx(
        100 * (120 / 117 - 1), abs=0.2
    )


def test_noise_has_no_pulse() -> None:
    assert rhythm_metrics.measure(dual_mono(noise(20)))["pulse"] < 0.2


def test_plain_triads_have_a_high_chord_fit_and_their_rate_of_chord_changes() -> None:
    bars = [(57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62)] * 3
    found = harmony_metrics.measure(dual_mono(np.concatenate([chord(bar, 2.0) for bar in bars])))
    assert found["chord_fit"] > 0.9
    assert found["chord_changes"] == pytest.approx(11 / (24 / 60), abs=2.6)
    assert found["chord_entropy"] == pytest.approx(2.0, abs=0.1)


def test_the_entropy_of_equal_shares_is_the_binary_logarithm_of_their_number() -> None:
    assert harmony_metrics.entropy(np.ones(8)) == pytest.approx(3.0)
    assert harmony_metrics.entropy(np.array([1.0, 0.0, 0.0])) == 0.0


def test_timbre_variety_of_one_tone_is_low_and_of_two_sounds_high() -> None:
    steady = form_metrics.timbre_variety(dual_mono(sine(440, 20) + 0.01 * noise(20)))
    moving = form_metrics.timbre_variety(dual_mono(np.concatenate([sine(440, 10), noise(10)])))
    assert steady < 5
    assert moving > 40


def test_repetition_of_a_loop_is_high_and_of_noise_low() -> None:
    bars = np.concatenate([chord(bar, 1.0) for bar in ((57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62))])
    assert form_metrics.repetition(dual_mono(np.tile(bars + 0.02 * noise(4), 5))) > 0.9
    assert form_metrics.repetition(dual_mono(noise(20))) < 0.3


def test_identical_blocks_are_counted() -> None:
    part = noise(4, 1)
    assert form_metrics.copied_blocks(np.concatenate([part, noise(3, 2), part, noise(1, 3)])) == 2
    assert form_metrics.copied_blocks(noise(12)) == 0


def test_a_varied_repetition_is_not_a_copy() -> None:
    one, two = chord((57, 60, 64), 4.0), 0.9 * chord((57, 60, 64), 4.0)
    wobble = 1 + 0.2 * np.sin(2 * np.pi * 1.3 * np.arange(len(two)) / SAMPLE_RATE)
    assert (
        form_metrics.copied_blocks(np.concatenate([one + 0.01 * noise(4, 1), two * wobble + 0.02 * noise(4, 2)])) == 0
    )


def test_stereo_audio_has_a_length_in_seconds() -> None:
    assert StereoAudio(np.zeros((SAMPLE_RATE, 2))).seconds == 1.0
