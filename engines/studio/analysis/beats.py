"""Beat positions: where in the music the beats of a known tempo are."""

from collections.abc import Callable
from typing import Final

import numpy as np

from engines.studio.analysis.tempo_and_key import ONSET_HOP, REDUCED_RATE, onset_strength
from engines.studio.dsp.arrays import Mono

WINDOW_SECONDS: Final = 16.0
"""The music in which a beat is searched."""
LATENCY_SECONDS: Final = 0.035
"""Time from the start of the window of the onset strength to the onset that it responds to, measured with clicks."""
MIN_CONTRAST: Final = 1.5
"""Lowest ratio of the onset strength on the beat and on average that counts as a beat."""
PHASES_PER_SECOND: Final = 1000


def locate_beat(
    sound: Mono, bpm: float, at_seconds: float, heartbeat: Callable[[], None] = lambda: None
) -> float | None:
    """Return the time of the beat nearest to a time, in seconds, or None if the onsets there have no such beat.

    ``sound`` is mono at REDUCED_RATE. The result is within about 10 ms for percussive music.
    """
    length = len(sound) / REDUCED_RATE
    start = min(max(at_seconds - WINDOW_SECONDS / 2, 0.0), max(length - WINDOW_SECONDS, 0.0))
    first = round(start * REDUCED_RATE)
    onsets = onset_strength(sound[first : first + round(WINDOW_SECONDS * REDUCED_RATE)], heartbeat)
    period = 60.0 / bpm
    beats = int(len(onsets) * ONSET_HOP / REDUCED_RATE / period) - 1
    if beats < 4 or not onsets.any():
        return None
    offsets = np.arange(round(period * PHASES_PER_SECOND)) / PHASES_PER_SECOND
    times = offsets[:, None] + period * np.arange(beats)
    strengths = np.interp(times * REDUCED_RATE / ONSET_HOP, np.arange(len(onsets)), onsets).mean(axis=1)
    if strengths.max() < MIN_CONTRAST * strengths.mean():
        return None
    beat = first / REDUCED_RATE + float(offsets[int(np.argmax(strengths))]) + LATENCY_SECONDS
    return beat + period * round((at_seconds - beat) / period)
