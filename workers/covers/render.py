"""The whole picture: a scene that fits the music, and below it the form as a strip and the key as a clock of fifths."""

import math
from collections.abc import Callable, Mapping
from html import escape
from typing import Final

import resvg_py

from workers.covers import beams, grooves, horizon, palette, ridges, svg, tiles
from workers.covers.features import CoverFeatures
from workers.covers.palette import Palette
from workers.covers.svg import MARGIN, SIZE

_FOOT: Final = SIZE - MARGIN
_STRIP: Final = 40
_CLOCK: Final = 26

_SUSTAINED: Final = 0.056
_SUNG: Final = 0.072
"""Pulses that part the studio's styles well: pads and strings, then broad bands, then whatever has a beat."""

_MODERATE: Final = 100
_FAST: Final = 129

_SCENES: Final[Mapping[str, Callable[[CoverFeatures, Palette], list[str]]]] = {
    "Ridges": ridges.draw,
    "Horizon": horizon.draw,
    "Grooves": grooves.draw,
    "Tiles": tiles.draw,
    "Beams": beams.draw,
}


def scene(portrait: CoverFeatures) -> str:
    """Which scene fits: by how fast and how hard the music is struck."""
    tempo = portrait.facts.tempo_bpm
    if portrait.pulse < _SUNG:
        return "Ridges" if portrait.pulse < _SUSTAINED else "Horizon"
    if tempo >= _FAST:
        return "Beams"
    return "Tiles" if tempo >= _MODERATE else "Grooves"


def render_svg(portrait: CoverFeatures) -> bytes:
    """A document that needs nothing else: no script, no font, no reference."""
    name, colours = scene(portrait), palette.from_features(portrait)
    ground = svg.rectangle(0, 0, SIZE, SIZE, colours.ground)
    drawn = [ground, *_SCENES[name](portrait, colours), *_strip(portrait, colours), *_clock(portrait, colours)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" role="img" aria-labelledby="t d">'
        f'<title id="t">{_plain(_title(portrait))}</title><desc id="d">{_plain(_description(name, portrait))}</desc>'
    )
    return (head + "".join(drawn) + "</svg>").encode()


def render_png(picture: bytes) -> bytes:
    """The picture as pixels, 1024 by 1024."""
    return bytes(resvg_py.svg_to_bytes(svg_string=picture.decode(), width=SIZE, height=SIZE, skip_system_fonts=True))


def _strip(portrait: CoverFeatures, colours: Palette) -> list[str]:
    """The form: each part as long as it lasts, as high as it is loud."""
    width = SIZE - 2 * MARGIN - 2 * _CLOCK - 36
    drawn = []
    for part in portrait.passages:
        length = max(width * (part.end - part.start) - 6, 2)
        height = 8 + (_STRIP - 8) * part.level
        drawn.append(svg.rectangle(MARGIN + width * part.start, _FOOT - height, length, height, colours.line))
    return drawn


def _clock(portrait: CoverFeatures, colours: Palette) -> list[str]:
    """Twelve keys in a circle of fifths, C on top; the track's own is filled: wide for major, narrow for minor."""
    x, y = SIZE - MARGIN - _CLOCK, _FOOT - _CLOCK
    mine = portrait.tonic * 7 % 12
    drawn = []
    for hour in range(12):
        angle = hour * math.pi / 6
        radius = 2.6 if hour != mine else 6.0 if portrait.is_minor else 8.5
        drawn.append(svg.disc(x + _CLOCK * math.sin(angle), y - _CLOCK * math.cos(angle), radius, colours.line))
    return drawn


def _title(portrait: CoverFeatures) -> str:
    facts = portrait.facts
    return f"{facts.style or 'Music'} in {facts.key}"


def _description(name: str, portrait: CoverFeatures) -> str:
    parts = ", ".join(part.name for part in portrait.passages)
    return (
        f"{name}, an abstract picture drawn from the music: {portrait.facts.tempo_bpm:.0f} beats per minute, "
        f"{len(portrait.harmonies)} chords. The strip below shows the form: {parts}."
    )


def _plain(text: str) -> str:
    return escape("".join(letter for letter in text if letter.isprintable()))
