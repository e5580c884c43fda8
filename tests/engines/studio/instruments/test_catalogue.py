import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from engines.port import SAMPLE_RATE
from engines.studio import random_streams
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.instrument import Instrument
from engines.studio.styles import STYLES

FLAT = frozenset({"vinyl"})
"""A record crackles alike however hard it is asked to."""


def middle(instrument: Instrument) -> int:
    return 38 if instrument.is_kit else (instrument.lowest_pitch + instrument.highest_pitch) // 2


def played(instrument: Instrument, velocity: float) -> NDArray[np.float32]:
    seconds = min(1.2, instrument.max_seconds)
    return instrument.tone(middle(instrument), velocity, seconds, random_streams.stream(0, instrument.key))


def colour(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """The level-free spectrum in thirds of an octave, in dB."""
    power = np.abs(np.fft.rfft(sound.mean(axis=0), SAMPLE_RATE)) ** 2
    edges = (40 * 2 ** (np.arange(27) / 3)).astype(int)
    bands = np.array([power[low:high].mean() for low, high in itertools.pairwise(edges)])
    return np.asarray(10 * np.log10(bands / bands.max() + 1e-7))


def test_there_are_at_least_forty_instruments_and_the_styles_use_them() -> None:
    used = {part.instrument for style in STYLES.values() for part in style.parts}
    assert used <= set(CATALOGUE)
    assert len(used) >= 60


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_an_instrument_sounds_cleanly(key: str) -> None:
    sound = played(CATALOGUE[key], 0.7)
    assert sound.dtype == np.float32
    assert sound.shape[0] in {1, 2}
    assert np.isfinite(sound).all()
    assert 0.003 < float(np.sqrt(np.mean(sound**2))) < 0.6
    assert float(np.abs(sound).max()) < 4.0


@pytest.mark.parametrize("key", sorted(set(CATALOGUE) - FLAT))
def test_a_harder_stroke_changes_the_timbre(key: str) -> None:
    soft, hard = (colour(played(CATALOGUE[key], velocity)) for velocity in (0.25, 1.0))
    assert np.abs(soft - hard).max() > 1.0


def test_a_bowed_tone_swells_after_it_begins() -> None:
    sound = CATALOGUE["violin"].tone(69, 0.7, 2.0, random_streams.stream(0, "swell"))[0]
    early, later = (np.sqrt(np.mean(sound[int(a * SAMPLE_RATE) : int(b * SAMPLE_RATE)] ** 2))
                    for a, b in ((0.1, 0.2), (0.7, 1.0)))  # fmt: skip
    assert later > 1.25 * early
