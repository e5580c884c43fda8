"""The energy and the mode that each mood implies."""

from collections.abc import Mapping
from typing import Final

MOOD_ENERGY: Final[Mapping[str, float]] = {
    "calm": -0.25,
    "dark": 0.0,
    "sad": -0.15,
    "happy": 0.08,
    "energetic": 0.25,
    "dreamy": -0.12,
    "epic": 0.15,
    "warm": -0.05,
}
"""What each mood adds to the energy of a style, which is 0 to 1."""
MOOD_MODE: Final[Mapping[str, str]] = {"dark": "minor", "sad": "minor", "happy": "major", "epic": "minor"}
"""The mode of a mood, unless the request names one."""
