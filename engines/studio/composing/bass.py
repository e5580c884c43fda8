"""Writers of bass parts: sustained, locked to the kick drum, walking, or from patterns."""

from itertools import pairwise
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.composing import harmony
from engines.studio.composing.chromatic_notes import with_approaches
from engines.studio.model.composition import LAST_CHORD, ChordSpan, Note
from engines.studio.model.style import PartWriter, SectionContext
from engines.studio.theory.pitch import nearest_pitch, scale_step

MARK_PROBABILITIES: Final = {"?": 0.4, "x": 0.93, "o": 0.8}
"""The probability that a mark of a pattern is played; an accent always is."""
CENTRE_PITCH = 38.0
"""D2, between the open strings of a bass guitar."""
KICK_NOTE_LENGTH: Final = 0.9
"""The part of the time to the next note that a note on the kick drum sounds."""
MAX_STEPS: Final = 32
"""The maximum number of marks in a bar of a pattern."""
RECURRING_STEPS: Final = 32
"""The sixteenth notes after which a bass that follows the kick drum repeats itself: two bars of 4/4."""


def _root(span: ChordSpan, centre: float) -> int:
    return nearest_pitch(centre, (span.chord.bass,))


def _last_note(context: SectionContext, centre: float, velocity: float) -> list[Note]:
    return [Note(context.section.start, context.section.beats, _root(context.chords[-1], centre), velocity)]


def sustained(centre: float = CENTRE_PITCH, velocity: float = 0.7, *, pulse: float = 0.0) -> PartWriter:
    """Write chord roots, repeated every ``pulse`` quarter notes (in 4/4) or, if that is 0, as long as the chord."""

    def write(context: SectionContext) -> list[Note]:
        notes = []
        for span in context.chords:
            size = context.metre.nearest_step(pulse) if pulse else span.beats
            count = max(1, round(span.beats / size))
            for index in range(count):
                note_velocity = velocity * (1.0 if index % 2 == 0 else 0.9)
                notes.append(
                    Note(span.start + index * size, min(size, span.beats) * 0.97, _root(span, centre), note_velocity)
                )
        return notes

    return write


def kick_locked(centre: float = CENTRE_PITCH, *, velocity: float = 0.78, busy: float = 0.4) -> PartWriter:
    """Write notes that coincide with the kick drum: roots where chords begin, else roots, fifths and approach notes.

    ``busy`` is the probability of an approach note before a chord or kick that is at least a beat away.
    """

    def write_until(context: SectionContext, onset: float, end: float, random_pair: np.ndarray) -> list[Note]:
        span, beats = context.chord_at(onset), end - onset
        root = pitch = _root(span, centre)
        if onset != span.start and random_pair[0] < 0.45:
            pitch = nearest_pitch(root + 5, (span.chord.fifth, span.chord.root, span.chord.tones[-1]))
        level = velocity * (1.0 if context.metre.metric_weight(onset) else 0.85)
        if beats < 1.0 or random_pair[1] >= busy:
            return [Note(onset, min(beats, 2.0) * KICK_NOTE_LENGTH, pitch, level)]
        target = _root(context.chord_at(end), centre)
        scale = harmony.chord_scale(span.chord, context.key)
        approach = scale_step(nearest_pitch(target, scale), 1 if random_pair[0] < 0.5 else -1, scale)
        shortened = Note(onset, (beats - 0.5) * KICK_NOTE_LENGTH, pitch, level)
        return [shortened, Note(end - 0.5, 0.45, approach, velocity * 0.75)]

    def write(context: SectionContext) -> list[Note]:
        if context.section.name == LAST_CHORD:
            return _last_note(context, centre, velocity)
        onsets = sorted({span.start for span in context.chords} | {round(kick * 4) / 4 for kick in context.kick_beats})
        notes: list[Note] = []
        random_values = context.theme_rng.random((RECURRING_STEPS, 2))
        for onset, end in pairwise([*onsets, context.section.end]):
            random_pair = random_values[round(4 * (onset - context.section.start)) % RECURRING_STEPS]
            notes.extend(write_until(context, onset, end, random_pair))
        return with_approaches(notes, context)

    return write


