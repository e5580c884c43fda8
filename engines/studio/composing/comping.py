"""Harmony players: held chords, stabs, arpeggios and strums from the voicings of the chords."""

from dataclasses import replace
from itertools import pairwise
from typing import Final

from engines.studio import random_streams
from engines.studio.model.composition import ChordSpan, Note
from engines.studio.model.plan import LAST_CHORD
from engines.studio.model.style import PartWriter, SectionContext
from engines.studio.theory import arpeggios
from engines.studio.theory.metre import COMMON_TIME
from engines.studio.theory.pitch import nearest_pitch

MARK_VELOCITIES: Final = {"X": 1.0, "x": 0.82, "o": 0.64, "g": 0.42, "?": 0.55}


EXTENSION_VELOCITY: Final = 0.8
"""How strongly sevenths, ninths and what lies above are struck beside root, third and fifth: colour, not weight."""


def _chord_notes(
    span: ChordSpan, beat: float, beats: float, velocity: float, shift: int, spread: float = 0.0
) -> list[Note]:
    frame = {span.chord.root, span.chord.third, span.chord.fifth}
    return [
        Note(
            beat + spread * place,
            beats - spread * place,
            pitch + shift,
            velocity * (0.94 + 0.02 * place) * (1.0 if pitch % 12 in frame else EXTENSION_VELOCITY),
        )
        for place, pitch in enumerate(span.voicing)
    ]


def sustained(*, shift: int = 0, velocity: float = 0.55, spread: float = 0.0, overlap: float = 0.0) -> PartWriter:
    """Chords as long as they last; ``shift`` semitones away, rolled by ``spread`` beats from note to note.

    With ``melts`` tones in common sound on, and the others stay that many beats into the next chord.
    """

    def play(scene: SectionContext) -> list[Note]:
        swell = velocity * (0.85 + 0.3 * scene.section.energy)
        notes = [
            note
            for span in scene.chords
            for note in _chord_notes(
                span, span.start, span.beats * 0.98 + overlap, swell, shift, min(spread, span.beats / 8)
            )
        ]
        return _tie_repeated_pitches(notes) if overlap else notes

    return play


def _tie_repeated_pitches(notes: list[Note]) -> list[Note]:
    """Tones that are struck again while they sound become one."""
    tied: dict[int, list[Note]] = {}
    for note in notes:
        line = tied.setdefault(note.pitch, [])
        if line and line[-1].start + line[-1].beats >= note.start:
            line[-1] = replace(line[-1], beats=note.start + note.beats - line[-1].start)
        else:
            line.append(note)
    return [note for line in tied.values() for note in line]


def stabs(
    *strips: str,
    shift: int = 0,
    velocity: float = 0.65,
    length: float = 0.9,
    spread: float = 0.0,
    is_riff: bool = True,
    top_notes: int = 0,
) -> PartWriter:
    """Chords on the marks of one-bar strips (as in rhythm): a riff of the theme's own, or else as the mood takes it.

    ``length`` is how much of the way to the next stroke they sound; with ``top`` only so many upper notes are played.
    """

    def play(whole: SectionContext) -> list[Note]:
        spans = (replace(span, voicing=span.voicing[-top_notes:]) for span in whole.chords)
        scene = replace(whole, chords=tuple(spans))
        if scene.section.name == LAST_CHORD:
            span = scene.chords[-1]
            return _chord_notes(span, span.start, span.beats, velocity, shift, spread)
        chosen = (
            choose_riff(scene, strips)
            if is_riff
            else [random_streams.pick(scene.rng, strips) for _ in scene.bar_starts]
        )
        return [
            note
            for number, bar in enumerate(scene.bar_starts)
            for note in _stab_notes(
                scene, bar, scene.metre.adapt_pattern(chosen[number], number), shift, velocity, length, spread
            )
        ]

    return play


def choose_riff(scene: SectionContext, strips: tuple[str, ...]) -> list[str]:
    """A strip for each bar: two bars that stay and come back with their theme, and a turn in every fourth bar."""
    first, second, turn = (random_streams.pick(scene.theme_rng, strips) for _ in range(3))
    cycle = (first, second, first, turn)
    return [cycle[number % 4] for number in range(len(scene.bar_starts))]


def _stab_notes(
    scene: SectionContext, bar: float, marks: str, shift: int, velocity: float, length: float, spread: float
) -> list[Note]:
    size = scene.metre.bar_length / len(marks)
    places = [p for p, m in enumerate(marks) if m != "." and (m != "?" or random_streams.chance(scene.rng, 0.4))]
    notes: list[Note] = []
    for place, following in pairwise([*places, len(marks)]):
        beat = bar + place * size
        span = scene.chord_at(beat)
        sounding = min((following - place) * size, span.end - beat) * length
        notes.extend(
            _chord_notes(span, beat, max(0.1, sounding), velocity * MARK_VELOCITIES[marks[place]], shift, spread)
        )
    return notes


