import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from engines.port import SAMPLE_RATE
from engines.studio import random_streams
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.instrument import Instrument
from engines.studio.styles import STYLES

VELOCITY_INDEPENDENT = frozenset({"vinyl"})
"""The instruments whose timbre is independent of the velocity."""


def middle_pitch(instrument: Instrument) -> int:
    return 38 if instrument.is_kit else (instrument.lowest_pitch + instrument.highest_pitch) // 2


def render_tone(instrument: Instrument, velocity: float) -> NDArray[np.float32]:
    seconds = min(1.2, instrument.max_seconds)
    return instrument.tone(middle_pitch(instrument), velocity, seconds, random_streams.stream(0, instrument.key))


def spectrum(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the spectrum in third-octave bands, in dB relative to the loudest band."""
    power = np.abs(np.fft.rfft(sound.mean(axis=0), SAMPLE_RATE)) ** 2
    edges = (40 * 2 ** (np.arange(27) / 3)).astype(int)
    bands = np.array([power[low:high].mean() for low, high in itertools.pairwise(edges)])
    return np.asarray(10 * np.log10(bands / bands.max() + 1e-7))


def test_the_styles_use_at_least_sixty_instruments() -> None:
    used = {part.instrument for style in STYLES.values() for part in style.parts}
    assert used <= set(CATALOGUE)
    assert len(used) >= 60


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_a_tone_has_a_plausible_level(key: str) -> None:
    sound = render_tone(CATALOGUE[key], 0.7)
    assert sound.dtype == np.float32
    assert sound.shape[0] in {1, 2}
    assert np.isfinite(sound).all()
    assert 0.003 < float(np.sqrt(np.mean(sound**2))) < 0.6
    assert float(np.abs(sound).max()) < 4.0


@pytest.mark.parametrize("key", sorted(set(CATALOGUE) - VELOCITY_INDEPENDENT))
def test_the_velocity_changes_the_timbre(key: str) -> None:
    soft, hard = (spectrum(render_tone(CATALOGUE[key], velocity)) for velocity in (0.25, 1.0))
    assert np.abs(soft - hard).max() > 1.0


def test_a_bowed_tone_has_a_swell() -> None:
    sound = CATALOGUE["violin"].tone(69, 0.7, 2.0, random_streams.stream(0, "swell"))[0]
    early, later = (np.sqrt(np.mean(sound[int(a * SAMPLE_RATE) : int(b * SAMPLE_RATE)] ** 2))
                    for a, b in ((0.1, 0.2), (0.7, 1.0)))  # fmt: skip
    assert later > 1.25 * early


def levels(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the RMS level of every 20 ms."""
    frames = SAMPLE_RATE // 50
    mono = sound.mean(axis=0)[: sound.shape[1] // frames * frames].astype(np.float64)
    return np.asarray(np.sqrt(np.square(mono).reshape(-1, frames).mean(axis=1)))


@pytest.mark.parametrize("key", ["sax", "flute", "clarinet", "trumpet", "brass"])
def test_a_blown_tone_speaks_within_a_tenth_of_a_second(key: str) -> None:
    curve = levels(render_tone(CATALOGUE[key], 0.75))
    assert curve[3:6].max() > 0.65 * curve[:40].max()


@pytest.mark.parametrize("key", ["steel_guitar", "nylon_guitar", "harp", "piano"])
def test_a_string_keeps_high_partials_and_noise_while_it_decays(key: str) -> None:
    sound = render_tone(CATALOGUE[key], 0.75)[:, round(0.7 * SAMPLE_RATE) : round(0.9 * SAMPLE_RATE)].mean(axis=0)
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    share = power[len(sound) * 5000 // SAMPLE_RATE :].sum() / power.sum()
    assert -70.0 < 10 * np.log10(share) < -20.0


def test_a_string_decays_fast_at_first_and_slowly_later() -> None:
    curve = 20 * np.log10(levels(CATALOGUE["piano"].tone(48, 0.7, 5.0, random_streams.stream(3, "piano"))))
    assert (curve[5] - curve[40]) / 35 > 1.3 * (curve[120] - curve[220]) / 100


@pytest.mark.parametrize("key", ["choir", "voice", "humming"])
def test_a_sung_tone_starts_without_hiss(key: str) -> None:
    sound = render_tone(CATALOGUE[key], 0.7).mean(axis=0)[round(0.027 * SAMPLE_RATE) : round(0.073 * SAMPLE_RATE)]
    magnitude = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    hertz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    assert (hertz * magnitude).sum() / magnitude.sum() < 2000.0


def test_the_vowel_of_a_voice_moves_within_a_tone() -> None:
    sound = CATALOGUE["voice"].tone(57, 0.7, 3.0, random_streams.stream(1, "voice"))
    early, late = (spectrum(sound[:, round(start * SAMPLE_RATE) :][:, :SAMPLE_RATE]) for start in (0.15, 2.0))
    assert np.abs(early - late)[5:].max() > 4.0
