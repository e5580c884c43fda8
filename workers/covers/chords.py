"""Read chord symbols: root, distance from the tonic, and family."""

import re
from enum import StrEnum
from typing import Final

_ROOT: Final = re.compile(r"([A-G])([#b♯♭]?)")
_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS: Final = {"#": 1, "♯": 1, "b": -1, "♭": -1, "": 0}


class Family(StrEnum):
    """A family of chords that are drawn in the same way."""

    MAJOR = "major"
    MINOR = "minor"
    DOMINANT = "dominant"
    LUSH = "lush"  # major with a colour on top: maj7, 6, add9
    TENSE = "tense"  # diminished, augmented, suspended, power chords


_FAMILIES: Final = (
    (re.compile(r"dim|°|ø|aug|\+|sus|b5|5$"), Family.TENSE),
    (re.compile(r"^(m(?!aj)|-)"), Family.MINOR),
    (re.compile(r"maj|M7|Δ|add|6"), Family.LUSH),
    (re.compile(r"7|9|11|13"), Family.DOMINANT),
)


def pitch_class(name: str) -> int | None:
    """Return the root of a chord symbol or key name, 0 for C, or None if it has none."""
    match = _ROOT.match(name)
    return (_STEPS[match[1]] + _ACCIDENTALS[match[2]]) % 12 if match else None


def family(symbol: str) -> Family:
    """Return the family by what follows the root; a root alone is major."""
    quality = _ROOT.sub("", symbol.partition("/")[0], count=1)
    return next((kind for pattern, kind in _FAMILIES if pattern.search(quality)), Family.MAJOR)


def distance(root: int, tonic: int) -> int:
    """Return the steps from the tonic on the circle of fifths, -5 to 6; dominants are positive."""
    # a fifth has 7 semitones
    return ((root - tonic) * 7 + 5) % 12 - 5