def walking(centre: float = 40.0, velocity: float = 0.72) -> PartWriter:
    """Write a walking bass: the root of each chord, chord and scale tones, an approach note to the next chord."""

    def write(context: SectionContext) -> list[Note]:
        if context.section.name == LAST_CHORD:
            return _last_note(context, centre, velocity)
        notes: list[Note] = []
        pitch = _root(context.chords[0], centre)
        for index, (beat, beats) in enumerate(
            context.metre.pulses_between(context.section.start, context.section.beats)
        ):
            pitch = _walking_pitch(context, beat, beats, pitch, centre)
            notes.append(Note(beat, 0.92 * beats, pitch, velocity * (1.0 if index % 2 else 0.92)))
            if random_streams.chance(context.rng, 0.08):
                notes.append(Note(beat + beats - 0.5, 0.3, pitch, velocity * 0.5))
        return notes

    return write


def _walking_pitch(context: SectionContext, beat: float, beats: float, last: int, centre: float) -> int:
    span = context.chord_at(beat)
    if beat == span.start:
        return _root(span, 0.5 * last + 0.5 * centre)
    if beat + beats >= span.end:
        target = _root(context.chord_at(span.end), 0.5 * last + 0.5 * centre)
        return target + int(context.rng.choice((-1, 1, 2, -2), p=(0.4, 0.3, 0.15, 0.15)))
    if abs(last - centre) > 9:
        return nearest_pitch(centre + (7 if last > centre else -7), span.chord.tones)
    direction = 1 if last < centre + float(context.rng.normal(0, 3)) else -1
    classes = (
        span.chord.tones if random_streams.chance(context.rng, 0.6) else harmony.chord_scale(span.chord, context.key)
    )
    return scale_step(nearest_pitch(last, classes), direction, classes)


def pattern(
    marks: str, steps: tuple[int, ...] = (0,), centre: float = CENTRE_PITCH, velocity: float = 0.8, length: float = 0.0
) -> PartWriter:
    """Write alternating one-bar patterns (see drums.Groove), separated by spaces.

    ``steps`` are the semitones above the root of successive notes. The notes that are left out are the same throughout
    a theme, except in every fourth bar. Notes are short, or last ``length`` of the time to the next note.
    """
    patterns = marks.split()

    def write(context: SectionContext) -> list[Note]:
        if context.section.name == LAST_CHORD:
            return _last_note(context, centre, velocity)
        notes = []
        random_values = context.theme_rng.random((2, MAX_STEPS))
        for number, bar in enumerate(context.bar_starts):
            bars = len(context.metre.source_beats)
            is_fourth_bar = number % 4 == 3
            thresholds = context.rng.random(MAX_STEPS) if is_fourth_bar else random_values[number % 2]
            adapted = context.metre.adapt_pattern(patterns[number // bars % len(patterns)], number)
            size = context.metre.bar_length / len(adapted)
            index = 0
            if is_fourth_bar and random_streams.chance(context.theme_rng, 0.5):
                index = int(context.theme_rng.integers(len(steps)))
            for step, mark in enumerate(adapted):
                if mark == "." or thresholds[step % MAX_STEPS] >= MARK_PROBABILITIES.get(mark, 1.0):
                    continue
                beat = bar + step * size
                pitch = _root(context.chord_at(beat), centre) + steps[index % len(steps)]
                note_velocity = velocity * (1.0 if mark == "X" else 0.86 if mark == "x" else 0.6)
                rests = len(adapted[step + 1 :]) - len(adapted[step + 1 :].lstrip("."))
                notes.append(Note(beat, size * max(0.85, (rests + 1) * length), pitch, note_velocity))
                index += 1
        return with_approaches(notes, context)

    return write
