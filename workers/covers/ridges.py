"""The scene "Ridges", for calm, sustained music: a landscape whose ridges show loudness, the farthest the beginning."""

from typing import Final

from workers.covers import svg
from workers.covers.features import CoverFeatures
from workers.covers.palette import Palette
from workers.covers.svg import MARGIN, SIZE

_COUNT: Final = 11
_POINTS: Final = 26
_FAR: Final = 440
_NEAR: Final = 880


def draw(features: CoverFeatures, palette: Palette) -> list[str]:
    """Draw the sky, a sun (major) or moon (minor) placed by the key on the circle of fifths, and the ridges."""
    x = MARGIN + 150 + (features.tonic * 7 % 12) / 11 * (SIZE - 2 * MARGIN - 300)
    sky = svg.mix(palette.ground, palette.shade, 0.25)
    body = palette.accent if not features.is_minor else palette.line
    elements = [svg.rectangle(0, 0, SIZE, SIZE, sky), svg.disc(x, 270, 124, body)]
    if features.is_minor:
        elements.append(svg.disc(x + 40, 248, 114, sky))
    return [*elements, *(_ridge(features, palette, row) for row in range(_COUNT))]


def _ridge(features: CoverFeatures, palette: Palette, row: int) -> str:
    near = row / (_COUNT - 1)
    levels = svg.smooth(features.resample(_POINTS, row / _COUNT, (row + 1) / _COUNT), 3)
    base = _FAR + (_NEAR - _FAR) * near**1.15
    height = 150 + 170 * near
    step = (SIZE + 80) / (_POINTS - 1)
    line = svg.curve([(number * step - 40, base - height * (level - 0.5)) for number, level in enumerate(levels)])
    fill = svg.mix(
        svg.mix(palette.shade, palette.body, 0.8), palette.ground if features.is_minor else palette.line, near**0.8
    )
    return svg.element("path", d=f"{line}V{SIZE}H-40z", fill=fill)
