"""Repeated tones: accompaniments keep one tone of the key while chords change, like an open string or a pedal point."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.model.composition import LAST_CHORD, Note, Section
from engines.studio.model.style import Part, SectionContext, Style
from engines.studio.theory.pitch import Key, nearest_pitch

SECOND, FOURTH, DOMINANT = 2, 5, 7
DEGREES: Final[Mapping[str, tuple[int, ...]]] = {
    "major": (SECOND, SECOND, SECOND, SECOND, DOMINANT),
    "minor": (DOMINANT, DOMINANT, FOURTH),
}
"""Semitones from the tonic to the tone of a track, by the family of the key; repetition makes one more probable.

In major keys the second belongs to few chords, and colours the tonic and the subdominant as a ninth and a sixth. In
scales without the chosen tone it is the dominant.
"""
CARRYING_STEMS: Final = frozenset({"harmony", "texture"})
UNSUITABLE: Final = frozenset({"driven_guitar", "palm_mute", "vinyl", "air", "riser", "impact"})
"""Distorted guitars, whose fifths bear no further tone, and instruments without a pitch."""
MAX_CARRIERS: Final = 3
"""How many parts at most repeat the tone in the sections of a theme."""
CHORD_SIZE: Final = 3
"""The notes from which on the tone replaces the highest note of a chord; in smaller groups it is every second one."""
EMPHASIS: Final = 1.5
"""The velocity of repeated tones relative to the notes that they replace."""
ROLL_BEATS: Final = 0.07
"""The largest distance of the notes of a chord, of which each starts after the one below it."""


def repeated_tone(
    part: Part, playing: Sequence[Part], section: Section, key: Key, style: Style, seed: int
) -> int | None:
    """Return the pitch class that a part repeats in all sections of a theme, None if it repeats none.

    ``playing`` are all parts of the section, of which MAX_CARRIERS at most repeat the tone.
    """
    able = [one.name for one in playing if one.stem in CARRYING_STEMS and one.instrument not in UNSUITABLE]
    if part.name not in able or section.name == LAST_CHORD:
        return None
    rng = random_streams.stream(seed, "repeated tone", section.theme)
    is_chosen = random_streams.chance(rng, style.repeated_tones)
    carriers = [able[index] for index in rng.permutation(len(able))[:MAX_CARRIERS]]
    if not is_chosen or part.name not in carriers:
        return None
    return _track_tone(key, random_streams.stream(seed, "repeated degree"))


def _track_tone(key: Key, rng: np.random.Generator) -> int:
    """Choose a pitch class of DEGREES, the dominant if it is not in the scale of the key."""
    tones = tuple((key.tonic + degree) % 12 for degree in DEGREES[key.family])
    tone = random_streams.pick(rng, tones)
    return tone if tone in key.scale else (key.tonic + DOMINANT) % 12


def with_repeated_tone(notes: Sequence[Note], tone: int, context: SectionContext) -> list[Note]:
    """Return the notes of an accompaniment with a tone as the top of chords, or as every second one of single notes.

    Chords that contain the tone a semitone below, with which it clashes, stay as they are.
    """
    result: list[Note] = []
    for number, chord in enumerate(_simultaneous(notes)):
        tones = context.chord_at(chord[0].start).chord.tones
        top = max(chord, key=lambda note: note.pitch)
        if (tone - 1) % 12 in tones or (len(chord) < CHORD_SIZE and number % 2 == 0):
            result += chord
            continue
        pitch = nearest_pitch(top.pitch, (tone,))
        result += [note for note in chord if note is not top and note.pitch != pitch]
        result.append(replace(top, pitch=pitch, velocity=min(1.0, EMPHASIS * top.velocity)))
    return result


def _simultaneous(notes: Sequence[Note]) -> Iterator[list[Note]]:
    """Yield the notes of each stroke."""
    stroke: list[Note] = []
    for note in sorted(notes, key=lambda note: (note.start, note.pitch)):
        if stroke and note.start - stroke[-1].start > ROLL_BEATS:
            yield stroke
            stroke = []
        stroke.append(note)
    if stroke:
        yield stroke
