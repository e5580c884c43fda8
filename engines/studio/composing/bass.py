"""Bass lines, each a player; they follow the kick drum where a style wants both to speak together."""

from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.composing import harmony
from engines.studio.model.composition import ChordSpan, Note
from engines.studio.model.plan import LAST_CHORD
from engines.studio.model.style import PartWriter, SectionContext
from engines.studio.theory.pitch import nearest_pitch, scale_step

MARK_PROBABILITIES: Final = {"?": 0.4, "x": 0.93, "o": 0.8}
"""How often a mark of a strip is played; an accent always is."""
CENTRE_PITCH = 38.0
"""D2: between the open strings of a bass."""
MAX_STEPS: Final = 32
"""The most marks of a written bar."""
RECURRING_STEPS: Final = 32
"""Sixteenths after which a bass that follows the kick does the same again: two bars of four."""


def _root(span: ChordSpan, centre: float) -> int:
    return nearest_pitch(centre, (span.chord.bass,))


def _last_note(scene: SectionContext, centre: float, velocity: float) -> list[Note]:
    return [Note(scene.section.start, scene.section.beats, _root(scene.chords[-1], centre), velocity)]


def sustained(centre: float = CENTRE_PITCH, velocity: float = 0.7, *, pulse: float = 0.0) -> PartWriter:
    """Roots under each chord; ``pulse`` quarters long (in four) when given, or else as long as the chord."""

    def play(scene: SectionContext) -> list[Note]:
        notes = []
        for span in scene.chords:
            size = scene.metre.nearest_step(pulse) if pulse else span.beats
            count = max(1, round(span.beats / size))
            for turn in range(count):
                strength = velocity * (1.0 if turn % 2 == 0 else 0.9)
                notes.append(
                    Note(span.start + turn * size, min(size, span.beats) * 0.97, _root(span, centre), strength)
                )
        return notes

    return play


def kick_locked(
    centre: float = CENTRE_PITCH, *, velocity: float = 0.78, busy: float = 0.4, length: float = 0.9
) -> PartWriter:
    """Notes with the kick drum: roots on strong beats, fifths, octaves and approach notes between."""

    def play(scene: SectionContext) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            return _last_note(scene, centre, velocity)
        onsets = sorted({span.start for span in scene.chords} | {round(kick * 4) / 4 for kick in scene.kick_beats})
        notes: list[Note] = []
        ends = [*onsets[1:], scene.section.end]
        habits = scene.theme_rng.random((RECURRING_STEPS, 2))
        for onset, end in zip(onsets, ends, strict=True):
            habit = habits[round(4 * (onset - scene.section.start)) % RECURRING_STEPS]
            notes.extend(_notes_until(scene, onset, end, habit, centre, velocity, busy, length))
        return notes

    return play


def _notes_until(
    scene: SectionContext,
    onset: float,
    end: float,
    habit: np.ndarray,
    centre: float,
    velocity: float,
    busy: float,
    length: float,
) -> list[Note]:
    span = scene.chord_at(onset)
    root = _root(span, centre)
    pitch = root
    if onset != span.start and habit[0] < 0.45:
        pitch = nearest_pitch(root + 5, (span.chord.fifth, span.chord.root, span.chord.tones[-1]))
    first = Note(
        onset, min(end - onset, 2.0) * length, pitch, velocity * (1.0 if scene.metre.metric_weight(onset) else 0.85)
    )
    gap = end - onset
    if gap < 1.0 or habit[1] >= busy:
        return [first]
    goal = _root(scene.chord_at(end), centre)
    scale = harmony.chord_scale(span.chord, scene.key)
    lead = scale_step(nearest_pitch(goal, scale), 1 if habit[0] < 0.5 else -1, scale)
    shorter = Note(onset, (gap - 0.5) * length, pitch, first.velocity)
    return [shorter, Note(end - 0.5, 0.45, lead, velocity * 0.75)]


