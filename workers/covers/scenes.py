"""The scenes of covers. Each draws loudness, form and harmony of a track in a different way."""

from collections.abc import Mapping
from typing import Final

from workers.covers import svg
from workers.covers.features import CoverFeatures, Family
from workers.covers.svg import MARGIN, SIZE

_WIDTH: Final = SIZE - 2 * MARGIN

_HORIZON: Final = 560
"""The height of the line in the scene "Horizon"."""

_TILE: Final = 128
_HALF_TILE: Final = _TILE // 2
_TILE_SHAPES: Final[Mapping[Family, str]] = {
    # path data from the upper left corner of a tile
    Family.MAJOR: f"h{_TILE}a{_TILE} {_TILE} 0 0 1 -{_TILE} {_TILE}",
    Family.MINOR: f"h{_TILE}a{_HALF_TILE} {_HALF_TILE} 0 0 1 -{_TILE} 0",
    Family.DOMINANT: f"h{_TILE}l-{_TILE} {_TILE}",
    Family.TENSE: f"m{_HALF_TILE} 0l{_HALF_TILE} {_HALF_TILE}l-{_HALF_TILE} {_HALF_TILE}l-{_HALF_TILE} -{_HALF_TILE}",
}


def draw_ridges(features: CoverFeatures) -> list[str]:
    """Draw calm, sustained music: a landscape whose ridges show loudness, the farthest the beginning.

    In the sky, the key on the circle of fifths places a sun (major) or moon (minor).
    """
    palette, count = features.palette, 11
    x = MARGIN + 150 + (features.tonic * 7 % 12) / 11 * (_WIDTH - 300)
    sky = svg.mix(palette.ground, palette.shade, 0.25)
    body = palette.accent if not features.is_minor else palette.line
    elements = [svg.rectangle(0, 0, SIZE, SIZE, sky), svg.disc(x, 270, 124, body)]
    if features.is_minor:
        elements.append(svg.disc(x + 40, 248, 114, sky))
    return [*elements, *(_ridge(features, row, count) for row in range(count))]


def _ridge(features: CoverFeatures, row: int, count: int) -> str:
    palette, near, points = features.palette, row / (count - 1), 26
    levels = svg.smooth(features.resample(points, row / count, (row + 1) / count), 3)
    base, height = 440 + 440 * near**1.15, 150 + 170 * near
    step = (SIZE + 80) / (points - 1)
    line = svg.curve([(number * step - 40, base - height * (level - 0.5)) for number, level in enumerate(levels)])
    fill = svg.mix(
        svg.mix(palette.shade, palette.body, 0.8), palette.ground if features.is_minor else palette.line, near**0.8
    )
    return svg.element("path", d=f"{line}V{SIZE}H-40z", fill=fill)


def draw_horizon(features: CoverFeatures) -> list[str]:
    """Draw broad, sung music: a half disc for each passage, louder ones higher, and loudness as reflection in water."""
    elements, passages = [], sorted(features.passages, key=lambda passage: passage.level)
    for passage in reversed(passages):
        radius = 90 + 330 * passage.level * (0.55 + 0.45 * min(1.0, 4 * (passage.end - passage.start)))
        x = MARGIN + _WIDTH * (passage.start + passage.end) / 2
        x = min(max(x, MARGIN + radius), SIZE - MARGIN - radius)
        elements.append(svg.half_disc(x, _HORIZON, radius, features.palette.of_level(passage.level), fill_opacity=0.86))
    elements.append(svg.rectangle(MARGIN, _HORIZON - 3, _WIDTH, 6, features.palette.line))
    return [*elements, *_water(features)]


