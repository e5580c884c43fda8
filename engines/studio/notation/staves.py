"""Staves of a part: what it sounds, its clefs and its voices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.textures import TEXTURES
from engines.studio.model.composition import Note
from engines.studio.notation.quantisation import DIVISIONS, Sound, WrittenChord, WrittenPart, quantise, split_voices
from engines.studio.theory.metre import Metre

NOISES: Final = frozenset(instrument.key for instrument in TEXTURES)
MIDDLE_C: Final = 60
VOICES_PER_STAFF: Final = 4
"""The number of voices that notation programs support."""
GRAND_STAFF_PITCHES: Final = (53, 65)
"""A part with a tenth of its notes below the first and a tenth above the second pitch has two staves."""


@dataclass(frozen=True, slots=True)
class Clef:
    """A clef: sign, line and the octaves between written and sounding pitch."""

    sign: str
    line: int
    octaves: int = 0


PERCUSSION, HIGH_TREBLE = Clef("percussion", 2), Clef("G", 2, 1)
CLEFS: Final = ((41, Clef("F", 4, -1)), (58, Clef("F", 4)), (89, Clef("G", 2)))
"""Clefs of parts with a median pitch below the first value, so that most notes need at most two ledger lines."""


@dataclass(frozen=True, slots=True)
class Staff:
    clef: Clef
    voices: Sequence[Sequence[WrittenChord]]


@dataclass(frozen=True, slots=True)
class StaffGroup:
    """The staves of one part. ``is_unpitched``: the pitches are keys of drums, or noise without a pitch."""

    name: str
    instrument: Instrument
    staves: tuple[Staff, ...]
    triplets: Mapping[int, int]
    keys: tuple[int, ...] = ()

    @property
    def end(self) -> int:
        """The end of the last chord, in divisions."""
        return max(chord.end for staff in self.staves for voice in staff.voices for chord in voice)

    @property
    def is_unpitched(self) -> bool:
        return bool(self.keys)


def write_staves(name: str, instrument_key: str, notes: Sequence[Note], metre: Metre) -> StaffGroup:
    """Write the notes of a part that has some, in the octave in which they sound."""
    instrument = CATALOGUE[instrument_key]
    sounds = [Sound(note.start, note.beats, instrument.sounding_pitch(note.pitch)) for note in notes]
    written = quantise(sounds, metre)
    if instrument.is_kit or instrument_key in NOISES:
        keys = tuple(sorted({sound.pitch for sound in sounds}))
        chords = _strokes(written) if instrument.is_kit else written.chords
        staff = Staff(PERCUSSION, split_voices(chords, VOICES_PER_STAFF))
        return StaffGroup(name, instrument, (staff,), written.triplets, keys)
    halves = _halves(written.chords)
    staves = tuple(Staff(_clef(chords), split_voices(chords, VOICES_PER_STAFF)) for chords in halves)
    return StaffGroup(name, instrument, staves, written.triplets)


def _strokes(part: WrittenPart) -> list[WrittenChord]:
    """Join the strokes of a kit that start together; each lasts to the next one or to the end of its quarter note."""
    pitches: dict[int, set[int]] = {}
    for chord in part.chords:
        pitches.setdefault(chord.start, set()).update(chord.pitches)
    starts = sorted(pitches)
    ends = ((start // DIVISIONS + 1) * DIVISIONS for start in starts)
    following = [*starts[1:], starts[-1] + DIVISIONS]
    return [
        WrittenChord(start, min(end, after), tuple(sorted(pitches[start])))
        for start, end, after in zip(starts, ends, following, strict=True)
    ]


def _halves(chords: Sequence[WrittenChord]) -> list[list[WrittenChord]]:
    """Divide chords at middle C if the part needs two staves."""
    pitches = sorted(pitch for chord in chords for pitch in chord.pitches)
    low, high = pitches[len(pitches) // 10], pitches[-1 - len(pitches) // 10]
    if low >= GRAND_STAFF_PITCHES[0] or high <= GRAND_STAFF_PITCHES[1]:
        return [list(chords)]
    return [
        [WrittenChord(chord.start, chord.end, found) for chord in chords if (found := _on_side(chord, is_upper=upper))]
        for upper in (True, False)
    ]


def _on_side(chord: WrittenChord, *, is_upper: bool) -> tuple[int, ...]:
    return tuple(pitch for pitch in chord.pitches if (pitch >= MIDDLE_C) is is_upper)


def _clef(chords: Sequence[WrittenChord]) -> Clef:
    """Choose the clef for the median pitch."""
    pitches = sorted(pitch for chord in chords for pitch in chord.pitches)
    median = pitches[len(pitches) // 2]
    return next((clef for pitch, clef in CLEFS if median < pitch), HIGH_TREBLE)
