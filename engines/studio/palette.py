"""Cover colours: the hue from mood and tonic, the lightness from the mode, the contrast from the energy."""

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


def cover_colours(mood: str, energy: float, key: Key) -> tuple[str, ...]:
    """Return five colours ("#1d3557"), from the darkest to the brightest; ``energy`` is 0 to 1."""
    position = (key.tonic * SEMITONES_PER_FIFTH) % 12 / 12.0
    hue = MOOD_HUES.get(mood, MOOD_HUES["calm"]) + 0.08 * (position - 0.5)
    second_hue = hue + (0.5 if energy > 0.6 else 0.12 if energy > 0.35 else 0.07)
    darkness = 0.05 if key.is_minor else 0.0
    saturation = 0.3 + 0.5 * energy
    return (
        _colour(hue, 0.13 - 0.6 * darkness, 0.5 * saturation + 0.15),
        _colour(hue, 0.32 - darkness, saturation),
        _colour(hue + 0.03, 0.5 - darkness, saturation),
        _colour(second_hue, 0.62 - 0.5 * darkness, min(1.0, saturation + 0.25)),
        _colour(second_hue + 0.02, 0.9 - 0.5 * darkness, 0.55 * saturation),
    )


def _colour(hue: float, lightness: float, saturation: float) -> str:
    red, green, blue = colorsys.hls_to_rgb(hue % 1.0, lightness, saturation)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
