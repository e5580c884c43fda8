"""The scene "Beams", for fast music: slanted bars in order of time, with loudness as length and harmony as height."""

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


def draw(features: CoverFeatures, palette: Palette) -> list[str]:
    """Draw the bars; the outer ones extend beyond the canvas."""
    start = SIZE / 2 - _COUNT * _PITCH / 2
    elements = []
    for index, level in enumerate(features.resample(_COUNT)):
        share = (index + 0.5) / _COUNT
        passage, chord = features.passage_at(share), features.harmony_at(share)
        length = 60 + 560 * level * (0.4 + 0.6 * passage.level)
        middle = _Y - 20 * chord.steps
        colour = palette.line if chord.steps == 0 and passage.level > _LOUD else palette.of_level(passage.level)
        x = start + index * _PITCH
        elements.append(svg.rectangle(x, middle - length / 2, _WIDTH, length, colour, rx=_WIDTH / 2))
    return [f'<g transform="rotate(-24 {SIZE // 2} {_Y})">', *elements, "</g>"]
