"""Horizon: broad, sung music. Each part of the form rises as a half disc; the loudness lies below as its reflection."""

from typing import Final

from workers.covers import svg
from workers.covers.features import CoverFeatures
from workers.covers.palette import Palette
from workers.covers.svg import MARGIN, SIZE

_LINE: Final = 560
_STRIPES: Final = 15


def draw(portrait: CoverFeatures, inks: Palette) -> list[str]:
    """The parts in their order from left to right, the loudest highest; water below."""
    width = SIZE - 2 * MARGIN
    suns = sorted(portrait.passages, key=lambda part: part.level)
    drawn = []
    for part in reversed(suns):
        radius = 90 + 330 * part.level * (0.55 + 0.45 * min(1.0, 4 * (part.end - part.start)))
        x = MARGIN + width * (part.start + part.end) / 2
        x = min(max(x, MARGIN + radius), SIZE - MARGIN - radius)
        drawn.append(svg.half_disc(x, _LINE, radius, inks.of_level(part.level), fill_opacity=0.86))
    drawn.append(svg.rectangle(MARGIN, _LINE - 3, width, 6, inks.line))
    return [*drawn, *_water(portrait, inks)]


def _water(portrait: CoverFeatures, inks: Palette) -> list[str]:
    """One stripe for each stretch of the track, as long as it is loud, centred where its part stands."""
    width = SIZE - 2 * MARGIN
    stripes = []
    for row, level in enumerate(portrait.resample(_STRIPES)):
        share = (row + 0.5) / _STRIPES
        part = portrait.passage_at(share)
        length = width * (0.12 + 0.8 * level)
        middle = MARGIN + width * (part.start + part.end) / 2
        x = min(max(middle - length / 2, MARGIN), SIZE - MARGIN - length)
        ink = svg.mix(inks.of_level(part.level), inks.ground, 0.55 * row / _STRIPES)
        stripes.append(svg.rectangle(x, _LINE + 24 + row * 19, length, 7, ink, rx=3.5))
    return stripes
