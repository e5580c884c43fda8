"""Features of a track that its cover shows: form, harmony, key, pulse, loudness and colours."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.port import Facts, RenderResult, Score

Levels = NDArray[np.float64]
"""Loudness over time, shape (n,), from 0.0 (the track's quietest moment) to 1.0 (its loudest)."""

_DEFAULT_PALETTE: Final = ("#171a21", "#3b4252", "#6b7a90", "#e0a458", "#f2efe9")
"""For engines that set no palette."""

_FULL_SCALE: Final = 254.0
_FLOOR: Final = 0.02
"""The level of silence when the pulse is measured, as a share of full scale."""

_ROOT: Final = re.compile(r"([A-G])([#b♯♭]?)")
_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS: Final = {"#": 1, "♯": 1, "b": -1, "♭": -1, "": 0}


class Family(StrEnum):
    """A family of chords that are drawn in the same way."""

    MAJOR = "major"
    MINOR = "minor"
    DOMINANT = "dominant"
    LUSH = "lush"  # major with a colour on top: maj7, 6, add9
    TENSE = "tense"  # diminished, augmented, suspended, power chords


_FAMILIES: Final = (
    (re.compile(r"dim|°|ø|aug|\+|sus|b5|5$"), Family.TENSE),
    (re.compile(r"^(m(?!aj)|-)"), Family.MINOR),
    (re.compile(r"maj|M7|Δ|add|6"), Family.LUSH),
    (re.compile(r"7|9|11|13"), Family.DOMINANT),
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A section of the form. Start and end are shares of the track, ``level`` is its loudness from 0 to 1."""

    name: str
    start: float
    end: float
    level: float


@dataclass(frozen=True, slots=True)
class Harmony:
    """A chord. Start and end are shares of the track, ``steps`` its distance from the tonic on the circle of fifths."""

    start: float
    end: float
    steps: int
    family: Family


@dataclass(frozen=True, slots=True)
class Palette:
    """The five colours of a track by their use."""

    ground: str
    shade: str
    body: str
    accent: str
    line: str

    def of_chord(self, harmony: Harmony) -> str:
        """Return the accent for the tonic and less prominent colours for more distant chords."""
        by_distance = (self.accent, self.body, self.line, self.shade)
        return by_distance[min(abs(harmony.steps), 3)]

    def of_level(self, level: float) -> str:
        """Return a brighter colour for a higher level. Three steps, because mixed colours look muddy."""
        return (self.shade, self.body, self.accent)[min(int(level * 3), 2)]


@dataclass(frozen=True, slots=True)
class CoverFeatures:
    """The features of a track. ``pulse`` is the strength of its attacks: about 0.05 for pads, 0.1 for drums."""

    facts: Facts
    palette: Palette
    tonic: int
    is_minor: bool
    pulse: float
    levels: Levels
    passages: tuple[Passage, ...]
    harmonies: tuple[Harmony, ...]

    @classmethod
    def from_rendering(cls, rendering: RenderResult, peaks: NDArray[np.int8]) -> "CoverFeatures":
        """Compute the features from a render and the interleaved peaks of its waveform."""
        ranges, facts = _peak_ranges(peaks), rendering.facts
        levels = _levels(ranges)
        tonic = pitch_class(facts.key) or 0
        is_minor = not any(
            mode in facts.key for mode in ("major", "lydian", "mixolydian", "dominant", "double harmonic")
        )
        return cls(
            facts=facts,
            palette=_palette(rendering.palette or _DEFAULT_PALETTE, is_minor=is_minor),
            tonic=tonic,
            is_minor=is_minor,
            pulse=_pulse(ranges),
            levels=levels,
            passages=_passages(rendering.score, levels),
            harmonies=_harmonies(rendering.score, tonic),
        )

    def resample(self, count: int, start: float = 0.0, end: float = 1.0) -> Levels:
        """Return ``count`` mean levels of equal parts of a span of the track."""
        edges = (np.linspace(start, end, count + 1) * len(self.levels)).astype(int)
        low = np.minimum(edges[:-1], len(self.levels) - 1)
        high = np.maximum(edges[1:], low + 1)
        sums = np.concatenate([[0.0], np.cumsum(self.levels)])
        means: Levels = (sums[high] - sums[low]) / (high - low)
        return means

    def passage_at(self, share: float) -> Passage:
        return next((passage for passage in self.passages if share < passage.end), self.passages[-1])

    def harmony_at(self, share: float) -> Harmony:
        return next((chord for chord in self.harmonies if share < chord.end), self.harmonies[-1])


def _palette(colours: Sequence[str], *, is_minor: bool) -> Palette:
    """Choose five colours from dark to bright, repeating or skipping some.

    The background is the darkest for minor keys and the brightest for major keys.
    """
    indices = np.rint(np.linspace(0, len(colours) - 1, 5)).astype(int)
    dark, deep, middle, bright, light = (colours[index] for index in indices)
    if is_minor:
        return Palette(ground=dark, shade=deep, body=middle, accent=bright, line=light)
    return Palette(ground=light, shade=middle, body=deep, accent=bright, line=dark)


def _peak_ranges(peaks: NDArray[np.int8]) -> Levels:
    pairs = peaks.astype(np.float64).reshape(-1, 2)
    return (pairs[:, 1] - pairs[:, 0]) / _FULL_SCALE if len(pairs) else np.zeros(1)


def _levels(ranges: Levels) -> Levels:
    """Stretch the levels, so that every track uses the whole range."""
    low, high = np.percentile(ranges, 2), np.percentile(ranges, 99)
    return np.clip((ranges - low) / max(high - low, _FLOOR), 0.0, 1.0)


def _pulse(ranges: Levels) -> float:
    """Return the mean rise of the log envelope between neighbouring pixels of the waveform."""
    rises = np.diff(np.log(ranges + _FLOOR))
    return float(np.maximum(rises, 0.0).mean()) if len(rises) else 0.0


def _passages(score: Score, levels: Levels) -> tuple[Passage, ...]:
    length = max((section.end_ms for section in score.sections), default=0)
    if not length:
        return (Passage("whole", 0.0, 1.0, float(levels.mean())),)
    shares = [(section.name, section.start_ms / length, section.end_ms / length) for section in score.sections]
    means = [_mean(levels, start, end) for _, start, end in shares]
    low, high = min(means), max(means)
    level_range = max(high - low, _FLOOR)
    return tuple(
        Passage(name, start, end, (mean - low) / level_range)
        for (name, start, end), mean in zip(shares, means, strict=True)
    )


def _mean(levels: Levels, start: float, end: float) -> float:
    first = min(int(start * len(levels)), len(levels) - 1)
    return float(levels[first : max(int(end * len(levels)), first + 1)].mean())


def _harmonies(score: Score, tonic: int) -> tuple[Harmony, ...]:
    length = max((chord.end_ms for chord in score.chords), default=0)
    if not length:
        return (Harmony(0.0, 1.0, 0, Family.MAJOR),)
    return tuple(
        Harmony(
            chord.start_ms / length,
            chord.end_ms / length,
            distance(tonic if (root := pitch_class(chord.symbol)) is None else root, tonic),
            family(chord.symbol),
        )
        for chord in score.chords
    )


def pitch_class(name: str) -> int | None:
    """Return the root of a chord symbol or key name, 0 for C, or None if it has none."""
    match = _ROOT.match(name)
    return (_STEPS[match[1]] + _ACCIDENTALS[match[2]]) % 12 if match else None


def family(symbol: str) -> Family:
    """Return the family by what follows the root; a root alone is major."""
    quality = _ROOT.sub("", symbol.partition("/")[0], count=1)
    return next((kind for pattern, kind in _FAMILIES if pattern.search(quality)), Family.MAJOR)


def distance(root: int, tonic: int) -> int:
    """Return the steps from the tonic on the circle of fifths, -5 to 6; dominants are positive."""
    # a fifth has 7 semitones
    return ((root - tonic) * 7 + 5) % 12 - 5
