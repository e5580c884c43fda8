"""Spelling of keys, pitches and chord symbols in MusicXML."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Final

from engines.studio.model.composition import ChordSpan
from engines.studio.theory.key_map import TOLERANCE, KeyMap
from engines.studio.theory.pitch import QUALITIES, SIGNATURE_SHIFTS, Chord, Key

STEPS: Final = "FCGDAEB"
"""The natural notes in fifths; C has the position 0 on the line of fifths, F the position -1."""
CHURCH_MODES: Final[Mapping[str, int]] = {"dorian": 10, "phrygian": 8, "lydian": 7, "mixolydian": 5}
"""Semitones from the tonic of a mode to the major key with its signature. Other modes have that of their family."""
LOWEST_ALTERATIONS: Final[Mapping[str, int]] = {"major": -4, "minor": -3}
"""The flattest of the twelve written pitch classes, in fifths from the signature: minor has a raised leading note."""
LOWEST_ALTERATION_OF_RAISED_MODES: Final = -2
"""The same for the modes of SIGNATURE_SHIFTS, with several raised notes."""
SINGLE_ALTERATIONS: Final = range(-8, 13)
"""The names with at most one accidental, in fifths: F flat to B sharp."""
CHORD_FIFTHS: Final[Mapping[int, int]] = {
    0: 0, 2: 2, 3: -3, 4: 4, 5: -1, 6: -6, 7: 1, 8: 8, 9: 3, 10: -2, 11: 5, 13: -5, 14: 2, 15: 9, 17: -1, 18: 6, 21: 3,
}  # fmt: skip
"""The tones of a chord in fifths from its root, by their semitones in QUALITIES."""
DIMINISHED_SEVENTH: Final = -9
KINDS: Final[Mapping[str, tuple[str, tuple[tuple[int, int], ...]]]] = {
    "": ("major", ()), "m": ("minor", ()), "5": ("power", ()), "dim": ("diminished", ()), "aug": ("augmented", ()),
    "sus2": ("suspended-second", ()), "sus4": ("suspended-fourth", ()), "6": ("major-sixth", ()),
    "m6": ("minor-sixth", ()), "7": ("dominant", ()), "m7": ("minor-seventh", ()), "maj7": ("major-seventh", ()),
    "m7b5": ("half-diminished", ()), "dim7": ("diminished-seventh", ()), "7sus4": ("suspended-fourth", ((7, 0),)),
    "7b9": ("dominant", ((9, -1),)), "7#9": ("dominant", ((9, 1),)), "add9": ("major", ((9, 0),)),
    "madd9": ("minor", ((9, 0),)), "69": ("major-sixth", ((9, 0),)), "m69": ("minor-sixth", ((9, 0),)),
    "9": ("dominant-ninth", ()), "m9": ("minor-ninth", ()), "maj9": ("major-ninth", ()),
    "9sus4": ("suspended-fourth", ((7, 0), (9, 0))), "m11": ("minor-11th", ()), "13": ("dominant-13th", ()),
    "maj7#11": ("major-seventh", ((11, 1),)),
}  # fmt: skip
"""MusicXML's kind and the added degrees with their alterations, by a quality of pitch.QUALITIES."""


def signature(key: Key) -> int:
    """Return the sharps (positive) or flats (negative) of a key signature, -6 to 7."""
    shift = {**SIGNATURE_SHIFTS, **CHURCH_MODES}.get(key.mode, 3 if key.is_minor else 0)
    fifths = (key.tonic + shift) * 7 % 12
    is_flat = "b" in "".join(key.pitch_names)
    return fifths - 12 if fifths > 6 or (fifths == 6 and is_flat) else fifths


def mode(key: Key) -> str:
    """Return the mode as MusicXML names it."""
    return key.mode if key.mode in CHURCH_MODES else key.family


def spell(pitch_class: int, key: Key) -> tuple[str, int]:
    """Return the step and the alteration of a pitch class: (F, 1) is F sharp."""
    is_raised = key.mode in SIGNATURE_SHIFTS
    lowest = signature(key) + (LOWEST_ALTERATION_OF_RAISED_MODES if is_raised else LOWEST_ALTERATIONS[key.family])
    return _name(lowest + (pitch_class * 7 - lowest) % 12)


def spell_in_chord(pitch_class: int, chord: Chord, key: Key) -> tuple[str, int]:
    """Return the step and the alteration of a pitch class: a tone of the chord above its root, others as in the key."""
    step, alteration = spell(chord.root, key)
    root = STEPS.index(step) - 1 + 7 * alteration
    for semitones in QUALITIES[chord.quality]:
        if (chord.root + semitones) % 12 == pitch_class:
            is_diminished = chord.quality == "dim7" and semitones == 9
            fifths = root + (DIMINISHED_SEVENTH if is_diminished else CHORD_FIFTHS[semitones])
            if fifths in SINGLE_ALTERATIONS:
                return _name(fifths)
    return spell(pitch_class, key)


def _name(fifths: int) -> tuple[str, int]:
    return STEPS[(fifths + 1) % 7], (fifths + 1) // 7


class Speller:
    """Spells the pitches of a composition by the key and the chord in which they begin."""

    def __init__(self, key_map: KeyMap, chords: Sequence[ChordSpan]) -> None:
        self._key_map, self._chords = key_map, chords
        self._starts = [span.start for span in chords]

    def spell(self, pitch: int, beat: float) -> tuple[str, int, int]:
        """Return the step, the alteration and the octave of a MIDI pitch; 60 is the C of octave 4."""
        key, number = self._key_map.at(beat), bisect_right(self._starts, beat + TOLERANCE) - 1
        if number >= 0:
            step, alteration = spell_in_chord(pitch % 12, self._chords[number].chord, key)
        else:
            step, alteration = spell(pitch % 12, key)
        return step, alteration, (pitch - alteration) // 12 - 1


def kind(chord: Chord) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return MusicXML's kind of a chord and its added degrees; "other" if MusicXML has none."""
    return KINDS.get(chord.quality, ("other", ()))
