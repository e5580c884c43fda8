"""Harmonic functions: which degrees can replace each other, in major and minor keys.

Two chords with two common tones have a similar function (Riemann's parallel and leading-tone exchange); the
replacements of the dominant are those of modal and popular harmony.
"""

import re
from collections.abc import Mapping
from typing import Final

NUMERAL: Final = re.compile(r"^((?:b|#)?(?:[IV]+|[iv]+))([a-z0-9#]*)$")
"""The degree and the quality of a chord in root position that is not applied to another one."""
REPLACEMENTS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "major": {
        "I": ("vi", "iii"), "ii": ("IV", "vi"), "iii": ("I", "vi"), "IV": ("ii", "vi"), "V": ("iii", "bVII"),
        "vi": ("IV", "I", "iii"), "bVII": ("V", "IV"), "bVI": ("iv", "IV"), "iv": ("bVI", "bVII"), "bIII": ("bVI",),
        "v": ("bVII",), "bII": ("bVII",),
    },
    "minor": {
        "i": ("bIII", "bVI"), "bIII": ("i", "bVI", "v"), "iv": ("bVI", "bVII"), "IV": ("bVII", "bIII"),
        "v": ("bVII", "bIII"), "V": ("bVII", "v"), "bVI": ("iv", "bIII"), "bVII": ("v", "iv", "bIII"),
        "bII": ("bVII", "iv"), "ii": ("iv",),
    },
}  # fmt: skip
"""Degrees that can replace a degree, by the family of the key."""
EXTENSIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "major": {"I": "maj7", "ii": "7", "iii": "7", "IV": "maj7", "V": "7", "vi": "7", "bVII": "7", "bVI": "maj7",
              "iv": "7", "bIII": "maj7", "v": "7", "bII": "maj7"},
    "minor": {"i": "7", "bIII": "maj7", "iv": "7", "IV": "7", "v": "7", "V": "7", "bVI": "maj7", "bVII": "7",
              "bII": "maj7", "ii": "7b5"},
}  # fmt: skip
"""The sevenths that belong to the degrees, by the family of the key."""
