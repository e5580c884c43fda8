"""Writers of harmony and texture parts: sustained chords, stabs, arpeggios, power chords, risers."""

from dataclasses import replace
from itertools import pairwise
from typing import Final

from engines.studio import random_streams
from engines.studio.composing import inner_voices
from engines.studio.composing.riff_variation import vary_riffs
from engines.studio.model.composition import LAST_CHORD, ChordSpan, Note
from engines.studio.model.style import PartWriter, SectionContext
from engines.studio.theory import arpeggios
from engines.studio.theory.metre import COMMON_TIME
from engines.studio.theory.pitch import nearest_pitch

MARK_VELOCITIES: Final = {"X": 1.0, "x": 0.82, "o": 0.64, "g": 0.42, "?": 0.55}
ANTICIPATION_PROBABILITY: Final = 0.7
"""The probability that an accompaniment anticipates chords throughout a track."""
EXTENSION_VELOCITY: Final = 0.8
"""The velocity of sevenths, ninths and higher extensions relative to root, third and fifth."""


def _chord_notes(
    span: ChordSpan, beat: float, beats: float, velocity: float, shift: int, spread: float = 0.0
) -> list[Note]:
    triad = {span.chord.root, span.chord.third, span.chord.fifth}
    return [
        Note(
            beat + spread * index,
            beats - spread * index,
            pitch + shift,
            velocity * (0.94 + 0.02 * index) * (1.0 if pitch % 12 in triad else EXTENSION_VELOCITY),
        )
        for index, pitch in enumerate(span.voicing)
    ]


def sustained(*, shift: int = 0, velocity: float = 0.55, spread: float = 0.0, overlap: float = 0.0) -> PartWriter:
    """Write sustained chords, transposed by ``shift`` semitones and rolled by ``spread`` beats per note.

    With ``overlap`` common tones are tied, and the others last that many beats into the next chord.
    """

    def write(context: SectionContext) -> list[Note]:
        level = velocity * (0.85 + 0.3 * context.section.energy)
        notes = [
            note
            for span in context.chords
            for note in _chord_notes(
                span, span.start, span.beats * 0.98 + overlap, level, shift, min(spread, span.beats / 8)
            )
        ]
        notes = _tie_repeated_pitches(notes) if overlap else notes
        return notes if context.section.name == LAST_CHORD else inner_voices.with_moving_voice(notes, context)

    return write


def _tie_repeated_pitches(notes: list[Note]) -> list[Note]:
    """Merge notes of the same pitch that overlap."""
    tied: dict[int, list[Note]] = {}
    for note in notes:
        repeated = tied.setdefault(note.pitch, [])
        if repeated and repeated[-1].start + repeated[-1].beats >= note.start:
            repeated[-1] = replace(repeated[-1], beats=note.start + note.beats - repeated[-1].start)
        else:
            repeated.append(note)
    return [note for repeated in tied.values() for note in repeated]


