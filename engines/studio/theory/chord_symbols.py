"""Chord symbols: "Am7", "F#m7b5", "C/E", and the key that a progression of them suggests."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from engines.studio.theory.pitch import QUALITIES, Key

CHORD_SYMBOL: Final = re.compile(
    r"^(?P<root>[A-Ga-g])(?P<sign>[#♯♭b]?)(?P<quality>maj|min|ma|mi|dim|aug|sus|add|m|M|-|°|ø|o|\+|Δ)?"
    r"(?P<number>2|4|5|69|6|7|9|11|13)?(?P<more>(?:sus[24]?|add\d{1,2}|[#b♯♭]\d{1,2}|maj7)*)"
    r"(?:/(?P<bass>[A-Ga-g][#♯♭b]?))?$"
)
WORDS: Final = {"maj": "maj", "ma": "maj", "M": "maj", "Δ": "maj", "min": "m", "mi": "m", "m": "m", "-": "m",
                "°": "dim", "o": "dim", "dim": "dim", "ø": "m7b5", "aug": "aug", "+": "aug"}  # fmt: skip
SEMITONES: Final = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
SIGNS: Final = {"#": 1, "♯": 1, "b": -1, "♭": -1}
NEAREST: Final = {
    "maj": "", "maj6": "6", "maj11": "maj9", "maj13": "maj9", "11": "9sus4", "m13": "m11", "dim9": "dim7", "aug7": "7",
    "sus": "sus4", "2": "sus2", "4": "sus4", "9sus": "9sus4", "7sus": "7sus4", "7sus2": "9sus4", "maj69": "69",
    "m7b5": "m7b5", "mmaj7": "m", "7b5": "7", "7#5": "7", "maj7#11": "maj7#11", "6add9": "69", "m6add9": "m69",
    "7#11": "13", "mb5": "dim", "13sus4": "9sus4", "9b5": "9",
}  # fmt: skip
"""Qualities that the engine lacks, and other names, by the nearest that it has."""


@dataclass(frozen=True, slots=True)
class SymbolChord:
    """A chord by its symbol: pitch class of the root, a quality of QUALITIES, and the bass if it is another note."""

    root: int
    quality: str
    bass: int | None

    @property
    def is_minor(self) -> bool:
        return QUALITIES[self.quality][1] == 3


def parse_symbol(match: re.Match[str]) -> SymbolChord:
    """Return the chord of a match of CHORD_SYMBOL; an unknown quality becomes the nearest one."""
    root = (SEMITONES[match["root"].lower()] + SIGNS.get(match["sign"], 0)) % 12
    written = match["quality"] or ""
    quality = WORDS.get(written, written) + (match["number"] or "") + (match["more"] or "")
    quality = quality.replace("♯", "#").replace("♭", "b")
    quality = "m7b5" if quality.startswith("m7b5") else quality
    known = next((name for name in (quality, NEAREST.get(quality, "")) if name in QUALITIES), None)
    if not known and quality.startswith("m") and not quality.startswith("maj"):
        known = "m"
    bass = match["bass"]
    bass_class = (SEMITONES[bass[0].lower()] + SIGNS.get(bass[1:], 0)) % 12 if bass else None
    return SymbolChord(root, known or "", bass_class)


def find_key(chords: Sequence[SymbolChord]) -> tuple[int, str]:
    """Return the key that fits best: its scale, tonic chords at the ends, and dominant cadences."""

    def score(key: Key) -> tuple[float, int]:
        fits = sum(
            {(chord.root + step) % 12 for step in QUALITIES[chord.quality][:3]} <= set(key.scale) for chord in chords
        )
        ends = sum(
            weight
            for chord, weight in ((chords[0], 0.9), (chords[-1], 0.6))
            if chord.root == key.tonic and chord.is_minor == key.is_minor
        )
        cadences = sum(
            first.root == (key.tonic + 7) % 12 and second.root == key.tonic and second.is_minor == key.is_minor
            for first, second in pairwise(chords)
        )
        return fits + ends + 0.8 * cadences, -key.tonic

    best = max((Key(tonic, mode) for mode in ("major", "minor") for tonic in range(12)), key=score)
    return best.tonic, best.mode
