"""The scene "Tiles", for moderate tempos with a beat: each tile is an equal share of time and shows its chord."""

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
"""From this level on the background of a tile is close to the palette's shade."""

_HALF: Final = _SIDE // 2

_SHAPES: Final[Mapping[Family, str]] = {
    # path data from the upper left corner of a tile
    Family.MAJOR: f"h{_SIDE}a{_SIDE} {_SIDE} 0 0 1 -{_SIDE} {_SIDE}",
    Family.MINOR: f"h{_SIDE}a{_HALF} {_HALF} 0 0 1 -{_SIDE} 0",
    Family.DOMINANT: f"h{_SIDE}l-{_SIDE} {_SIDE}",
    Family.TENSE: f"m{_HALF} 0l{_HALF} {_HALF}l-{_HALF} {_HALF}l-{_HALF} -{_HALF}",
}


def draw(features: CoverFeatures, palette: Palette) -> list[str]:
    """Draw the tiles in rows from left to right."""
    elements = []
    for index in range(_COLUMNS * _ROWS):
        share = (index + 0.5) / (_COLUMNS * _ROWS)
        x, y = MARGIN + index % _COLUMNS * _SIDE, MARGIN + index // _COLUMNS * _SIDE
        passage, chord = features.passage_at(share), features.harmony_at(share)
        background = svg.mix(palette.ground, palette.shade, 0.12 + 0.5 * passage.level)
        elements.append(svg.rectangle(x, y, _SIDE, _SIDE, background))
        colour = palette.of_chord(chord)
        elements.append(
            _shape(x, y, chord, palette.line if colour == palette.shade and passage.level > _LOUD else colour)
        )
    return elements


def _shape(x: int, y: int, chord: Harmony, colour: str) -> str:
    """Draw the shape of the chord's family, rotated by the distance from the tonic."""
    if chord.family is Family.LUSH:
        return svg.disc(x + _HALF, y + _HALF, _HALF, colour)
    rotation = f"rotate({chord.steps % 4 * 90} {x + _HALF} {y + _HALF})"
    return svg.element("path", d=f"M{x} {y}{_SHAPES[chord.family]}z", fill=colour, transform=rotation)
