"""Positions of beats, at known places."""

import numpy as np
import pytest

from engines.studio.analysis import beats
from engines.studio.analysis.tempo_and_key import REDUCED_RATE
from engines.studio.dsp.arrays import Mono
from tests.support.remote import segment_sounds


def reduced(wave: segment_sounds.Wave) -> Mono:
    return wave.astype(np.float32)


@pytest.mark.parametrize(("bpm", "first"), [(78.0, 0.5), (97.3, 0.111), (120.0, 0.213), (174.0, 0.05)])
@pytest.mark.parametrize("at", [0.0, 4.0, 29.9, 60.0])
def test_a_beat_near_any_time_is_found(bpm: float, first: float, at: float) -> None:
    found = beats.locate_beat(reduced(segment_sounds.beat(60, bpm, first, int(REDUCED_RATE))), bpm, at)
    assert found is not None
    period = 60 / bpm
    assert abs(found - at) <= period / 2 + 0.01
    distance = (found * REDUCED_RATE / int(REDUCED_RATE) - first + period / 2) % period - period / 2
    assert abs(distance) < 0.012


def test_noise_and_short_sounds_have_no_beat() -> None:
    assert beats.locate_beat(reduced(segment_sounds.noise(30, 1, rate=int(REDUCED_RATE))), 90.0, 10.0) is None
    assert beats.locate_beat(np.zeros(400_000, np.float32), 90.0, 10.0) is None
    assert beats.locate_beat(reduced(segment_sounds.beat(1, 120, rate=int(REDUCED_RATE))), 120.0, 0.5) is None
