"""Writers of idiomatic accompaniments: Alberti bass, montuno, tumbao, repeated notes, drones and cluster chords."""

from dataclasses import replace
from typing import Final

from engines.studio import random_streams
from engines.studio.model.composition import LAST_CHORD, ChordSpan, Note
from engines.studio.model.style import PartWriter, SectionContext
from engines.studio.theory.pitch import nearest_pitch

ALBERTI_ORDER: Final = (0, 2, 1, 2)
"""Lowest, highest, middle, highest: the figure of Domenico Alberti."""
MONTUNO_BARS: Final = ("x.xx.x.x", ".x.x.x.x")
"""Two bars of a piano montuno for 2-3 clave: on beats one and two at first, then only between the beats."""


def _close_voicing(span: ChordSpan, centre: float) -> tuple[int, int, int]:
    """Return root, third and fifth in close position, the lowest near ``centre``."""
    root = nearest_pitch(centre, (span.chord.bass,))
    tones = (span.chord.root, span.chord.third, span.chord.fifth)
    upper = sorted({root + (tone - root) % 12 for tone in tones if tone != root % 12})[:2]
    return (root, upper[0], upper[-1])


def alberti(centre: float = 52.0, velocity: float = 0.48, *, step: float = 0.5) -> PartWriter:
    """Write broken triads as an Alberti bass, with a note every ``step`` quarter notes (in 4/4)."""

    def write(context: SectionContext) -> list[Note]:
        if context.section.name == LAST_CHORD:
            span = context.chords[-1]
            return [Note(span.start, span.beats, pitch, velocity) for pitch in _close_voicing(span, centre)]
        rate = context.metre.nearest_step(step)
        notes = []
        for span in context.chords:
            pitches = _close_voicing(span, centre)
            for index in range(round(span.beats / rate)):
                pitch = pitches[ALBERTI_ORDER[index % 4]]
                level = velocity * (1.0 if index % 4 == 0 else 0.82) * float(context.rng.uniform(0.92, 1.06))
                notes.append(Note(span.start + index * rate, rate * 1.1, pitch, level))
        return notes

    return write


def montuno(*, shift: int = 0, velocity: float = 0.66, patterns: tuple[str, ...] = MONTUNO_BARS) -> PartWriter:
    """Write a montuno: chord tones in octaves on syncopated steps; a chord is anticipated by an eighth note."""

    def write(context: SectionContext) -> list[Note]:
        if context.section.name == LAST_CHORD:
            span = context.chords[-1]
            return [Note(span.start, span.beats, pitch + shift, velocity) for pitch in span.voicing]
        notes: list[Note] = []
        for number, bar in enumerate(context.bar_starts):
            marks = context.metre.adapt_pattern(patterns[number % len(patterns)], number)
            size = context.metre.bar_length / len(marks)
            steps = [step for step, mark in enumerate(marks) if mark != "."]
            for index, step in enumerate(steps):
                beat = bar + step * size
                span = _sounding_chord(context, beat)
                pitches = sorted(pitch + shift for pitch in span.voicing)
                pitch = pitches[(0, 2, 1, 2)[index % 4] % len(pitches)]
                level = velocity * (1.0 if index % 4 == 0 else 0.84)
                notes += [Note(beat, size * 1.6, pitch, level), Note(beat, size * 1.6, pitch + 12, level * 0.9)]
        return notes

    return write


def _sounding_chord(context: SectionContext, beat: float) -> ChordSpan:
    """Return the chord at a beat, or the next one if it begins within an eighth note."""
    if beat + 0.5 >= context.section.end - 1e-6 and context.next_chord:
        return context.next_chord
    return context.chord_at(beat + 0.5)


def tumbao(centre: float = 38.0, velocity: float = 0.8) -> PartWriter:
    """Write a bass tumbao: the fifth on the second half of beat two, and the next chord's root on beat four, tied."""

    def write(context: SectionContext) -> list[Note]:
        section, metre = context.section, context.metre
        first = nearest_pitch(centre, (context.chords[0].chord.bass,))
        if section.name == LAST_CHORD:
            return [Note(section.start, section.beats, first, velocity)]
        notes = [Note(section.start, 1.4, first, velocity)]
        beats = 1.0 if metre.bar_length == 4 else metre.pulses[-1]
        for bar in context.bar_starts:
            middle, late = bar + (metre.bar_length - beats) / 2, bar + metre.bar_length - beats
            span = context.chord_at(middle)
            root = nearest_pitch(centre, (span.chord.bass,))
            fifth = nearest_pitch(root + 5, (span.chord.fifth,))
            notes.append(Note(middle, late - middle - 0.1, fifth, velocity * 0.85))
            ahead = context.chord_at(bar + metre.bar_length) if bar + metre.bar_length < section.end else None
            target = ahead or context.next_chord or span
            pitch = nearest_pitch(centre, (target.chord.bass,))
            is_tied = random_streams.chance(context.rng, 0.75)
            notes.append(Note(late, beats + (1.3 if is_tied else -0.1), pitch, velocity))
            if not is_tied and ahead:
                notes.append(Note(bar + metre.bar_length, 0.9, pitch, velocity * 0.8))
        return notes

    return write


def held_tones(pitch: float, *degrees: int, velocity: float = 0.5, beats: float = 8.0) -> PartWriter:
    """Write a drone: tones near ``pitch`` at these semitones above the tonic, renewed every ``beats``."""

    def write(context: SectionContext) -> list[Note]:
        section = context.section
        root = nearest_pitch(pitch, (context.key.tonic,))
        count = max(1, round(section.beats / beats))
        share = section.beats / count
        starts = (section.start + index * share for index in range(count))
        return [Note(start, share + 0.1, root + degree, velocity) for start in starts for degree in degrees]

    return write


def cluster(*, shift: int = 0, velocity: float = 0.5) -> PartWriter:
    """Write sustained chords with added semitones above the lowest and below the highest voice."""

    def write(context: SectionContext) -> list[Note]:
        notes = []
        for span in context.chords:
            pitches = {*span.voicing, span.voicing[0] + 1, span.voicing[-1] - 1}
            level = velocity * (0.8 + 0.4 * context.section.energy)
            notes += [Note(span.start, span.beats + 0.3, pitch + shift, level) for pitch in sorted(pitches)]
        return notes

    return write


def repeated(writer: PartWriter, step: float = 0.125, *, min_beats: float = 0.5) -> PartWriter:
    """Repeat the notes of another writer every ``step`` beats: a tremolo of mandolins, strings or trumpets."""

    def write(context: SectionContext) -> list[Note]:
        notes = []
        for note in writer(context):
            count = int(note.beats / step) if note.beats >= min_beats else 1
            size = note.beats / max(1, count)
            for index in range(max(1, count)):
                level = note.velocity * (1.0 if index == 0 else 0.7 + 0.15 * index / count)
                notes.append(replace(note, start=note.start + index * size, beats=size, velocity=level))
        return notes

    return write
