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