def arpeggio(
    written: float = 0.5,
    *,
    order: str = "updown",
    shift: int = 0,
    velocity: float = 0.6,
    length: float = 0.9,
    gates: tuple[str, ...] = (),
) -> PartWriter:
    """Broken chords, every ``written`` quarters (in four), in the order "up", "down", "updown", "broken" or "wide"."""

    def play(scene: SectionContext) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            return _chord_notes(scene.chords[-1], scene.section.start, scene.section.beats, velocity, shift, 0.12)
        notes = []
        skip = 0.04 + 0.12 * (1.0 - scene.section.energy)
        mask, metre = arpeggios.EVERY_STEP, scene.metre
        rate = metre.nearest_step(written)
        steps = round(2 * metre.bar_length / rate)
        for turn in range(round(scene.section.beats / rate)):
            beat = scene.section.start + turn * rate
            if turn % max(32 // steps * steps, steps) == 0 and rate < 1.0:
                mask = random_streams.pick(
                    scene.theme_rng,
                    gates or arpeggios.STEP_MASKS
                    if rate <= 0.25
                    else (*arpeggios.STEP_MASKS[:2], arpeggios.EVERY_STEP, arpeggios.EVERY_STEP),
                )
            if mask[turn % steps % 16] == "." or (beat % metre.bar_length and random_streams.chance(scene.rng, skip)):
                continue
            span = scene.chord_at(beat)
            figure = arpeggios.NOTE_ORDERS[order](span.voicing)
            since = round((beat - span.start) / rate)
            accent = 1.0 if metre.metric_weight(beat) else 0.86
            wave = 1.0 + 0.08 * ((turn * 5) % 7 - 3) / 3
            pitch = figure[since % len(figure)] + shift
            notes.append(Note(beat, rate * length, pitch, min(1.0, velocity * accent * wave)))
        return notes

    return play


LEFT_HAND_FIGURES: Final = (
    (0, 1, 2, 3, 2, 1, 2, 1),
    (0, 1, 2, 1, 3, 2, 1, 2),
    (0, 1, 2, 3, 1, 2, 3, 2),
    (0, 2, 1, 2, 3, 2, 1, 2),
)
"""Orders of bass, fifth, tenth and high fifth in a left hand's eighths."""


def left_hand(velocity: float = 0.5) -> PartWriter:
    """A pianist's left hand under the pedal: bass note, then fifth and tenth; quarters when calm, eighths otherwise."""

    def play(scene: SectionContext) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            span = scene.chords[-1]
            return [Note(span.start + 0.15 * p, span.beats, x, velocity) for p, x in enumerate(_open_voicing(span)[:3])]
        return [note for span in scene.chords for note in _left_hand_notes(scene, span, velocity)]

    return play


def _open_voicing(span: ChordSpan) -> tuple[int, int, int, int]:
    root = 36 + (span.chord.bass - 36) % 12
    fifth = root + (span.chord.fifth - root) % 12
    return root, fifth, root + 12 + (span.chord.third - root) % 12, fifth + 12


def _left_hand_notes(scene: SectionContext, span: ChordSpan, velocity: float) -> list[Note]:
    pitches, figure = _open_voicing(span), random_streams.pick(scene.rng, LEFT_HAND_FIGURES)
    metre = scene.metre
    pace = 0.5 if scene.section.energy > 0.35 or metre.grid != 1.0 else 1.0
    size = 8 if metre is COMMON_TIME else round(metre.bar_length / pace)
    notes = [Note(span.start, span.beats, pitches[0], velocity * 1.05)]
    for turn in range(1, round(span.beats / pace)):
        if turn % 2 and random_streams.chance(scene.rng, 0.1):
            continue
        loud = velocity * (0.8 + 0.1 * (turn % 2)) * float(scene.rng.uniform(0.92, 1.06))
        beat = span.start + turn * pace
        notes.append(Note(beat, max(pace, span.end - beat), pitches[figure[turn % size % 8]], loud))
    return notes


def drone(pitch: int = 60, velocity: float = 0.5) -> PartWriter:
    """One long sound in each section, overlapping a little: crackle, air and other textures."""

    def play(scene: SectionContext) -> list[Note]:
        size = min(8.0, scene.section.beats)
        count = max(1, round(scene.section.beats / size))
        share = scene.section.beats / count
        return [Note(scene.section.start + turn * share, share + 0.5, pitch, velocity) for turn in range(count)]

    return play


def riser(velocity: float = 0.7, beats: float = 8.0) -> PartWriter:
    """A riser into the next section."""

    def play(scene: SectionContext) -> list[Note]:
        if scene.section.is_last or len(scene.bar_starts) < 4:
            return []
        length = beats * scene.metre.bar_length / 4
        return [Note(scene.section.end - length, length, 60, velocity)]

    return play


def impact(pitch: int = 40, velocity: float = 0.8) -> PartWriter:
    """One hit on the first beat of a section."""

    def play(scene: SectionContext) -> list[Note]:
        return [Note(scene.section.start, 3.0, pitch, velocity)]

    return play


def power_chords(*strips: str, centre: float = 45.0, velocity: float = 0.75, length: float = 0.9) -> PartWriter:
    """Root, fifth and octave low on a guitar, on the marks of one-bar strips."""

    def play(scene: SectionContext) -> list[Note]:
        notes: list[Note] = []
        for number, (bar, chosen) in enumerate(zip(scene.bar_starts, choose_riff(scene, strips), strict=True)):
            marks = "X" if scene.section.name == LAST_CHORD else scene.metre.adapt_pattern(chosen, number, runs=True)
            beats = scene.section.beats if scene.section.name == LAST_CHORD else scene.metre.bar_length
            size = beats / len(marks)
            places = [place for place, mark in enumerate(marks) if mark != "."]
            for place, following in pairwise([*places, len(marks)]):
                span = scene.chord_at(bar + place * size)
                root = nearest_pitch(centre, (span.chord.root,))
                fifth = root + (span.chord.fifth - root) % 12
                sounding = (following - place) * size * length
                strength = velocity * MARK_VELOCITIES[marks[place]]
                notes.extend(Note(bar + place * size, sounding, p, strength) for p in (root, fifth, root + 12))
        return notes

    return play
