"""Changes of the notes of a part in a section. Each takes a strength from 0 (unchanged) to 1."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from engines.studio.composing.drums import BEAT_DRUMS, HAT
from engines.studio.model.composition import Note
from engines.studio.model.style import SectionContext

NotesChange = Callable[[list[Note], SectionContext, float], list[Note]]

MIN_GAP: Final = 0.45
"""The quarter notes between two notes from which a busier part repeats the first one between them."""


def scale_lengths(factor: float) -> NotesChange:
    """Scale the lengths of notes by ``factor`` at full strength."""
    return lambda notes, _, strength: [
        replace(note, beats=max(0.1, note.beats * (1.0 + (factor - 1.0) * strength))) for note in notes
    ]


def scale_velocities(factor: float) -> NotesChange:
    """Scale the velocities of notes by ``factor`` at full strength."""
    return lambda notes, _, strength: [
        replace(note, velocity=min(1.0, note.velocity * (1.0 + (factor - 1.0) * strength))) for note in notes
    ]


def half_time(notes: list[Note], context: SectionContext, _: float) -> list[Note]:
    """Play every second bar at half speed, so that the backbeat comes half as often."""
    start, bar = context.section.start, context.metre.bar_length
    slowed = []
    for note in notes:
        number, position = divmod(note.start - start, bar)
        if number % 2 == 0:
            slowed.append(replace(note, start=start + number * bar + 2 * position))
    return [note for note in slowed if note.start < context.section.end]


def double_time(notes: list[Note], context: SectionContext, _: float) -> list[Note]:
    """Play every bar twice at double speed."""
    start, bar = context.section.start, context.metre.bar_length
    doubled = []
    for note in notes:
        number, position = divmod(note.start - start, bar)
        first = start + number * bar + position / 2
        doubled += [replace(note, start=first), replace(note, start=first + bar / 2)]
    return doubled


def thin_notes(notes: list[Note], context: SectionContext, strength: float) -> list[Note]:
    """Leave out a share of ``strength`` of the onsets of notes, between the beats first."""
    onsets = _onsets(notes)
    weights = [context.metre.metric_weight(round(onset - context.section.start, 3)) for onset in onsets]
    order = sorted(range(len(onsets)), key=lambda index: (weights[index], index * 7 % 5, index))
    omitted = {onsets[index] for index in order[: round(min(0.9, strength) * len(order))]}
    return [note for note in notes if _onset(note) not in omitted]


def thin_drums(notes: list[Note], context: SectionContext, strength: float) -> list[Note]:
    """Thin out the drums; kick and snare on the beats stay."""
    is_beat = [note.pitch in BEAT_DRUMS and context.metre.metric_weight(note.start) > 0 for note in notes]
    kept = [note for note, stays in zip(notes, is_beat, strict=True) if stays]
    others = [note for note, stays in zip(notes, is_beat, strict=True) if not stays]
    return sorted([*kept, *thin_notes(others, context, strength)], key=lambda note: note.start)


def add_notes(notes: list[Note], context: SectionContext, strength: float) -> list[Note]:
    """Repeat a share of ``strength`` of the notes halfway to the next ones, on sixteenths at least."""
    onsets = _onsets(notes)
    halves: dict[float, float] = {}
    for index, (onset, following) in enumerate(pairwise([*onsets, context.section.end])):
        if following - onset >= MIN_GAP and (index * 7 + 3) % 10 < 10 * strength:
            halves[onset] = max(0.25, round(4 * (following - onset) / 2) / 4)
    result = []
    for note in notes:
        half = halves.get(_onset(note))
        if half is None:
            result.append(note)
        else:
            result.append(replace(note, beats=min(note.beats, half)))
            result.append(replace(note, start=note.start + half, beats=half * 0.9, velocity=note.velocity * 0.8))
    return sorted(result, key=lambda note: note.start)


def add_hats(notes: list[Note], context: SectionContext, strength: float) -> list[Note]:
    """Add soft hi-hats on a share of ``strength`` of the sixteenths on which no drum plays."""
    taken = {round(4 * note.start) for note in notes}
    step = 0.25 if context.metre.grid == 1.0 else context.metre.grid / 2
    added = []
    for index in range(round(context.section.beats / step)):
        beat = context.section.start + index * step
        if round(4 * beat) not in taken and (index * 7 + 3) % 10 < 10 * strength:
            added.append(Note(beat, step, HAT, 0.42 if index % 2 else 0.5))
    return sorted([*notes, *added], key=lambda note: note.start)


def _onset(note: Note) -> float:
    return round(note.start, 3)


def _onsets(notes: Sequence[Note]) -> list[float]:
    """Return the onsets of notes in beats. Each note of a rolled chord has one."""
    return sorted({_onset(note) for note in notes})
