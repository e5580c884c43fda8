"""The scene "Grooves", for slow music with a beat: a record whose grooves show loudness over time, outside in."""

from typing import Final

from workers.covers import svg
from workers.covers.features import CoverFeatures
from workers.covers.palette import Palette
from workers.covers.svg import SIZE

_X: Final = SIZE / 2
_Y: Final = 456
_COUNT: Final = 15
_OUTER: Final = 384
_INNER: Final = 138


def draw(features: CoverFeatures, palette: Palette) -> list[str]:
    step = (_OUTER - _INNER) / (_COUNT - 1)
    elements = []
    levels = features.resample(_COUNT)
    loudness_range = levels.max() - levels.min() or 1.0
    for ring, level in enumerate(levels):
        share = (ring + 0.5) / _COUNT
        radius = _OUTER - ring * step
        colour = palette.of_chord(features.harmony_at(share))
        elements.append(
            svg.disc(_X, _Y, radius, "none", stroke=svg.mix(palette.ground, palette.shade, 0.3), stroke_width=2)
        )
        turns = 0.22 + 0.7 * (level - levels.min()) / loudness_range
        elements.append(svg.arc(_X, _Y, radius, turns, step * 0.66, colour))
    label = palette.body if features.is_minor else palette.accent
    return [*elements, svg.disc(_X, _Y, 104, label), svg.disc(_X, _Y, 15, palette.ground)]
