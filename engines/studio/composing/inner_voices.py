"""Inner voices of chamber music: sustained notes with passing and neighbour notes."""

from dataclasses import replace
from typing import Final

from engines.studio import random_streams
from engines.studio.composing import harmony
from engines.studio.model.composition import LAST_CHORD, ChordSpan, Note
from engines.studio.model.style import PartWriter, SectionContext
from engines.studio.theory.metre import Metre
from engines.studio.theory.pitch import nearest_pitch, scale_step

MIN_MOVING_BEATS: Final = 3.0
MOVING_PROBABILITY: Final = 0.3
"""The probability that a voice moves in a chord of at least MIN_MOVING_BEATS."""
CELLO_CENTRE: float = 45.0
"""A2, the middle of the range of an accompanying cello."""


def inner_voice(voice: int, *, lively: float = 0.4, velocity: float = 0.6) -> PartWriter:
    """Write one voice of the chords: 0 is the lowest, -1 the bass. ``lively`` is the probability that it moves."""

    def write(context: SectionContext) -> list[Note]:
        notes: list[Note] = []
        for index, span in enumerate(context.chords):
            target = context.chords[min(index + 1, len(context.chords) - 1)]
            notes.extend(_voice_notes(context, span, _pitch(span, voice), _pitch(target, voice), lively, velocity))
        return notes

    return write


def with_moving_voice(notes: list[Note], context: SectionContext) -> list[Note]:
    """Let one inner note of some long chords move to a neighbour and back. Without ``track_seed`` all notes stay."""
    if context.track_seed is None:
        return notes
    result = list(notes)
    for span in context.chords:
        chord = sorted((note for note in result if abs(note.start - span.start) < 0.2), key=lambda note: note.pitch)
        is_long = span.beats >= MIN_MOVING_BEATS and len(chord) >= 3
        if is_long and random_streams.chance(context.rng, MOVING_PROBABILITY):
            voice = chord[int(context.rng.integers(1, len(chord) - 1))]
            scale = harmony.chord_scale(span.chord, context.key)
            neighbour = scale_step(voice.pitch, 1 if random_streams.chance(context.rng, 0.6) else -1, scale)
            if neighbour not in {note.pitch for note in chord}:
                result.remove(voice)
                result += _with_neighbour(voice, neighbour, span, context.metre)
    return result


def _with_neighbour(voice: Note, neighbour: int, span: ChordSpan, metre: Metre) -> list[Note]:
    half = metre.midpoint(span.beats)
    turn, quarter = span.start + half, (span.beats - half) / 2
    end = voice.start + voice.beats
    return [
        replace(voice, beats=turn - voice.start),
        Note(turn, quarter, neighbour, voice.velocity * 0.95),
        Note(turn + quarter, max(0.2, end - turn - quarter), voice.pitch, voice.velocity * 0.9),
    ]


def _pitch(span: ChordSpan, voice: int) -> int:
    if voice < 0:
        return nearest_pitch(CELLO_CENTRE, (span.chord.bass,))
    return span.voicing[min(voice, len(span.voicing) - 1)]


def _voice_notes(
    context: SectionContext, span: ChordSpan, pitch: int, target: int, lively: float, velocity: float
) -> list[Note]:
    moves = context.section.name != LAST_CHORD and span.beats >= 2 and random_streams.chance(context.rng, lively)
    if not moves:
        return [Note(span.start, span.beats * 0.99, pitch, velocity)]
    scale = harmony.chord_scale(span.chord, context.key)
    half = context.metre.midpoint(span.beats)
    remainder = span.beats - half
    neighbour = scale_step(nearest_pitch(pitch, scale), 1 if target >= pitch else -1, scale)
    if random_streams.chance(context.rng, 0.4):
        return [
            Note(span.start, half * 0.98, pitch, velocity),
            Note(span.start + half, remainder * 0.5, neighbour, velocity * 0.9),
            Note(span.start + half + remainder * 0.5, remainder * 0.5, pitch, velocity * 0.85),
        ]
    return [
        Note(span.start, (half + remainder * 0.5) * 0.98, pitch, velocity),
        Note(span.start + half + remainder * 0.5, remainder * 0.5, neighbour, velocity * 0.9),
    ]
