"""Measurements at a transition: loudness, beat positions, spectral change, correlation of the two segments."""

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
"""Audio on both sides with which a transition is compared (audio.md)."""
SHORT_TERM_SECONDS: Final = 3.0
MEASUREMENT_STEP: Final = SAMPLE_RATE // (10 * LEVEL_FRAMES)
ONSET_FRAME: Final = 44
"""Samples per value of the onset strength: 1 ms."""
SEARCH_MS: Final = 40
LATENCY_MS: Final = 3
"""Delay of the onset strength, measured on a click."""
MIN_ONSET_SHARE: Final = 0.5
"""Lowest strength of a drum onset, as a share of the strongest around a transition; weaker strokes are masked."""
BANDS: Final = (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)


@dataclass(frozen=True, slots=True)
class Transition:
    """One transition.

    Loudness: means before and after, minimum and maximum in the overlap. ``beat_ms`` is the largest distance of drum
    onsets from the beat grid in the audio, over ``beat_count`` strokes (0 without drums); ``note_ms`` is that of all
    notes in the score. ``peak_dbtp`` is the highest true peak in and around the overlap. ``step_db`` is the largest
    spectral change within two seconds, ``usual_step_db`` the usual one around the overlap. ``correlation`` compares the
    two segments in the overlap.
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
        """The largest difference between the loudness in the overlap and that of either side, in LU."""
        return max(
            abs(level - side)
            for level in (self.min_lufs, self.max_lufs)
            for side in (self.before_lufs, self.after_lufs)
        )


def measure_transition(one: RenderedSegment, other: RenderedSegment) -> Transition:
    """Measure the transition between two successive segments."""
    window = crossfade(one, other)
    levels = short_term_loudness(window.audio)
    times = np.arange(len(levels)) / 10.0 + SHORT_TERM_SECONDS / 2
    overlap = levels[(times >= window.start) & (times <= window.end)]
    errors = beat_errors(window, one, other)
    note_errors = [abs(delay) for side in _sides(one, other) for _, delay in note_onsets.beat_deviations(*side)]
    steps, times_of_steps = spectral_steps(window.audio)
    inside = (times_of_steps >= window.start) & (times_of_steps <= window.end)
    key, next_key = related_keys.parse_key(one.grid.key), related_keys.parse_key(other.grid.key)
    return Transition(
        one.segment.index,
        _mean(levels[(times >= window.start - CONTEXT_SECONDS) & (times < window.start - SHORT_TERM_SECONDS / 2)]),
        float(overlap.min()),
        float(overlap.max()),
        _mean(levels[(times > window.end + SHORT_TERM_SECONDS / 2) & (times <= window.end + CONTEXT_SECONDS)]),
        float(np.abs(errors).max(initial=0.0)),
        len(errors),
        1000.0 * max(note_errors, default=0.0),
        20.0 * float(np.log10(true_peaks(window.audio.T).max())),
        float(steps[inside].max()),
        float(np.percentile(steps[~inside], 95)),
        overlap_correlation(one, other),
        (one.grid.key, other.grid.key),
        next_key in (key, *related_keys.closely_related(key)),
    )


def _mean(levels: Reals) -> float:
    return float(10 * np.log10(np.mean(10 ** (levels / 10))))


def short_term_loudness(sound: Samples) -> Reals:
    """Return the short-term loudness in LUFS every 0.1 s (EBU Tech 3341)."""
    meter = LoudnessMeter()
    meter.add(sound.T)
    total = np.concatenate([[0.0], np.cumsum(meter.powers)])
    low = np.arange(0, len(total) - 1 - 30 * MEASUREMENT_STEP, MEASUREMENT_STEP)
    return np.asarray(
        -0.691
        + 10 * np.log10(np.maximum((total[low + 30 * MEASUREMENT_STEP] - total[low]) / (30 * MEASUREMENT_STEP), 1e-12))
    )


def onset_strength(sound: Samples) -> Reals:
    """Return the increase of the level every millisecond, summed over frequency bands."""
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
    """Return each segment with start and end of the overlap in its own time."""
    overlap = one.grid.overlap_ms / 1000.0
    return (one, one.grid.duration_seconds - overlap, one.grid.duration_seconds), (other, 0.0, overlap)


def beat_errors(window: Window, one: RenderedSegment, other: RenderedSegment) -> Reals:
    """Return the delay of each drum onset on a beat of the overlap, in milliseconds."""
    strength = onset_strength(window.audio)
    threshold = MIN_ONSET_SHARE * float(np.percentile(strength, 99.8))
    errors = []
    for (side, start, end), offset in zip(_sides(one, other), (-window.offset, window.start), strict=True):
        for beat, _ in note_onsets.beat_deviations(side, start, end, drums_only=True):
            index = round((beat + offset) * SAMPLE_RATE / ONSET_FRAME) + LATENCY_MS
            near = strength[max(0, index - SEARCH_MS) : index + SEARCH_MS + 1]
            if len(near) == 2 * SEARCH_MS + 1 and near.max() >= threshold:
                peaks = np.flatnonzero(near >= 0.5 * near.max()) - SEARCH_MS
                errors.append(float(peaks[np.argmin(np.abs(peaks))]))
    return np.array(errors)


def spectral_steps(sound: Samples) -> tuple[Reals, Reals]:
    """Return the mean change of the octave bands in dB between adjacent windows of 2 s, and the times in seconds."""
    mono = sound.mean(axis=1)
    hop, size = SAMPLE_RATE // 4, 4096
    frames = sliding_window_view(mono, size)[:: size // 2]
    power = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2
    hertz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    bands = np.stack(
        [power[:, (hertz > centre / 1.414) & (hertz <= centre * 1.414)].sum(axis=1) for centre in BANDS], axis=1
    )
    times = np.arange(2.0, len(mono) / SAMPLE_RATE - 2.0, hop / SAMPLE_RATE)
    window = round(2.0 * SAMPLE_RATE / (size // 2))
    steps = []
    for time in times:
        middle = round(time * SAMPLE_RATE / (size // 2))
        sides = (bands[max(0, middle - window) : middle], bands[middle : middle + window])
        before, after = (10 * np.log10(side.mean(axis=0) + 1e-9) for side in sides)
        floor = max(before.max(), after.max()) - 40.0
        steps.append(float(np.abs(np.maximum(before, floor) - np.maximum(after, floor)).mean()))
    return np.array(steps), times


def overlap_correlation(one: RenderedSegment, other: RenderedSegment) -> float:
    """Return the correlation in the overlap, -1 to 1; 0 keeps the power of equal-power fades, 1 adds 3 dB."""
    frames = round(one.grid.overlap_ms * SAMPLE_RATE / 1000)
    left, right = one.audio[-frames:].astype(np.float64), other.audio[:frames].astype(np.float64)
    return float((left * right).sum() / np.sqrt((left**2).sum() * (right**2).sum() + 1e-12))
