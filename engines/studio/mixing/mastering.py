"""The last step: as loud as the aim, and no peak above the ceiling."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engines.port import SAMPLE_RATE, SpooledAudio
from engines.studio.dsp.arrays import Reals
from engines.studio.dsp.loudness import LEVEL_FRAMES, LoudnessMeter, integrated_loudness, true_peaks
from engines.studio.mixing.mixdown import Mixdown

TARGET_LUFS: Final = -14.3
CEILING_DBTP: Final = -2.0
"""Under -1 by more than an MP3 of 192 kbit/s was seen to add (0.81 dB at most, over 190 renderings of all styles).

With AIM_LUFS it leaves 12.3 dB from peak to loudness, 12.4 and more after the coding, where the middle half of human
tracks begins.
"""
LOUDNESS_RANGE_LU: Final = (3.0, 4.6)
"""The loudness range of a master; the middle half of human tracks lies between 2.5 and 5.2 LU (audio.md)."""
MAX_SHAPED_RANGE_LU: Final = 9.0
"""How wide it may be where dynamics were asked for; one in twenty human tracks is wider than 9.6 LU."""
LOOK_AHEAD: Final = 5
"""Grains (of 0.73 ms) that the gain moves before and after a peak."""
RELEASE_DB: Final = 0.06
"""How far the gain may rise from grain to grain: about 83 dB per second."""
BLOCK_FRAMES: Final = 1 << 17


@dataclass(frozen=True, slots=True)
class Master:
    """The finished sound, the gain that was applied before the limiter, and what was measured."""

    audio: SpooledAudio
    pre_limiter_gain: float
    loudness_lufs: float
    true_peak_dbtp: float


def _neighbours(values: Reals, reach: int) -> list[Reals]:
    """The values moved by -reach to reach places, the edges held."""
    padded = np.pad(values, reach, mode="edge")
    return [padded[place : place + len(values)] for place in range(2 * reach + 1)]


def limiter_gains(peaks: Reals, gain: float) -> Reals:
    """The limiter's gain for each grain, given the mix's true peaks and the gain before it, shape (grains,).

    The gain that each peak needs is held for the look-ahead, may rise only slowly (a straight line in decibels, which
    a running minimum gives without a loop), and is smoothed by a window no longer than the hold.
    """
    ceiling = 10 ** (CEILING_DBTP / 20)
    needed = np.minimum(0.0, 20 * np.log10(ceiling / np.maximum(peaks * gain, 1e-9)))
    held = reduce(np.minimum, _neighbours(needed, LOOK_AHEAD + 1))
    ramp = RELEASE_DB * np.arange(len(held))
    released = np.minimum.accumulate(held - ramp) + ramp
    window = np.hanning(2 * LOOK_AHEAD + 3)[1:-1]
    smooth = np.zeros(len(held))
    for weight, moved in zip(window / window.sum(), _neighbours(np.minimum(released, 0.0), LOOK_AHEAD), strict=True):
        smooth += weight * moved
    return np.asarray(10 ** (smooth / 20))


def ride_fader(powers: Reals, widest: float = LOUDNESS_RANGE_LU[1], fade: float = 0.0) -> Reals:
    """The hand on the fader before the limiter: gain for each grain, at most 1, moving over seconds only.

    It ends where it began, so that a loop has no step.
    Draws the loudness range towards RANGE_LU: loud sections come down when it is wide, quiet ones when it is narrow.
    A piece of which a build or a quiet end was asked may be as wide as ``widest``; over the seconds of a ``fade`` at
    its end the hand rests.
    The range is the distance from the 10th to the 95th percentile of three-second levels (EBU Tech 3342).
    """
    step = SAMPLE_RATE // (10 * LEVEL_FRAMES)
    total = np.concatenate([[0.0], np.cumsum(powers)])
    places = np.arange(0, len(powers), step)
    reach = min(15 * step, len(powers))
    low, high = np.maximum(places - reach, 0), np.minimum(places + reach, len(powers))
    levels = 10 * np.log10(np.maximum((total[high] - total[low]) / (high - low), 1e-12))
    rest = max(40, round(10 * fade))
    body = levels[:-rest] if len(levels) > rest + 40 else levels
    heard = body[body > body.max() - 20.0]
    spread = float(np.percentile(heard, 95) - np.percentile(heard, 10))
    if len(places) < 80 or spread < 0.3:
        return np.ones(len(powers))
    factor = min(1.9, max(0.5, min(widest, max(LOUDNESS_RANGE_LU[0], spread)) / spread))
    moves = (factor - 1.0) * np.clip(levels - float(np.median(heard)), -9.0, 6.0)
    moves[-rest:] = moves[-rest] if fade else np.linspace(moves[-40], moves[0], 40)
    window = np.hanning(33)[1:-1]
    around = sliding_window_view(np.pad(moves, 15, mode="wrap"), 31)
    smooth = (around * (window / window.sum())).sum(axis=1)
    return np.asarray(10 ** (np.interp(np.arange(len(powers)), places, smooth - smooth.max()) / 20))


def _pre_limiter_gain(powers: Reals, peaks: Reals, tell: Callable[[float], None], aim: float) -> float:
    """The gain with which the limited mix is as loud as the aim; what the limiter takes is given back, in rounds."""
    gain = 10 ** ((aim - integrated_loudness(powers)) / 20)
    for _ in range(8):
        tell(0.0)
        heard = integrated_loudness(powers * (gain * limiter_gains(peaks, gain)) ** 2)
        gain *= 10 ** (min(6.0, max(-6.0, aim - heard)) / 20)
    return float(gain)


def master(
    mixdown: Mixdown,
    folder: Path,
    report_progress: Callable[[float], None],
    target_lufs: float = TARGET_LUFS,
    ride: Callable[[Reals], Reals] = ride_fader,
    margin: Reals | float = 1.0,
) -> Master:
    """Writes the master beside the mix, as loud as ``aim`` in LUFS; ``tell`` hears the share that is done.

    ``rider`` gives the fader's moves for the powers of the mix; ``margin`` is how far (as a factor, for each grain)
    peaks have to stay below the ceiling.
    """
    riding = ride(mixdown.powers)
    peaks = mixdown.true_peaks * riding * margin
    gain = _pre_limiter_gain(mixdown.powers * riding**2, peaks, report_progress, target_lufs)
    curve = limiter_gains(peaks, gain) * gain * riding
    centres = (np.arange(len(curve)) + 0.5) * LEVEL_FRAMES
    meter, highest, done = LoudnessMeter(), 0.0, 0
    path = folder / "master.f32"
    with path.open("wb") as file:
        for block in SpooledAudio(mixdown.paths["mix"], mixdown.frames).blocks(BLOCK_FRAMES):
            shape = np.interp(np.arange(done, done + len(block)), centres, curve)
            loud = (block.T * shape).astype(np.float32)
            meter.add(loud)
            highest = max(highest, float(true_peaks(loud).max()))
            file.write(np.ascontiguousarray(loud.T, dtype="<f4").tobytes())
            done += len(block)
            report_progress(done / mixdown.frames)
    peak = 20 * float(np.log10(max(highest, 1e-9)))
    return Master(SpooledAudio(path, mixdown.frames), gain, round(integrated_loudness(meter.powers), 2), round(peak, 2))
