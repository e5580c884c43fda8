"""Ridges: calm, sustained music as a landscape. Each ridge is a stretch of the track, the farthest its beginning."""

from typing import Final

from workers.covers import svg
from workers.covers.features import CoverFeatures
from workers.covers.palette import Palette
from workers.covers.svg import MARGIN, SIZE

_COUNT: Final = 11
_POINTS: Final = 26
_FAR: Final = 440
_NEAR: Final = 880


def draw(portrait: CoverFeatures, inks: Palette) -> list[str]:
    """A sky, a sun or a moon where the key stands on the circle of fifths, and the ridges before it."""
    x = MARGIN + 150 + (portrait.tonic * 7 % 12) / 11 * (SIZE - 2 * MARGIN - 300)
    sky = svg.mix(inks.ground, inks.shade, 0.25)
    body = inks.accent if not portrait.is_minor else inks.line
    drawn = [svg.rectangle(0, 0, SIZE, SIZE, sky), svg.disc(x, 270, 124, body)]
    if portrait.is_minor:
        drawn.append(svg.disc(x + 40, 248, 114, sky))
    return [*drawn, *(_ridge(portrait, inks, row) for row in range(_COUNT))]


def _ridge(portrait: CoverFeatures, inks: Palette, row: int) -> str:
    near = row / (_COUNT - 1)
    levels = svg.smooth(portrait.resample(_POINTS, row / _COUNT, (row + 1) / _COUNT), 3)
    base = _FAR + (_NEAR - _FAR) * near**1.15
    height = 150 + 170 * near
    step = (SIZE + 80) / (_POINTS - 1)
    line = svg.curve([(number * step - 40, base - height * (level - 0.5)) for number, level in enumerate(levels)])
    fill = svg.mix(svg.mix(inks.shade, inks.body, 0.8), inks.ground if portrait.is_minor else inks.line, near**0.8)
    return svg.element("path", d=f"{line}V{SIZE}H-40z", fill=fill)
