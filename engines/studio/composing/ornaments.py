"""Ornaments of melodies: grace notes, trills and parallel voices."""

from dataclasses import replace
from typing import Final

from engines.studio import random_streams
from engines.studio.composing import harmony
from engines.studio.model.composition import LAST_CHORD, Note
from engines.studio.model.style import PartWriter, SectionContext
from engines.studio.theory.pitch import nearest_pitch, scale_step

GRACE_BEATS: Final = 0.09
TRILL_STEP: Final = 0.125
MIN_TRILL_BEATS: Final = 1.0


def _neighbour(context: SectionContext, note: Note, steps: int) -> int:
    scale = harmony.chord_scale(context.chord_at(note.start).chord, context.key)
    return scale_step(nearest_pitch(note.pitch, scale), steps, scale)


def ornamented(writer: PartWriter, *, graces: float = 0.3, trills: float = 0.0) -> PartWriter:
    """Add grace notes from the upper neighbour and trills on long notes, each with a probability per note."""

    def write(context: SectionContext) -> list[Note]:
        notes: list[Note] = []
        for note in writer(context):
            upper = _neighbour(context, note, 1)
            if note.beats >= MIN_TRILL_BEATS and random_streams.chance(context.rng, trills):
                notes += _trill(note, upper)
            elif note.beats >= 0.4 and random_streams.chance(context.rng, graces):
                rest = replace(note, start=note.start + GRACE_BEATS, beats=note.beats - GRACE_BEATS)
                notes += [Note(note.start, GRACE_BEATS, upper, note.velocity * 0.8), rest]
            else:
                notes.append(note)
        return notes if context.section.name != LAST_CHORD else writer(context)

    return write


def _trill(note: Note, upper: int) -> list[Note]:
    """Alternate with the upper neighbour for two thirds of a note, starting above, and end on the note."""
    count = 2 * max(1, int(note.beats * 0.65 / (2 * TRILL_STEP)))
    shakes = [
        Note(note.start + index * TRILL_STEP, TRILL_STEP, note.pitch if index % 2 else upper, note.velocity * 0.85)
        for index in range(count)
    ]
    start = note.start + count * TRILL_STEP
    return [*shakes, Note(start, note.start + note.beats - start, note.pitch, note.velocity * 0.9)]


def in_parallel(writer: PartWriter, steps: int = -2, *, velocity: float = 0.88, is_octave: bool = False) -> PartWriter:
    """Add a second voice ``steps`` scale steps (-2: thirds below) or octaves away from another writer's notes."""

    def write(context: SectionContext) -> list[Note]:
        notes = writer(context)
        return [*notes, *(second_voice(context, note) for note in notes)]

    def second_voice(context: SectionContext, note: Note) -> Note:
        pitch = note.pitch + 12 * steps if is_octave else _neighbour(context, note, steps)
        return replace(note, pitch=pitch, velocity=note.velocity * velocity)

    return write
