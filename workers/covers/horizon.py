"""The scene "Horizon", for broad, sung music: a half disc for each passage, and loudness as its reflection below."""

from typing import Final

from workers.covers import svg
from workers.covers.features import CoverFeatures
from workers.covers.palette import Palette
from workers.covers.svg import MARGIN, SIZE

_LINE: Final = 560
_STRIPES: Final = 15


def draw(features: CoverFeatures, palette: Palette) -> list[str]:
    """Draw the passages from left to right, louder ones higher, and the water below."""
    width = SIZE - 2 * MARGIN
    passages = sorted(features.passages, key=lambda passage: passage.level)
    elements = []
    for passage in reversed(passages):
        radius = 90 + 330 * passage.level * (0.55 + 0.45 * min(1.0, 4 * (passage.end - passage.start)))
        x = MARGIN + width * (passage.start + passage.end) / 2
        x = min(max(x, MARGIN + radius), SIZE - MARGIN - radius)
        elements.append(svg.half_disc(x, _LINE, radius, palette.of_level(passage.level), fill_opacity=0.86))
    elements.append(svg.rectangle(MARGIN, _LINE - 3, width, 6, palette.line))
    return [*elements, *_water(features, palette)]


def _water(features: CoverFeatures, palette: Palette) -> list[str]:
    """Draw a stripe for each span of time, with loudness as length, centred below its passage."""
    width = SIZE - 2 * MARGIN
    stripes = []
    for row, level in enumerate(features.resample(_STRIPES)):
        share = (row + 0.5) / _STRIPES
        passage = features.passage_at(share)
        length = width * (0.12 + 0.8 * level)
        middle = MARGIN + width * (passage.start + passage.end) / 2
        x = min(max(middle - length / 2, MARGIN), SIZE - MARGIN - length)
        colour = svg.mix(palette.of_level(passage.level), palette.ground, 0.55 * row / _STRIPES)
        stripes.append(svg.rectangle(x, _LINE + 24 + row * 19, length, 7, colour, rx=3.5))
    return stripes
