"""What a picture needs of a chord symbol: how far its root is from the tonic, and what family it belongs to."""

import re
from enum import StrEnum
from typing import Final

_NAME: Final = re.compile(r"([A-G])([#b♯♭]?)")
_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ALTERED: Final = {"#": 1, "♯": 1, "b": -1, "♭": -1, "": 0}
_FIFTH: Final = 7
_HALF_TURN: Final = 6


class Family(StrEnum):
    """Chords that are drawn alike."""

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
    """The root of a chord symbol or of a key's name, 0 for C; None when it names none."""
    found = _NAME.match(name)
    return (_STEPS[found[1]] + _ALTERED[found[2]]) % 12 if found else None


def family(symbol: str) -> Family:
    """What follows the root decides; a plain root is major."""
    rest = _NAME.sub("", symbol.partition("/")[0], count=1)
    return next((kind for pattern, kind in _FAMILIES if pattern.search(rest)), Family.MAJOR)


def distance(root: int, tonic: int) -> int:
    """Steps on the circle of fifths from the tonic, -5 to 6: dominants are positive, subdominants negative."""
    steps = ((root - tonic) * _FIFTH) % 12
    return steps - 12 if steps > _HALF_TURN else steps
