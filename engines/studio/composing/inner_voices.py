"""Players of a chamber group: inner voices that hold, lean and move on, each one note at a time."""

from engines.studio import random_streams
from engines.studio.composing import harmony
from engines.studio.model.composition import ChordSpan, Note
from engines.studio.model.plan import LAST_CHORD
from engines.studio.model.style import PartWriter, SectionContext
from engines.studio.theory.pitch import nearest_pitch, scale_step

CELLO_CENTRE: float = 45.0
"""A2, the middle of what a cello plays under others."""


def inner_voice(place: int, *, lively: float = 0.4, velocity: float = 0.6) -> PartWriter:
    """One voice of the chords: ``place`` counts from the lowest, -1 is the bass; ``lively`` is how often it moves."""

    def play(scene: SectionContext) -> list[Note]:
        notes: list[Note] = []
        for turn, span in enumerate(scene.chords):
            goal = scene.chords[min(turn + 1, len(scene.chords) - 1)]
            notes.extend(_voice_notes(scene, span, _pitch(span, place), _pitch(goal, place), lively, velocity))
        return notes

    return play


def _pitch(span: ChordSpan, place: int) -> int:
    if place < 0:
        return nearest_pitch(CELLO_CENTRE, (span.chord.bass,))
    return span.voicing[min(place, len(span.voicing) - 1)]


def _voice_notes(
    scene: SectionContext, span: ChordSpan, pitch: int, goal: int, lively: float, velocity: float
) -> list[Note]:
    moves = scene.section.name != LAST_CHORD and span.beats >= 2 and random_streams.chance(scene.rng, lively)
    if not moves:
        return [Note(span.start, span.beats * 0.99, pitch, velocity)]
    scale = harmony.chord_scale(span.chord, scene.key)
    half = scene.metre.midpoint(span.beats)
    rest = span.beats - half
    near = scale_step(nearest_pitch(pitch, scale), 1 if goal >= pitch else -1, scale)
    if random_streams.chance(scene.rng, 0.4):
        return [
            Note(span.start, half * 0.98, pitch, velocity),
            Note(span.start + half, rest * 0.5, near, velocity * 0.9),
            Note(span.start + half + rest * 0.5, rest * 0.5, pitch, velocity * 0.85),
        ]
    return [
        Note(span.start, (half + rest * 0.5) * 0.98, pitch, velocity),
        Note(span.start + half + rest * 0.5, rest * 0.5, near, velocity * 0.9),
    ]
