"""Colours for a cover: the hue from mood and tonic, the depth from the mode, the contrast from the energy."""

import colorsys
from collections.abc import Mapping
from typing import Final

from engines.studio.theory.pitch import Key

MOOD_HUES: Final[Mapping[str, float]] = {
    "calm": 0.52,
    "dark": 0.72,
    "sad": 0.60,
    "happy": 0.13,
    "energetic": 0.98,
    "dreamy": 0.79,
    "epic": 0.06,
    "warm": 0.08,
}
SEMITONES_PER_FIFTH: Final = 7
"""Steps on the circle of fifths lie this many semitones apart."""


def cover_colours(mood: str, energy: float, key: Key) -> tuple[str, ...]:
    """Five colours ("#1d3557"), from the darkest to the brightest; ``energy`` is 0 to 1."""
    turn = (key.tonic * SEMITONES_PER_FIFTH) % 12 / 12.0
    hue = MOOD_HUES.get(mood, MOOD_HUES["calm"]) + 0.08 * (turn - 0.5)
    second = hue + (0.5 if energy > 0.6 else 0.12 if energy > 0.35 else 0.07)
    depth = 0.05 if key.is_minor else 0.0
    rich = 0.3 + 0.5 * energy
    return (
        _colour(hue, 0.13 - 0.6 * depth, 0.5 * rich + 0.15),
        _colour(hue, 0.32 - depth, rich),
        _colour(hue + 0.03, 0.5 - depth, rich),
        _colour(second, 0.62 - 0.5 * depth, min(1.0, rich + 0.25)),
        _colour(second + 0.02, 0.9 - 0.5 * depth, 0.55 * rich),
    )


def _colour(hue: float, light: float, rich: float) -> str:
    red, green, blue = colorsys.hls_to_rgb(hue % 1.0, light, rich)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
