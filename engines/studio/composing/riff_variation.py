"""Rhythms of accompaniments of a track: half bars of the written patterns recombined, with anticipations."""

from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.theory.metre import REST_MARK

WRITTEN_PROBABILITY: Final = 0.4
"""The probability that a pattern is played as written."""
ANTICIPATION_PROBABILITY: Final = 0.35
"""The probability that one stroke of a pattern comes a step early."""


def vary_riffs(patterns: tuple[str, ...], seed: int | None) -> tuple[str, ...]:
    """Return as many patterns of a track as are written. A single pattern is the identity of its part and stays."""
    if seed is None or len(patterns) < 2 or len({len(pattern) for pattern in patterns}) > 1:
        return patterns
    rng = random_streams.stream(seed, "riffs")
    return tuple(
        pattern if random_streams.chance(rng, WRITTEN_PROBABILITY) else _recombined(patterns, rng)
        for pattern in patterns
    )


def _recombined(patterns: tuple[str, ...], rng: np.random.Generator) -> str:
    half = len(patterns[0]) // 2
    first, second = random_streams.pick(rng, patterns)[:half], random_streams.pick(rng, patterns)[half:]
    marks = list(first + second)
    strokes = [step for step in range(2, len(marks)) if marks[step] != REST_MARK and marks[step - 1] == REST_MARK]
    if strokes and random_streams.chance(rng, ANTICIPATION_PROBABILITY):
        step = random_streams.pick(rng, tuple(strokes))
        marks[step - 1], marks[step] = marks[step], REST_MARK
    return "".join(marks) if any(mark != REST_MARK for mark in marks) else patterns[0]
