"""Beams: fast, driving music. A slanted rank of bars, each a stretch of time: as long as loud, lifted by its chord."""

from typing import Final

from workers.covers import svg
from workers.covers.features import CoverFeatures
from workers.covers.palette import Palette
from workers.covers.svg import SIZE

_COUNT: Final = 44
_PITCH: Final = 30
_WIDTH: Final = 20
_LOUD: Final = 0.5
_Y: Final = 440


def draw(portrait: CoverFeatures, inks: Palette) -> list[str]:
    """The rank runs off the canvas on both sides."""
    start = SIZE / 2 - _COUNT * _PITCH / 2
    drawn = []
    for place, level in enumerate(portrait.resample(_COUNT)):
        share = (place + 0.5) / _COUNT
        part, chord = portrait.passage_at(share), portrait.harmony_at(share)
        length = 60 + 560 * level * (0.4 + 0.6 * part.level)
        middle = _Y - 20 * chord.steps
        ink = inks.line if chord.steps == 0 and part.level > _LOUD else inks.of_level(part.level)
        x = start + place * _PITCH
        drawn.append(svg.rectangle(x, middle - length / 2, _WIDTH, length, ink, rx=_WIDTH / 2))
    return [f'<g transform="rotate(-24 {SIZE // 2} {_Y})">', *drawn, "</g>"]
