"""Features of a track that its cover shows: form, key, pulse, loudness and colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.port import Facts, RenderResult, Score
from workers.covers import chords
from workers.covers.chords import Family

Levels = NDArray[np.float64]
"""Loudness over time, shape (n,), from 0.0 (the track's quietest moment) to 1.0 (its loudest)."""

_DEFAULT_PALETTE: Final = ("#171a21", "#3b4252", "#6b7a90", "#e0a458", "#f2efe9")
"""For engines that set no palette."""

_FULL_SCALE: Final = 254.0
_FLOOR: Final = 0.02
"""The level of silence when the pulse is measured, as a share of full scale."""


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
        tonic = chords.pitch_class(facts.key) or 0
        is_minor = not any(mode in facts.key for mode in ("major", "lydian", "mixolydian"))
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
            chords.distance(tonic if (root := chords.pitch_class(chord.symbol)) is None else root, tonic),
            chords.family(chord.symbol),
        )
        for chord in score.chords
    )
