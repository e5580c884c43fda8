"""How alike two segments of a session are: as sound, wherever one is laid against the other, and on the page."""

import io
from collections import defaultdict
from itertools import combinations

import mido
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from benchmarks.focus.note_onsets import DRUM_CHANNEL
from benchmarks.focus.session_renders import RenderedSegment
from engines.port import SAMPLE_RATE

DECIMATION = 4
MonoSignal = NDArray[np.float32]
Bar = frozenset[tuple[int, int]]


def normalized_mono(one: RenderedSegment) -> MonoSignal:
    """The sound in mono at a quarter of the rate, without the part that overlaps with the next, of unit power."""
    frames = len(one.audio) - round(one.grid.overlap_ms * SAMPLE_RATE / 1000)
    mono = one.audio[: frames // DECIMATION * DECIMATION].mean(axis=1)
    row = mono.reshape(-1, DECIMATION).mean(axis=1)
    return np.asarray(row / np.sqrt(np.mean(np.square(row)) + 1e-12), dtype=np.float32)


def max_correlation(one: MonoSignal, other: MonoSignal) -> float:
    """The highest correlation of two sounds over all lags, 0 to 1, of what overlaps there (at least half of it)."""
    size = fft.next_fast_len(len(one) + len(other), real=True)
    product = fft.rfft(one, size) * np.conj(fft.rfft(other, size))
    whole = np.abs(fft.irfft(product, size))
    shorter = min(len(one), len(other))
    return float(whole.max() / shorter)


def pitched_bars(one: RenderedSegment) -> list[Bar]:
    """Every bar that has pitched notes, as (sixteenth, pitch) of all of them."""
    file = mido.MidiFile(file=io.BytesIO(one.score.midi))
    kept: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for track in file.tracks[1:]:
        now = 0
        for message in track:
            now += message.time
            if message.type == "note_on" and message.velocity and message.channel != DRUM_CHANNEL:
                bar, place = divmod(round(4 * now / file.ticks_per_beat), 16)
                kept[bar].add((place, message.note))
    return [frozenset(notes) for _, notes in sorted(kept.items())]


def shared_bars(one: list[Bar], other: list[Bar]) -> float:
    """The share of the other's bars that stand in the first note for note."""
    known = set(one)
    return sum(bar in known for bar in other) / max(1, len(other))


def highest_similarities(rows: list[tuple[MonoSignal, list[Bar]]]) -> tuple[float, float]:
    """The highest likeness of any two segments: as sound, and on the page."""
    pairs = list(combinations(rows, 2))
    heard = max((max_correlation(one[0], other[0]) for one, other in pairs), default=0.0)
    written = max(
        (max(shared_bars(one[1], other[1]), shared_bars(other[1], one[1])) for one, other in pairs), default=0.0
    )
    return heard, written
