"""What is heard at a join: loudness, where the beats fall, how the spectrum moves, how alike the two sides are."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import signal

from benchmarks.focus import note_onsets
from benchmarks.focus.player import Window, crossfade
from benchmarks.focus.session_renders import RenderedSegment, Samples
from engines.port import SAMPLE_RATE
from engines.studio.dsp.loudness import LEVEL_FRAMES, LoudnessMeter, true_peaks
from engines.studio.theory import related_keys

Reals = NDArray[np.float64]
CONTEXT_SECONDS: Final = 12.0
"""Seconds on both sides with which a join is compared (audio.md)."""
SHORT_TERM_SECONDS: Final = 3.0
MEASUREMENT_STEP: Final = SAMPLE_RATE // (10 * LEVEL_FRAMES)
ONSET_FRAME: Final = 44
"""Samples of a reading of onsets: a millisecond."""
SEARCH_MS: Final = 40
LATENCY_MS: Final = 3
"""How late a click is read, as measured on one."""
MIN_ONSET_SHARE: Final = 0.5
"""Of the clearest onset around a join; what rises less is a stroke that something else covers."""
BANDS: Final = (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)


@dataclass(frozen=True, slots=True)
class Transition:
    """One join. Loudness in LUFS: means of the seconds before and after, the lowest and the highest between.

    ``beat_ms`` is how far the drums are heard from the grid at most, over ``beats`` strokes on a beat (none where
    nobody drums), ``note_ms`` how far any part is written from it; ``peak_dbtp`` is the highest true peak in the
    overlap and around; ``step_db`` is how far the spectrum moves in two seconds at most, ``usual_step_db`` how far it
    does around; ``likeness`` correlates the two sides of the overlap.
    """

    index: int
    before_lufs: float
    min_lufs: float
    max_lufs: float
    after_lufs: float
    beat_ms: float
    beat_count: int
    note_ms: float
    peak_dbtp: float
    step_db: float
    usual_step_db: float
    correlation: float
    keys: tuple[str, str]
    is_allowed_step: bool

    @property
    def deviation(self) -> float:
        """How far the loudness at the join lies from that of either side, at most, in LU."""
        return max(
            abs(one - side) for one in (self.min_lufs, self.max_lufs) for side in (self.before_lufs, self.after_lufs)
        )


def measure_transition(one: RenderedSegment, other: RenderedSegment) -> Transition:
    """The join of two segments that follow each other."""
    window = crossfade(one, other)
    levels = short_term_loudness(window.audio)
    times = np.arange(len(levels)) / 10.0 + SHORT_TERM_SECONDS / 2
    between = levels[(times >= window.start) & (times <= window.end)]
    errors = beat_errors(window, one, other)
    written = [abs(late) for side in _sides(one, other) for _, late in note_onsets.beat_deviations(*side)]
    steps, moments = spectral_steps(window.audio)
    inside = (moments >= window.start) & (moments <= window.end)
    home, next_key = related_keys.parse_key(one.grid.key), related_keys.parse_key(other.grid.key)
    return Transition(
        one.segment.index,
        _mean(levels[(times >= window.start - CONTEXT_SECONDS) & (times < window.start - SHORT_TERM_SECONDS / 2)]),
        float(between.min()),
        float(between.max()),
        _mean(levels[(times > window.end + SHORT_TERM_SECONDS / 2) & (times <= window.end + CONTEXT_SECONDS)]),
        float(np.abs(errors).max(initial=0.0)),
        len(errors),
        1000.0 * max(written, default=0.0),
        20.0 * float(np.log10(true_peaks(window.audio.T).max())),
        float(steps[inside].max()),
        float(np.percentile(steps[~inside], 95)),
        overlap_correlation(one, other),
        (one.grid.key, other.grid.key),
        next_key in (home, *related_keys.closely_related(home)),
    )


def _mean(levels: Reals) -> float:
    return float(10 * np.log10(np.mean(10 ** (levels / 10))))


def short_term_loudness(sound: Samples) -> Reals:
    """Loudness over three seconds, every tenth of a second, in LUFS (EBU Tech 3341)."""
    meter = LoudnessMeter()
    meter.add(sound.T)
    total = np.concatenate([[0.0], np.cumsum(meter.powers)])
    low = np.arange(0, len(total) - 1 - 30 * MEASUREMENT_STEP, MEASUREMENT_STEP)
    return np.asarray(
        -0.691
        + 10 * np.log10(np.maximum((total[low + 30 * MEASUREMENT_STEP] - total[low]) / (30 * MEASUREMENT_STEP), 1e-12))
    )


def onset_strength(sound: Samples) -> Reals:
    """How much the level rises, every millisecond, added up over octaves."""
    mono = sound.mean(axis=1).astype(np.float64)
    total = np.zeros(len(mono) // ONSET_FRAME)
    for low, high in ((40.0, 160.0), (160.0, 1000.0), (1000.0, 4000.0), (4000.0, 14_000.0)):
        band = signal.sosfilt(signal.butter(2, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos"), mono)
        power = np.square(band[: len(total) * ONSET_FRAME]).reshape(-1, ONSET_FRAME).mean(axis=1)
        smooth = np.convolve(power, np.ones(4) / 4.0, mode="full")[: len(power)]
        level = 10 * np.log10(smooth + 1e-3 * smooth.max() + 1e-12)
        total[6:] += np.maximum(level[6:] - level[:-6], 0.0)
    return total


def _sides(
    one: RenderedSegment, other: RenderedSegment
) -> tuple[tuple[RenderedSegment, float, float], tuple[RenderedSegment, float, float]]:
    """The overlap, in each segment's own seconds."""
    overlap = one.grid.overlap_ms / 1000.0
    return (one, one.grid.duration_seconds - overlap, one.grid.duration_seconds), (other, 0.0, overlap)


