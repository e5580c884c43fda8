import numpy as np
import pytest

from engines.port import SAMPLE_RATE
from engines.studio.instruments.oscillators import damped_modes
from engines.studio.instruments.stereo import spread_voices
from engines.studio.instruments.voices import HIGH_VOWELS, sing_vowel

FRAMES = 60_000


def test_damped_modes_are_the_sum_of_their_sinusoids() -> None:
    rng = np.random.default_rng(5)
    hertz, gains, phases = rng.uniform(50.0, 15_000.0, 40), 10 ** rng.uniform(-6.0, 0.0, 40), rng.uniform(0.0, 6.28, 40)
    decays = 10 ** rng.uniform(-2.0, 1.0, 40)
    seconds = np.arange(FRAMES)[:, None] / SAMPLE_RATE
    modes = gains * np.exp(-6.9078 * seconds / decays) * np.sin(2 * np.pi * hertz * seconds + phases)
    difference = damped_modes(hertz, gains, decays, FRAMES, phases) - modes.sum(axis=1)
    assert np.abs(difference).max() < 1e-4 * gains.sum()


def test_modes_above_the_highest_frequency_are_silent() -> None:
    assert not damped_modes((18_000.0, 20_000.0), 1.0, 1.0, FRAMES).any()


def test_spread_voices_have_equal_power_and_the_level() -> None:
    voices = list(np.random.default_rng(6).standard_normal((3, FRAMES)).astype(np.float32))
    level = np.linspace(0.0, 1.0, FRAMES, dtype=np.float32)
    constant, rising = spread_voices(voices, np.float32(0.5)), spread_voices(voices, level)
    assert np.square(constant).sum() == pytest.approx(0.25 * np.square(voices).sum(), rel=0.05)
    np.testing.assert_allclose(rising, 2 * constant * level, atol=1e-5)
    np.testing.assert_array_equal(spread_voices(voices[:1], level), (voices[0] * level)[None])


def test_a_vowel_amplifies_its_formants_in_both_channels_alike() -> None:
    impulse = np.zeros((2, SAMPLE_RATE), dtype=np.float32)
    impulse[:, 0] = 1.0
    left, right = sing_vowel(impulse, "ah", 76, 0.6)
    mono = sing_vowel(impulse[:1], "ah", 76, 0.6)[0]
    gains = np.abs(np.fft.rfft(left))
    formants = [round(row[0]) for row in HIGH_VOWELS["ah"]]
    assert all(gains[hertz] > 4 * gains[hertz + 600] for hertz in (formants[1], formants[3]))
    np.testing.assert_allclose(left, right, atol=1e-7)
    np.testing.assert_allclose(left, mono, atol=1e-5)
