"""Render a cover: a scene chosen by the music, with the form as a strip and the key on a circle of fifths below it."""

import math
from html import escape
from typing import Final

import resvg_py

from workers.covers import scenes, svg
from workers.covers.features import CoverFeatures
from workers.covers.svg import MARGIN, SIZE

_BOTTOM: Final = SIZE - MARGIN
_STRIP_HEIGHT: Final = 40
_CIRCLE_RADIUS: Final = 26

_SUSTAINED: Final = 0.056
_SUNG: Final = 0.072
"""Pulse thresholds that separate the studio's styles: pads and strings, then broad arrangements, then beats."""

_MODERATE: Final = 100
_FAST: Final = 129

_SCENES: Final = {
    "Ridges": scenes.draw_ridges,
    "Horizon": scenes.draw_horizon,
    "Grooves": scenes.draw_grooves,
    "Tiles": scenes.draw_tiles,
    "Beams": scenes.draw_beams,
}


def scene(features: CoverFeatures) -> str:
    """Choose the scene by pulse and tempo."""
    tempo = features.facts.tempo_bpm
    if features.pulse < _SUNG:
        return "Ridges" if features.pulse < _SUSTAINED else "Horizon"
    if tempo >= _FAST:
        return "Beams"
    return "Tiles" if tempo >= _MODERATE else "Grooves"


def render_svg(features: CoverFeatures) -> bytes:
    """Render a self-contained document without scripts, fonts and references."""
    name, facts = scene(features), features.facts
    title = f"{facts.style or 'Music'} in {facts.key}"
    elements = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" role="img" aria-labelledby="t d">',
        f'<title id="t">{_escape(title)}</title><desc id="d">{_escape(_description(name, features))}</desc>',
        svg.rectangle(0, 0, SIZE, SIZE, features.palette.ground),
        *_SCENES[name](features),
        *_strip(features),
        *_circle_of_fifths(features),
        "</svg>",
    )
    return "".join(elements).encode()


def render_png(document: bytes) -> bytes:
    """Convert an SVG to a PNG of 1024 by 1024 pixels."""
    return bytes(resvg_py.svg_to_bytes(svg_string=document.decode(), width=SIZE, height=SIZE, skip_system_fonts=True))


def _strip(features: CoverFeatures) -> list[str]:
    """Draw the form: a bar for each passage, with duration as width and loudness as height."""
    width, colour = SIZE - 2 * MARGIN - 2 * _CIRCLE_RADIUS - 36, features.palette.line
    elements = []
    for passage in features.passages:
        length = max(width * (passage.end - passage.start) - 6, 2)
        height = 8 + (_STRIP_HEIGHT - 8) * passage.level
        elements.append(svg.rectangle(MARGIN + width * passage.start, _BOTTOM - height, length, height, colour))
    return elements


def _circle_of_fifths(features: CoverFeatures) -> list[str]:
    """Draw the circle of fifths with C on top. The track's key is larger, and larger for major than for minor."""
    x, y = SIZE - MARGIN - _CIRCLE_RADIUS, _BOTTOM - _CIRCLE_RADIUS
    own_hour = features.tonic * 7 % 12
    elements = []
    for hour in range(12):
        angle = hour * math.pi / 6
        dx, dy = _CIRCLE_RADIUS * math.sin(angle), -_CIRCLE_RADIUS * math.cos(angle)
        radius = 2.6 if hour != own_hour else 6.0 if features.is_minor else 8.5
        elements.append(svg.disc(x + dx, y + dy, radius, features.palette.line))
    return elements


def _description(name: str, features: CoverFeatures) -> str:
    passages = ", ".join(passage.name for passage in features.passages)
    return (
        f"{name}, an abstract picture drawn from the music: {features.facts.tempo_bpm:.0f} beats per minute, "
        f"{len(features.harmonies)} chords. The strip below shows the form: {passages}."
    )


def _escape(text: str) -> str:
    return escape("".join(letter for letter in text if letter.isprintable()))