def stabs(
    *patterns: str,
    shift: int = 0,
    velocity: float = 0.65,
    length: float = 0.9,
    spread: float = 0.0,
    is_riff: bool = True,
    in_order: bool = False,
    top_notes: int = 0,
) -> PartWriter:
    """Write chords in the rhythm of one-bar patterns (see drums.Groove).

    With ``is_riff`` a theme repeats its patterns, otherwise each bar has a random one; with ``in_order`` the patterns
    follow each other as written. Chords sound for ``length`` of the time to the next chord. ``top_notes`` limits them
    to that many upper notes.
    """

    def write(context: SectionContext) -> list[Note]:
        spans = (replace(span, voicing=span.voicing[-top_notes:]) for span in context.chords)
        context = replace(context, chords=tuple(spans))
        if context.section.name == LAST_CHORD:
            span = context.chords[-1]
            return _chord_notes(span, span.start, span.beats, velocity, shift, spread)
        if in_order:
            bars = len(context.metre.source_beats)
            chosen = [patterns[number // bars % len(patterns)] for number in range(len(context.bar_starts))]
        elif is_riff:
            chosen = choose_riff(context, vary_riffs(patterns, context.track_seed))
        else:
            varied = vary_riffs(patterns, context.track_seed)
            chosen = [random_streams.pick(context.rng, varied) for _ in context.bar_starts]
        return [
            note
            for number, bar in enumerate(context.bar_starts)
            for note in _stab_notes(
                context, bar, context.metre.adapt_pattern(chosen[number], number), shift, velocity, length, spread
            )
        ]

    return write


def choose_riff(context: SectionContext, patterns: tuple[str, ...]) -> list[str]:
    """Choose a pattern for each bar, the same whenever the theme returns: cycles of four bars (A B A C)."""
    first, second, third = (random_streams.pick(context.theme_rng, patterns) for _ in range(3))
    cycle = (first, second, first, third)
    return [cycle[number % 4] for number in range(len(context.bar_starts))]


def _stab_notes(
    context: SectionContext, bar: float, marks: str, shift: int, velocity: float, length: float, spread: float
) -> list[Note]:
    size = context.metre.bar_length / len(marks)
    onsets = [
        index
        for index, mark in enumerate(marks)
        if mark != "." and (mark != "?" or random_streams.chance(context.rng, 0.4))
    ]
    notes: list[Note] = []
    for index, following in pairwise([*onsets, len(marks)]):
        beat = bar + index * size
        span, beats = context.chord_at(beat), (following - index) * size
        if following == len(marks) and index and _anticipates(context, beat, span):
            span = context.chord_at(span.end)
        else:
            beats = min(beats, span.end - beat)
        beats *= length
        notes.extend(_chord_notes(span, beat, max(0.1, beats), velocity * MARK_VELOCITIES[marks[index]], shift, spread))
    return notes


def _anticipates(context: SectionContext, beat: float, span: ChordSpan) -> bool:
    """Return whether the last stroke of a bar, off the beat, plays the chord of the next bar."""
    if context.track_seed is None or context.metre.metric_weight(beat) or not 0 < span.end - beat <= 0.5:
        return False
    rng = random_streams.stream(context.track_seed, "anticipation")
    return span.end < context.section.end - 1e-6 and random_streams.chance(rng, ANTICIPATION_PROBABILITY)


def arpeggio(
    step: float = 0.5,
    *,
    order: str = "updown",
    shift: int = 0,
    velocity: float = 0.6,
    length: float = 0.9,
    gates: tuple[str, ...] = (),
) -> PartWriter:
    """Write arpeggios with a note every ``step`` quarter notes (in 4/4) in an order of arpeggios.NOTE_ORDERS."""

    def write(context: SectionContext) -> list[Note]:
        if context.section.name == LAST_CHORD:
            return _chord_notes(context.chords[-1], context.section.start, context.section.beats, velocity, shift, 0.12)
        notes = []
        skip = 0.04 + 0.12 * (1.0 - context.section.energy)
        mask, metre = arpeggios.EVERY_STEP, context.metre
        own_order = _arpeggio_order(order, context.track_seed)
        rate = metre.nearest_step(step)
        steps = round(2 * metre.bar_length / rate)
        for index in range(round(context.section.beats / rate)):
            beat = context.section.start + index * rate
            if index % max(32 // steps * steps, steps) == 0 and rate < 1.0:
                mask = random_streams.pick(
                    context.theme_rng,
                    gates or arpeggios.STEP_MASKS
                    if rate <= 0.25
                    else (*arpeggios.STEP_MASKS[:2], arpeggios.EVERY_STEP, arpeggios.EVERY_STEP),
                )
            if mask[index % steps % 16] == ".":
                continue
            if beat % metre.bar_length and random_streams.chance(context.rng, skip):
                continue
            span = context.chord_at(beat)
            pitches = arpeggios.NOTE_ORDERS[own_order](span.voicing)
            note_index = round((beat - span.start) / rate)
            accent = 1.0 if metre.metric_weight(beat) else 0.86
            variation = 1.0 + 0.08 * ((index * 5) % 7 - 3) / 3
            pitch = pitches[note_index % len(pitches)] + shift
            notes.append(Note(beat, rate * length, pitch, min(1.0, velocity * accent * variation)))
        return notes

    return write


def _arpeggio_order(order: str, track_seed: int | None) -> str:
    """Return the order of the style, or now and then another one throughout a track."""
    if track_seed is None:
        return order
    rng = random_streams.stream(track_seed, "arpeggio")
    return random_streams.pick(rng, (order, order, *sorted(arpeggios.NOTE_ORDERS)))


LEFT_HAND_FIGURES: Final = (
    (0, 1, 2, 3, 2, 1, 2, 1),
    (0, 1, 2, 1, 3, 2, 1, 2),
    (0, 1, 2, 3, 1, 2, 3, 2),
    (0, 2, 1, 2, 3, 2, 1, 2),
)
"""Orders of bass, fifth, tenth and upper fifth in a bar of eighth notes."""


def left_hand(velocity: float = 0.5) -> PartWriter:
    """Write a pedalled piano left hand: bass, fifth and tenth in eighth notes, or in quarter notes if it is calm."""

    def write(context: SectionContext) -> list[Note]:
        if context.section.name == LAST_CHORD:
            span = context.chords[-1]
            pitches = _open_voicing(span)[:3]
            return [Note(span.start + 0.15 * i, span.beats, pitch, velocity) for i, pitch in enumerate(pitches)]
        return [note for span in context.chords for note in _left_hand_notes(context, span, velocity)]

    return write


def _open_voicing(span: ChordSpan) -> tuple[int, int, int, int]:
    root = 36 + (span.chord.bass - 36) % 12
    fifth = root + (span.chord.fifth - root) % 12
    return root, fifth, root + 12 + (span.chord.third - root) % 12, fifth + 12


def _left_hand_notes(context: SectionContext, span: ChordSpan, velocity: float) -> list[Note]:
    pitches, metre = _open_voicing(span), context.metre
    figures: tuple[tuple[int, ...], ...] = LEFT_HAND_FIGURES
    if context.track_seed is not None:
        order = random_streams.stream(context.track_seed, "figures").permutation(len(figures))
        figures = (figures[order[0]], figures[order[0]], figures[order[1]])
    figure = random_streams.pick(context.rng, figures)
    step = 0.5 if context.section.energy > 0.35 or metre.grid != 1.0 else 1.0
    size = 8 if metre is COMMON_TIME else round(metre.bar_length / step)
    notes = [Note(span.start, span.beats, pitches[0], velocity * 1.05)]
    for index in range(1, round(span.beats / step)):
        if index % 2 and random_streams.chance(context.rng, 0.1):
            continue
        note_velocity = velocity * (0.8 + 0.1 * (index % 2)) * float(context.rng.uniform(0.92, 1.06))
        beat = span.start + index * step
        notes.append(Note(beat, max(step, span.end - beat), pitches[figure[index % size % 8]], note_velocity))
    return notes


def drone(pitch: int = 60, velocity: float = 0.5) -> PartWriter:
    """Write long notes that overlap slightly, for vinyl crackle, wind and other textures."""

    def write(context: SectionContext) -> list[Note]:
        size = min(8.0, context.section.beats)
        count = max(1, round(context.section.beats / size))
        share = context.section.beats / count
        return [Note(context.section.start + index * share, share + 0.5, pitch, velocity) for index in range(count)]

    return write


def riser(velocity: float = 0.7, beats: float = 8.0) -> PartWriter:
    """Write a riser that leads into the next section."""

    def write(context: SectionContext) -> list[Note]:
        if context.section.is_last or len(context.bar_starts) < 4:
            return []
        length = beats * context.metre.bar_length / 4
        return [Note(context.section.end - length, length, 60, velocity)]

    return write


def impact(pitch: int = 40, velocity: float = 0.8) -> PartWriter:
    """Write a hit on the first beat of each section."""

    def write(context: SectionContext) -> list[Note]:
        return [Note(context.section.start, 3.0, pitch, velocity)]

    return write


def power_chords(*patterns: str, centre: float = 45.0, velocity: float = 0.75, length: float = 0.9) -> PartWriter:
    """Write root, fifth and octave in the rhythm of one-bar patterns."""

    def write(context: SectionContext) -> list[Note]:
        notes: list[Note] = []
        riff = choose_riff(context, vary_riffs(patterns, context.track_seed))
        for number, (bar, chosen) in enumerate(zip(context.bar_starts, riff, strict=True)):
            marks, bar_beats = "X", context.section.beats
            if context.section.name != LAST_CHORD:
                marks = context.metre.adapt_pattern(chosen, number, fill_eighths=True)
                bar_beats = context.metre.bar_length
            size = bar_beats / len(marks)
            onsets = [index for index, mark in enumerate(marks) if mark != "."]
            for index, following in pairwise([*onsets, len(marks)]):
                span = context.chord_at(bar + index * size)
                root = nearest_pitch(centre, (span.chord.root,))
                fifth = root + (span.chord.fifth - root) % 12
                beats = (following - index) * size * length
                note_velocity = velocity * MARK_VELOCITIES[marks[index]]
                notes.extend(Note(bar + index * size, beats, p, note_velocity) for p in (root, fifth, root + 12))
        return notes

    return write
