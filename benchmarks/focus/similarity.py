"""Similarity of two segments: the highest correlation of their audio at any lag, and their common bars."""

import io
from collections import defaultdict
from itertools import combinations

import mido
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from benchmarks.focus.note_onsets import DRUM_CHANNEL
from benchmarks.focus.session_renders import RenderedSegment
from benchmarks.music.midi_score import NOISES
from engines.port import SAMPLE_RATE

DECIMATION = 4
MonoSignal = NDArray[np.float32]
Bar = frozenset[tuple[int, int]]


def normalized_mono(rendered: RenderedSegment) -> MonoSignal:
    """Return the audio before the next overlap, in mono at a quarter of the rate, normalized to unit power."""
    frames = len(rendered.audio) - round(rendered.grid.overlap_ms * SAMPLE_RATE / 1000)
    mono = rendered.audio[: frames // DECIMATION * DECIMATION].mean(axis=1)
    reduced = mono.reshape(-1, DECIMATION).mean(axis=1)
    return np.asarray(reduced / np.sqrt(np.mean(np.square(reduced)) + 1e-12), dtype=np.float32)


def max_correlation(one: MonoSignal, other: MonoSignal) -> float:
    """Return the highest correlation of two signals over all lags, 0 to 1."""
    size = fft.next_fast_len(len(one) + len(other), real=True)
    product = fft.rfft(one, size) * np.conj(fft.rfft(other, size))
    correlations = np.abs(fft.irfft(product, size))
    return float(correlations.max() / min(len(one), len(other)))


def pitched_bars(rendered: RenderedSegment) -> list[Bar]:
    """Return every bar with pitched notes as the set of its (sixteenth, pitch) pairs."""
    file = mido.MidiFile(file=io.BytesIO(rendered.score.midi))
    notes_by_bar: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for track in file.tracks[1:]:
        if NOISES.intersection(message.program for message in track if message.type == "program_change"):
            continue
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity and message.channel != DRUM_CHANNEL:
                bar, sixteenth = divmod(round(4 * tick / file.ticks_per_beat), 16)
                notes_by_bar[bar].add((sixteenth, message.note))
    return [frozenset(notes) for _, notes in sorted(notes_by_bar.items())]


def shared_bars(one: list[Bar], other: list[Bar]) -> float:
    """Return the share of the bars of ``other`` that also occur in ``one``."""
    known_bars = set(one)
    return sum(bar in known_bars for bar in other) / max(1, len(other))


def highest_similarities(segments: list[tuple[MonoSignal, list[Bar]]]) -> tuple[float, float]:
    """Return the highest correlation, and the highest share of common bars, of any two segments."""
    pairs = list(combinations(segments, 2))
    correlation = max((max_correlation(one[0], other[0]) for one, other in pairs), default=0.0)
    shared = max(
        (max(shared_bars(one[1], other[1]), shared_bars(other[1], one[1])) for one, other in pairs), default=0.0
    )
    return correlation, shared
