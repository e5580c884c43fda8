"""Styles that decades, metres and instruments suggest."""

from collections.abc import Mapping
from typing import Final

DECADE_STYLES: Final[Mapping[int, tuple[str, ...]]] = {
    1920: ("jazz",),
    1930: ("jazz",),
    1940: ("jazz",),
    1950: ("blues", "rock", "jazz"),
    1960: ("sixties_pop", "bossa", "folk"),
    1970: ("funk", "disco", "soul"),
    1980: ("synthwave", "eighties_pop"),
    1990: ("boombap", "grunge", "house"),
    2000: ("trance", "rnb"),
    2010: ("trap", "bigroom", "indie"),
}
"""Styles of a decade, the first of which is used if nothing else names or suggests one."""

DECADE_VARIANTS: Final[Mapping[tuple[str, int | None], str]] = {
    ("pop", 1960): "sixties_pop",
    ("pop", 1980): "eighties_pop",
}
"""The style that a style and a decade name together ("80s pop")."""

METRE_STYLES: Final[Mapping[str, tuple[str, ...]]] = {
    "3/4": ("waltz",),
    "2/4": ("march", "celtic"),
    "6/8": ("celtic", "folk"),
    "9/8": ("celtic", "klezmer", "arabic"),
    "12/8": ("blues", "gospel"),
    "7/8": ("klezmer",),
}
"""Styles that suit a metre."""

MOOD_STYLES: Final[Mapping[str, str]] = {
    "calm": "ambient", "dark": "cinematic", "sad": "piano", "happy": "pop", "energetic": "rock", "dreamy": "ambient",
    "epic": "cinematic", "warm": "lofi",
}  # fmt: skip
"""The style that a mood alone suggests."""
