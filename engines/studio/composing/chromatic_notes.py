"""Chromatic approach notes: short notes off the beat that lead to the next note by a semitone."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from engines.studio.model.composition import LAST_CHORD, Note
from engines.studio.model.style import SectionContext

MAX_BEATS: Final = 0.6
"""The longest approach note: an eighth note."""
MAX_GAP_BEATS: Final = 0.3
MAX_INTERVAL: Final = 4
"""The widest interval in semitones to the following note that an approach note fills."""
RECURRING_STEPS: Final = 64
"""The sixteenth notes after which the approaches of a theme repeat: four bars of 4/4."""


def with_approaches(notes: Sequence[Note], context: SectionContext) -> list[Note]:
    """Return the notes of one voice, some short ones of which lead to a chord tone by a semitone.

    ``context.approaches`` is their probability. The same notes of a theme change whenever it returns.
    """
    if not context.approaches or context.section.name == LAST_CHORD:
        return list(notes)
    draws = context.theme_rng.random(RECURRING_STEPS)
    ordered = sorted(notes, key=lambda note: note.start)
    result = ordered[-1:]
    for note, goal in list(pairwise(ordered))[::-1]:
        step = round(4 * (note.start - context.section.start)) % RECURRING_STEPS
        is_chosen = draws[step] < context.approaches and _leads(note, goal, context)
        side = 1 if note.pitch > goal.pitch else -1
        result.append(replace(note, pitch=goal.pitch + side) if is_chosen else note)
    return result[::-1]


def _leads(note: Note, goal: Note, context: SectionContext) -> bool:
    """Return whether a note is short, off the strong beats and close to a following chord tone."""
    return (
        note.beats <= MAX_BEATS
        and not context.metre.is_strong(note.start)
        and goal.start > note.start
        and goal.start - note.start - note.beats <= MAX_GAP_BEATS
        and abs(note.pitch - goal.pitch) <= MAX_INTERVAL
        and goal.pitch % 12 in context.chord_at(goal.start).chord.tones
    )