def beat_errors(window: Window, one: RenderedSegment, other: RenderedSegment) -> Reals:
    """How late each drum stroke on a beat of the overlap is heard, in milliseconds."""
    rises = onset_strength(window.audio)
    clear = MIN_ONSET_SHARE * float(np.percentile(rises, 99.8))
    errors = []
    for (side, start, end), origin in zip(_sides(one, other), (-window.offset, window.start), strict=True):
        for beat, _ in note_onsets.beat_deviations(side, start, end, drums_only=True):
            place = round((beat + origin) * SAMPLE_RATE / ONSET_FRAME) + LATENCY_MS
            near = rises[max(0, place - SEARCH_MS) : place + SEARCH_MS + 1]
            if len(near) == 2 * SEARCH_MS + 1 and near.max() >= clear:
                peaks = np.flatnonzero(near >= 0.5 * near.max()) - SEARCH_MS
                errors.append(float(peaks[np.argmin(np.abs(peaks))]))
    return np.array(errors)


def spectral_steps(sound: Samples) -> tuple[Reals, Reals]:
    """How far the octave bands move from two seconds to the next two (mean of decibels), and when, in seconds."""
    mono = sound.mean(axis=1)
    hop, size = SAMPLE_RATE // 4, 4096
    frames = sliding_window_view(mono, size)[:: size // 2]
    power = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2
    hertz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    bands = np.stack([power[:, (hertz > one / 1.414) & (hertz <= one * 1.414)].sum(axis=1) for one in BANDS], axis=1)
    per = 2.0 * SAMPLE_RATE / (size // 2)
    moments = np.arange(2.0, len(mono) / SAMPLE_RATE - 2.0, hop / SAMPLE_RATE)
    steps = []
    for moment in moments:
        middle, reach = round(moment * SAMPLE_RATE / (size // 2)), round(per)
        sides = (bands[max(0, middle - reach) : middle], bands[middle : middle + reach])
        one, other = (10 * np.log10(side.mean(axis=0) + 1e-9) for side in sides)
        floor = max(one.max(), other.max()) - 40.0
        steps.append(float(np.abs(np.maximum(one, floor) - np.maximum(other, floor)).mean()))
    return np.array(steps), moments


def overlap_correlation(one: RenderedSegment, other: RenderedSegment) -> float:
    """The correlation of what overlaps, -1 to 1: 0 keeps equal power, 1 adds three decibels."""
    frames = round(one.grid.overlap_ms * SAMPLE_RATE / 1000)
    left, right = one.audio[-frames:].astype(np.float64), other.audio[:frames].astype(np.float64)
    return float((left * right).sum() / np.sqrt((left**2).sum() * (right**2).sum() + 1e-12))
