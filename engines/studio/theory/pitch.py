"""Pitch: modes, keys, chords and roman numerals."""

import math
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import Final

MODES: Final[Mapping[str, tuple[int, ...]]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "phrygian dominant": (0, 1, 4, 5, 7, 8, 10),
    "double harmonic": (0, 1, 4, 5, 7, 8, 11),
    "ukrainian dorian": (0, 2, 3, 6, 7, 9, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "hirajoshi": (0, 2, 3, 7, 8),
    "in": (0, 1, 5, 7, 8),
}
"""Semitones above the tonic. Scales with other intervals (maqamat, ragas) are approximated by these twelve tones."""
SIGNATURE_SHIFTS: Final[Mapping[str, int]] = {"phrygian dominant": 8, "double harmonic": 8}
"""Semitones from the tonic to the major key with the closest signature, if it is not the tonic or the relative key."""
SHARP_NAMES: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLAT_NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
ACCIDENTAL_NAMES: Final[Mapping[str, tuple[str, ...]]] = {"b": FLAT_NAMES, "#": SHARP_NAMES}
FLAT_MAJOR_TONICS: Final = frozenset({5, 10, 3, 8, 1})
DEGREE_SEMITONES: Final[Mapping[str, int]] = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}

QUALITIES: Final[Mapping[str, tuple[int, ...]]] = {
    "": (0, 4, 7), "m": (0, 3, 7), "5": (0, 7), "dim": (0, 3, 6), "aug": (0, 4, 8),
    "sus2": (0, 2, 7), "sus4": (0, 5, 7), "6": (0, 4, 7, 9), "m6": (0, 3, 7, 9), "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10), "maj7": (0, 4, 7, 11), "m7b5": (0, 3, 6, 10), "dim7": (0, 3, 6, 9),
    "7sus4": (0, 5, 7, 10), "7b9": (0, 4, 7, 10, 13), "7#9": (0, 4, 7, 10, 15),
    "add9": (0, 4, 7, 14), "madd9": (0, 3, 7, 14), "69": (0, 4, 7, 9, 14), "m69": (0, 3, 7, 9, 14),
    "9": (0, 4, 7, 10, 14), "m9": (0, 3, 7, 10, 14), "maj9": (0, 4, 7, 11, 14),
    "9sus4": (0, 5, 7, 10, 14), "m11": (0, 3, 7, 10, 17), "13": (0, 4, 10, 14, 21),
    "maj7#11": (0, 4, 7, 11, 18),
}  # fmt: skip
ROMAN_NUMERAL: Final = re.compile(r"^(b|#)?([IV]+|[iv]+)([a-z0-9#]*)(?:\^([35]))?(?:/((?:b|#)?(?:[IV]+|[iv]+)))?$")
MINOR_QUALITIES: Final[Mapping[str, str]] = {
    "": "m", "6": "m6", "7": "m7", "9": "m9", "11": "m11", "add9": "madd9", "o": "dim",
    "7b5": "m7b5", "69": "m69",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic (pitch class 0 to 11, C is 0) and a mode of MODES.

    ``accidental`` is "flat" or "sharp" if black keys are spelled that way, and None for the usual spelling.
    """

    tonic: int
    mode: str
    accidental: str | None = None

    @property
    def is_minor(self) -> bool:
        return 4 not in MODES[self.mode]

    @property
    def family(self) -> str:
        """Either "major", if the scale has a major third, or "minor"."""
        return "minor" if self.is_minor else "major"

    @property
    def scale(self) -> tuple[int, ...]:
        """The five to seven pitch classes in ascending order from the tonic."""
        return _transposed(MODES[self.mode], self.tonic)

    @property
    def pitch_names(self) -> tuple[str, ...]:
        """The names of the twelve pitch classes as spelled in this key."""
        if self.accidental is not None:
            return FLAT_NAMES if self.accidental == "flat" else SHARP_NAMES
        shift = SIGNATURE_SHIFTS.get(self.mode, 3 if self.is_minor else 0)
        relative = (self.tonic + shift) % 12
        flat = relative in FLAT_MAJOR_TONICS or (relative == 6 and (self.is_minor or self.mode in SIGNATURE_SHIFTS))
        return FLAT_NAMES if flat else SHARP_NAMES

    @property
    def name(self) -> str:
        """The tonic and the family, for example "A minor"."""
        return f"{self.pitch_names[self.tonic]} {self.family}"


def exact_key_name(key: Key) -> str:
    """Return the tonic and the mode, for example "D dorian"."""
    return f"{key.pitch_names[key.tonic]} {key.mode}"


def key_name(tonic: int | None, mode: str | None, accidental: str | None = None) -> str | None:
    """Return a key with its exact mode, as far as both are known: "D dorian", "minor", "E"."""
    if tonic is None:
        return mode
    name = Key(tonic, mode or "major", accidental).pitch_names[tonic]
    return f"{name} {mode}" if mode else name


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord: root and bass (pitch classes), a quality of QUALITIES and the symbol on a lead sheet."""

    root: int
    quality: str
    bass: int
    symbol: str

    @property
    def tones(self) -> tuple[int, ...]:
        """The pitch classes in the order of QUALITIES, root first."""
        return _transposed(QUALITIES[self.quality], self.root)

    @property
    def third(self) -> int:
        """The third; the suspended note of a sus chord, the fifth of a power chord."""
        return self.tones[1]

    @property
    def fifth(self) -> int:
        """The perfect, diminished or augmented fifth."""
        steps = [step for step in QUALITIES[self.quality] if step in {6, 7, 8}]
        return (self.root + (steps[0] if steps else 7)) % 12


@cache
def _transposed(steps: tuple[int, ...], root: int) -> tuple[int, ...]:
    return tuple((root + step) % 12 for step in steps)


def degree_semitones(numeral: str) -> int:
    """Return the semitones from the tonic to a degree of the major scale: "bVII" is 10."""
    accidental = {"b": -1, "#": 1}.get(numeral[0], 0)
    return (DEGREE_SEMITONES[numeral.lstrip("b#").lower()] + accidental) % 12


@cache
def parse_chord(numeral: str, key: Key) -> Chord:
    """Parse a roman numeral in a key: "ii9", "bVIImaj7", "V7/vi", "I^3" (third in the bass).

    Degrees refer to the major scale; a lower-case numeral is minor. Raises ValueError if the numeral is invalid.
    """
    match = ROMAN_NUMERAL.match(numeral)
    if not match:
        raise ValueError(f"Invalid roman numeral: {numeral!r}. Valid examples: ii9, bVIImaj7, V7/vi, I^3.")
    accidental, roman, suffix, inversion, target = match.groups()
    quality = MINOR_QUALITIES.get(suffix, suffix) if roman.islower() else suffix
    tonic = key.tonic + (degree_semitones(target) if target else 0)
    root = (tonic + degree_semitones((accidental or "") + roman)) % 12
    bass = (root + QUALITIES[quality][1 if inversion == "3" else 2]) % 12 if inversion else root
    names = key.pitch_names if root in key.scale or not accidental else ACCIDENTAL_NAMES[accidental]
    slash = f"/{names[bass]}" if bass != root else ""
    return Chord(root, quality, bass, f"{names[root]}{quality}{slash}")


@lru_cache(4096)
def nearest_pitch(pitch: float, classes: tuple[int, ...]) -> int:
    """Return the MIDI pitch of one of the classes that is closest to ``pitch``, the lower one of two."""
    lower, upper = math.floor(pitch), math.ceil(pitch)
    while lower % 12 not in classes:
        lower -= 1
    while upper % 12 not in classes:
        upper += 1
    return lower if pitch - lower <= upper - pitch else upper


@lru_cache(4096)
def scale_step(pitch: int, steps: int, classes: tuple[int, ...]) -> int:
    """Return the MIDI pitch ``steps`` scale steps above ``pitch``, or below it if negative; at most 30 semitones."""
    direction = 1 if steps > 0 else -1
    pitches = (p for p in range(pitch + direction, pitch + 31 * direction, direction) if p % 12 in classes)
    return deque(islice(pitches, abs(steps)), maxlen=1).pop() if steps else pitch
