"""Measures of one render for the comparison of prompts: sound, dynamics, notes and form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import signal

from benchmarks.music.audio import Reals, StereoAudio, decibels, split_frames
from benchmarks.music.metrics import loudness_metrics, rhythm_metrics, spectrum_metrics
from benchmarks.music.midi_score import MidiScore, Note
from engines.port import SAMPLE_RATE

MODULATION_HERTZ: Final = (800.0, 5000.0)
FAST_FRAME, SLOW_FRAMES = SAMPLE_RATE // 50, 15
"""Frames of 20 ms, and their number in the surroundings (0.3 s) to which they are compared."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """A render: the master, the score, the facts and the levels of the stems in dBFS."""

    sound: StereoAudio
    score: MidiScore
    facts: Mapping[str, Any]


def measure(rendering: Rendering) -> dict[str, float]:
    """Return all MEASURES of a render."""
    return {name: round(float(function(rendering)), 4) for name, function in MEASURES.items()}


def _air(rendering: Rendering) -> float:
    """Return the power above 8 kHz relative to the power from 60 Hz to 8 kHz, in dB."""
    frequencies, power = signal.welch(rendering.sound.mono, SAMPLE_RATE, nperseg=8192)
    return float(decibels(power[frequencies >= 8000].sum() / power[(frequencies >= 60) & (frequencies < 8000)].sum()))


def _low_share(rendering: Rendering) -> float:
    """Return the power from 60 to 400 Hz relative to the power from 400 Hz to 8 kHz, in dB."""
    frequencies, power = signal.welch(rendering.sound.mono, SAMPLE_RATE, nperseg=8192)
    low, high = (frequencies >= 60) & (frequencies < 400), (frequencies >= 400) & (frequencies < 8000)
    return float(decibels(power[low].sum() / power[high].sum()))


def _modulation(rendering: Rendering) -> float:
    """Return the standard deviation in dB of 20 ms levels around their surroundings: reverberation fills the gaps."""
    low, high = MODULATION_HERTZ
    band = signal.sosfilt(signal.butter(2, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos"), rendering.sound.mono)
    power = np.square(split_frames(np.asarray(band), FAST_FRAME)).mean(axis=1)
    levels = decibels(power)
    around = decibels(np.convolve(power, np.ones(SLOW_FRAMES) / SLOW_FRAMES, mode="same"))
    is_audible = around > around.max() - 40.0
    return float(np.std((levels - around)[is_audible]))


def _short_loudness(rendering: Rendering) -> Reals:
    return loudness_metrics.loudness_curves(rendering.sound).short


def _loudness_range(rendering: Rendering) -> float:
    return loudness_metrics.loudness_range(_short_loudness(rendering))


def _rise(rendering: Rendering) -> float:
    """Return the loudness of the last third, without its last tenth, relative to the first third, in LU."""
    short = _short_loudness(rendering)
    third = len(short) // 3
    return float(short[2 * third : -max(1, len(short) // 10)].mean() - short[:third].mean())


def _end_level(rendering: Rendering) -> float:
    """Return the momentary loudness of the last tenth relative to the whole, in LU."""
    momentary = loudness_metrics.loudness_curves(rendering.sound).momentary
    return float(momentary[-max(1, len(momentary) // 10) :].mean() - momentary.mean())


def _start_level(rendering: Rendering) -> float:
    """Return the momentary loudness of the first tenth relative to the whole, in LU."""
    momentary = loudness_metrics.loudness_curves(rendering.sound).momentary
    return float(momentary[: max(1, len(momentary) // 10)].mean() - momentary.mean())


def _pitched(rendering: Rendering) -> list[Note]:
    return [note for note in rendering.score.notes if not note.is_drum]


def _notes_per_minute(rendering: Rendering) -> float:
    return len(rendering.score.notes) * 60.0 / rendering.sound.seconds


def _mean_pitch(rendering: Rendering) -> float:
    pitches = [note.pitch for note in _pitched(rendering)]
    return float(np.mean(pitches)) if pitches else 0.0


def _novelty(rendering: Rendering) -> float:
    """Return the share of bars of four quarter notes with pitched notes that no earlier bar has, in sixteenths."""
    bars: dict[int, set[tuple[int, int]]] = {}
    for note in _pitched(rendering):
        bars.setdefault(int(note.start // 4), set()).add((round(4 * (note.start % 4)), note.pitch))
    seen: list[set[tuple[int, int]]] = []
    new = 0
    for number in sorted(bars):
        bar = bars[number]
        new += all(len(bar & other) < 0.8 * len(bar | other) for other in seen)
        seen.append(bar)
    return new / max(1, len(bars))


def _note_length(rendering: Rendering) -> float:
    """Return the mean length of pitched notes in quarter notes."""
    lengths = [note.end - note.start for note in _pitched(rendering)]
    return float(np.mean(lengths)) if lengths else 0.0


MEASURES: Final[Mapping[str, Callable[[Rendering], float]]] = {
    "centroid": lambda rendering: spectrum_metrics.centroid(rendering.sound),
    "air": _air,
    "low_share": _low_share,
    "width": lambda rendering: spectrum_metrics.side_mid(rendering.sound),
    "modulation": _modulation,
    "loudness": lambda rendering: loudness_metrics.integrated_loudness(rendering.sound),
    "loudness_range": _loudness_range,
    "crest": lambda rendering: (
        loudness_metrics.true_peak(rendering.sound) - loudness_metrics.integrated_loudness(rendering.sound)
    ),
    "rise": _rise,
    "start_level": _start_level,
    "end_level": _end_level,
    "onsets": lambda rendering: rhythm_metrics.measure(rendering.sound)["onsets"],
    "flux": lambda rendering: rhythm_metrics.measure(rendering.sound)["flux"],
    "notes": _notes_per_minute,
    "pitch": _mean_pitch,
    "note_length": _note_length,
    "novelty": _novelty,
    "tempo": lambda rendering: rendering.facts["facts"]["tempo_bpm"],
    "minor": lambda rendering: float("minor" in rendering.facts["facts"]["key"]),
    "sections": lambda rendering: len({section[2] for section in rendering.facts["sections"]}),
    "drums": lambda rendering: rendering.facts["stems_dbfs"].get("drums", -120.0),
    "melody": lambda rendering: rendering.facts["stems_dbfs"].get("melody", -120.0),
    "bass": lambda rendering: rendering.facts["stems_dbfs"].get("bass", -120.0),
}
