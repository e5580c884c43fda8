"""Inner voices of chamber music: sustained notes with passing and neighbour notes."""

from engines.studio import random_streams
from engines.studio.composing import harmony
from engines.studio.model.composition import LAST_CHORD, ChordSpan, Note
from engines.studio.model.style import PartWriter, SectionContext
from engines.studio.theory.pitch import nearest_pitch, scale_step

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