def _water(features: CoverFeatures) -> list[str]:
    """Draw a stripe for each span of time, with loudness as length, centred below its passage."""
    palette, count = features.palette, 15
    stripes = []
    for row, level in enumerate(features.resample(count)):
        passage = features.passage_at((row + 0.5) / count)
        length = _WIDTH * (0.12 + 0.8 * level)
        middle = MARGIN + _WIDTH * (passage.start + passage.end) / 2
        x = min(max(middle - length / 2, MARGIN), SIZE - MARGIN - length)
        colour = svg.mix(palette.of_level(passage.level), palette.ground, 0.55 * row / count)
        stripes.append(svg.rectangle(x, _HORIZON + 24 + row * 19, length, 7, colour, rx=3.5))
    return stripes


def draw_grooves(features: CoverFeatures) -> list[str]:
    """Draw slow music with a beat: a record whose grooves show loudness over time, from the outside in."""
    palette, count = features.palette, 15
    x, y, outer, inner = SIZE / 2, 456, 384, 138
    step = (outer - inner) / (count - 1)
    elements = []
    levels = features.resample(count)
    loudness_range = levels.max() - levels.min() or 1.0
    background = svg.mix(palette.ground, palette.shade, 0.3)
    for ring, level in enumerate(levels):
        radius = outer - ring * step
        colour = palette.of_chord(features.harmony_at((ring + 0.5) / count))
        turns = 0.22 + 0.7 * (level - levels.min()) / loudness_range
        elements.append(svg.disc(x, y, radius, "none", stroke=background, stroke_width=2))
        elements.append(svg.arc(x, y, radius, turns, step * 0.66, colour))
    label = palette.body if features.is_minor else palette.accent
    return [*elements, svg.disc(x, y, 104, label), svg.disc(x, y, 15, palette.ground)]


def draw_tiles(features: CoverFeatures) -> list[str]:
    """Draw music of moderate tempo with a beat: a tile, in rows, for each share of time, with its chord.

    The shape is that of the chord's family, rotated by the distance from the tonic.
    """
    palette, columns, count, loud = features.palette, 7, 42, 0.6
    elements = []
    for index in range(count):
        share = (index + 0.5) / count
        x, y = MARGIN + index % columns * _TILE, MARGIN + index // columns * _TILE
        middle_x, middle_y = x + _HALF_TILE, y + _HALF_TILE
        passage, chord = features.passage_at(share), features.harmony_at(share)
        background = svg.mix(palette.ground, palette.shade, 0.12 + 0.5 * passage.level)
        elements.append(svg.rectangle(x, y, _TILE, _TILE, background))
        colour = palette.of_chord(chord)
        if colour == palette.shade and passage.level > loud:
            # the background of a loud passage is close to the shade
            colour = palette.line
        if chord.family is Family.LUSH:
            elements.append(svg.disc(middle_x, middle_y, _HALF_TILE, colour))
        else:
            line = f"M{x} {y}{_TILE_SHAPES[chord.family]}z"
            rotation = f"rotate({chord.steps % 4 * 90} {middle_x} {middle_y})"
            elements.append(svg.element("path", d=line, fill=colour, transform=rotation))
    return elements


def draw_beams(features: CoverFeatures) -> list[str]:
    """Draw fast music: slanted bars in order of time, with loudness as length and harmony as height.

    The outer bars extend beyond the canvas.
    """
    palette, count, pitch, width, y, loud = features.palette, 44, 30, 20, 440, 0.5
    start = SIZE / 2 - count * pitch / 2
    elements = []
    for index, level in enumerate(features.resample(count)):
        share = (index + 0.5) / count
        passage, chord = features.passage_at(share), features.harmony_at(share)
        length = 60 + 560 * level * (0.4 + 0.6 * passage.level)
        middle = y - 20 * chord.steps
        colour = palette.line if chord.steps == 0 and passage.level > loud else palette.of_level(passage.level)
        x = start + index * pitch
        elements.append(svg.rectangle(x, middle - length / 2, width, length, colour, rx=width / 2))
    return [f'<g transform="rotate(-24 {SIZE // 2} {y})">', *elements, "</g>"]
