"""Tiles: music that grooves on its chords as a floor. Each tile is an equal share of time and shows its chord."""

from collections.abc import Mapping
from typing import Final

from workers.covers import svg
from workers.covers.chords import Family
from workers.covers.features import CoverFeatures, Harmony
from workers.covers.palette import Palette
from workers.covers.svg import MARGIN

_COLUMNS: Final = 7
_ROWS: Final = 6
_SIDE: Final = 128
_LOUD: Final = 0.6
"""From here on the back of a tile comes close to the shade."""

_HALF: Final = _SIDE // 2

_FIGURES: Final[Mapping[Family, str]] = {
    # path data from the upper left corner of a tile
    Family.MAJOR: f"h{_SIDE}a{_SIDE} {_SIDE} 0 0 1 -{_SIDE} {_SIDE}",
    Family.MINOR: f"h{_SIDE}a{_HALF} {_HALF} 0 0 1 -{_SIDE} 0",
    Family.DOMINANT: f"h{_SIDE}l-{_SIDE} {_SIDE}",
    Family.TENSE: f"m{_HALF} 0l{_HALF} {_HALF}l-{_HALF} {_HALF}l-{_HALF} -{_HALF}",
}


def draw(portrait: CoverFeatures, inks: Palette) -> list[str]:
    """Read like a page, left to right."""
    drawn = []
    for place in range(_COLUMNS * _ROWS):
        share = (place + 0.5) / (_COLUMNS * _ROWS)
        x, y = MARGIN + place % _COLUMNS * _SIDE, MARGIN + place // _COLUMNS * _SIDE
        part, chord = portrait.passage_at(share), portrait.harmony_at(share)
        back = svg.mix(inks.ground, inks.shade, 0.12 + 0.5 * part.level)
        drawn.append(svg.rectangle(x, y, _SIDE, _SIDE, back))
        ink = inks.of_chord(chord)
        drawn.append(_figure(x, y, chord, inks.line if ink == inks.shade and part.level > _LOUD else ink))
    return drawn


def _figure(x: int, y: int, chord: Harmony, ink: str) -> str:
    """The family gives the shape, the distance from the tonic turns it."""
    if chord.family is Family.LUSH:
        return svg.disc(x + _HALF, y + _HALF, _HALF, ink)
    turn = f"rotate({chord.steps % 4 * 90} {x + _HALF} {y + _HALF})"
    return svg.element("path", d=f"M{x} {y}{_FIGURES[chord.family]}z", fill=ink, transform=turn)
