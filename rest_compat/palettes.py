"""Colours of covers as the hue of a page."""

import math
from collections.abc import Sequence
from typing import Final

_MIN_CHROMA: Final = 0.03
"""Chroma below which a colour is grey."""
_LINEAR_UP_TO: Final = 0.04045
"""Values up to this are on the linear part of the sRGB curve (IEC 61966-2-1)."""


def find_hue(palette: Sequence[str]) -> float | None:
    """Return the hue in degrees of the most colourful of colours such as "#26215c"; None if all are grey.

    The same as in the studio page (`web/app/palette.js`).
    """
    chroma, hue = max(map(_to_chroma_and_hue, palette), default=(0.0, 0.0))
    return hue if chroma > _MIN_CHROMA else None


def _to_chroma_and_hue(colour: str) -> tuple[float, float]:
    """Convert a colour from sRGB to Oklab (Björn Ottosson, 2020)."""
    r, g, b = (_to_linear(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    across = 1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short
    along = 0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short
    return math.hypot(across, along), math.degrees(math.atan2(along, across)) % 360


def _to_linear(value: float) -> float:
    return value / 12.92 if value <= _LINEAR_UP_TO else float(((value + 0.055) / 1.055) ** 2.4)