def walking(centre: float = 40.0, velocity: float = 0.72) -> PartWriter:
    """A jazz bass in quarters: root on the chord, chord and scale tones between, a semitone or step into the next."""

    def play(scene: SectionContext) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            return _last_note(scene, centre, velocity)
        notes: list[Note] = []
        pitch = _root(scene.chords[0], centre)
        for turn, (beat, beats) in enumerate(scene.metre.pulses_between(scene.section.start, scene.section.beats)):
            pitch = _walking_pitch(scene, beat, beats, pitch, centre)
            notes.append(Note(beat, 0.92 * beats, pitch, velocity * (1.0 if turn % 2 else 0.92)))
            if random_streams.chance(scene.rng, 0.08):
                notes.append(Note(beat + beats - 0.5, 0.3, pitch, velocity * 0.5))
        return notes

    return play


def _walking_pitch(scene: SectionContext, beat: float, beats: float, last: int, centre: float) -> int:
    span = scene.chord_at(beat)
    if beat == span.start:
        return _root(span, 0.5 * last + 0.5 * centre)
    if beat + beats >= span.end:
        goal = _root(scene.chord_at(span.end), 0.5 * last + 0.5 * centre)
        return goal + int(scene.rng.choice((-1, 1, 2, -2), p=(0.4, 0.3, 0.15, 0.15)))
    if abs(last - centre) > 9:
        return nearest_pitch(centre + (7 if last > centre else -7), span.chord.tones)
    direction = 1 if last < centre + float(scene.rng.normal(0, 3)) else -1
    classes = span.chord.tones if random_streams.chance(scene.rng, 0.6) else harmony.chord_scale(span.chord, scene.key)
    return scale_step(nearest_pitch(last, classes), direction, classes)


def offbeat(centre: float = CENTRE_PITCH, velocity: float = 0.8) -> PartWriter:
    """House: the off-beat eighths answer the kick, with octaves and a pick-up now and then."""

    def play(scene: SectionContext) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            return _last_note(scene, centre, velocity)
        notes = []
        for beat, beats in scene.metre.pulses_between(scene.section.start, scene.section.beats):
            off = beat + beats - 0.5
            root = _root(scene.chord_at(off), centre)
            jump = 12 if random_streams.chance(scene.rng, 0.18) else 0
            notes.append(Note(off, 0.42, root + jump, velocity))
            if scene.metre.metric_weight(beat + beats) == 2 and random_streams.chance(scene.rng, 0.6):
                notes.append(
                    Note(off + 0.25, 0.2, nearest_pitch(root + 4, (scene.chord_at(beat).chord.fifth,)), velocity * 0.8)
                )
        return notes

    return play


def pattern(
    marks: str, steps: tuple[int, ...] = (0,), centre: float = CENTRE_PITCH, velocity: float = 0.8, length: float = 0.0
) -> PartWriter:
    """Written bars of marks (as in rhythm), by turns; ``steps`` are semitones above the root, one for each stroke.

    What is left out stays left out while the theme lasts; every fourth bar turns away from it.
    Notes are short, or last ``length`` of the way to the next stroke.
    """
    strips = marks.split()

    def play(scene: SectionContext) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            return _last_note(scene, centre, velocity)
        notes = []
        habits = scene.theme_rng.random((2, MAX_STEPS))
        for number, bar in enumerate(scene.bar_starts):
            bars = len(scene.metre.source_beats)
            is_turn = number % 4 == 3
            dice = scene.rng.random(MAX_STEPS) if is_turn else habits[number % 2]
            here = scene.metre.adapt_pattern(strips[number // bars % len(strips)], number)
            size = scene.metre.bar_length / len(here)
            turn = (
                int(scene.theme_rng.integers(len(steps)))
                if is_turn and random_streams.chance(scene.theme_rng, 0.5)
                else 0
            )
            for place, mark in enumerate(here):
                if mark == "." or dice[place % MAX_STEPS] >= MARK_PROBABILITIES.get(mark, 1.0):
                    continue
                beat = bar + place * size
                pitch = _root(scene.chord_at(beat), centre) + steps[turn % len(steps)]
                strength = velocity * (1.0 if mark == "X" else 0.86 if mark == "x" else 0.6)
                gap = len(here[place + 1 :]) - len(here[place + 1 :].lstrip("."))
                notes.append(Note(beat, size * max(0.85, (gap + 1) * length), pitch, strength))
                turn += 1
        return notes

    return play
