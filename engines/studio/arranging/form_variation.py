"""Forms of a track: the order of the sections of a style, varied by a grammar of sections."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.model.style import Form, Style

Row = tuple[str, str, float]
Rows = tuple[Row, ...]

INTRO_BARS: Final = (0, 2, 4, 4, 8)
"""Lengths of an intro in bars; 0 only in styles whose intro is not quiet."""
MIN_COLD_OPEN_ENERGY: Final = 0.4
SLOW_TEMPO: Final = 100.0
HALVED, HALVED_SLOW = 0.25, 0.5
"""Probabilities that sections are half as long as usual, in most styles and in slow ones."""
NEW_SECTIONS: Final = {"interlude": -0.16, "bridge": -0.08, "solo": 0.06}
"""Sections that a form may get, with their energy relative to the mean of the body."""


def vary_form(style: Style, seed: int) -> Form:
    """Return a form of the style: its body in another order, its sections and its intro shorter or longer."""
    form = style.form
    rng = random_streams.stream(seed, "form")
    body = random_streams.pick(rng, ORDERS)(form.body, rng)
    if random_streams.chance(rng, 0.4):
        body = random_streams.pick(rng, ORDERS)(body, rng)
    halved = HALVED_SLOW if style.tempo_range[1] < SLOW_TEMPO else HALVED
    phrase = form.phrase_bars
    if phrase % 8 == 0 and random_streams.chance(rng, halved):
        phrase //= 2
    bars = random_streams.pick(rng, INTRO_BARS)
    if not bars and form.intro[2] < MIN_COLD_OPEN_ENERGY:
        bars = 2
    return replace(form, body=body, intro_bars=bars, phrase_bars=phrase)


def _as_written(body: Rows, _: np.random.Generator) -> Rows:
    return body


def _peak_first(body: Rows, _: np.random.Generator) -> Rows:
    """Start with the loudest section, a little softer than when it returns."""
    peak = _peak(body)
    name, theme, energy = body[peak]
    return ((name, theme, energy - 0.06), *body)


def _double_opening(body: Rows, _: np.random.Generator) -> Rows:
    """Play the first section twice, the second time with more energy."""
    name, theme, energy = body[0]
    return (body[0], (name, theme, min(0.95, energy + 0.05)), *body[1:])


def _double_peak(body: Rows, _: np.random.Generator) -> Rows:
    peak = _peak(body)
    name, theme, energy = body[peak]
    return (*body[: peak + 1], (name, theme, energy - 0.03), *body[peak + 1 :])


def _contrast_earlier(body: Rows, _: np.random.Generator) -> Rows:
    """Move the quietest section before the first loudest one."""
    quiet, peak = min(range(len(body)), key=lambda index: (body[index][2], index)), _peak(body)
    if quiet in {0, peak - 1}:
        return _swapped(body)
    rest = [row for index, row in enumerate(body) if index != quiet]
    place = _peak(rest)
    return (*rest[:place], body[quiet], *rest[place:])


def _quiet_first(body: Rows, _: np.random.Generator) -> Rows:
    """Start with the quietest section."""
    quiet = min(range(len(body)), key=lambda index: (body[index][2], index))
    return _swapped(body) if quiet == 0 else (body[quiet], *body)


def _swapped(body: Sequence[Row]) -> Rows:
    """Exchange the second and the third section."""
    return (body[0], body[2], body[1], *body[3:]) if len(body) > 2 else tuple(body)


def _swap(body: Rows, _: np.random.Generator) -> Rows:
    return _swapped(body)


def _new_section(body: Rows, rng: np.random.Generator) -> Rows:
    """Insert a section with a theme of its own or a solo on the main theme before the last sections."""
    names = tuple(name for name in NEW_SECTIONS if name not in {row[0] for row in body})
    if not names:
        return _swapped(body)
    name = random_streams.pick(rng, names)
    mean = sum(row[2] for row in body) / len(body)
    place = int(rng.integers(1, len(body)))
    row = (name, "A" if name == "solo" else "D", max(0.1, min(0.9, mean + NEW_SECTIONS[name])))
    return (*body[:place], row, *body[place:])


def _peak(body: Sequence[Row]) -> int:
    return max(range(len(body)), key=lambda index: (body[index][2], -index))


ORDERS: Final[tuple[Callable[[Rows, np.random.Generator], Rows], ...]] = (
    _as_written, _peak_first, _double_opening, _contrast_earlier, _swap, _quiet_first, _new_section, _new_section,
    _double_peak,
)  # fmt: skip
"""The rules of the grammar; one that is named twice is twice as probable."""
