"""Grooves: slow music with a beat as a record. Each groove is a stretch of time, outside in, as long as it is loud."""

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


def draw(portrait: CoverFeatures, inks: Palette) -> list[str]:
    """The grooves around a label."""
    step = (_OUTER - _INNER) / (_COUNT - 1)
    drawn = []
    levels = portrait.resample(_COUNT)
    reach = levels.max() - levels.min() or 1.0
    for ring, level in enumerate(levels):
        share = (ring + 0.5) / _COUNT
        radius = _OUTER - ring * step
        ink = inks.of_chord(portrait.harmony_at(share))
        drawn.append(svg.disc(_X, _Y, radius, "none", stroke=svg.mix(inks.ground, inks.shade, 0.3), stroke_width=2))
        turns = 0.22 + 0.7 * (level - levels.min()) / reach
        drawn.append(svg.arc(_X, _Y, radius, turns, step * 0.66, ink))
    label = inks.body if portrait.is_minor else inks.accent
    return [*drawn, svg.disc(_X, _Y, 104, label), svg.disc(_X, _Y, 15, inks.ground)]
