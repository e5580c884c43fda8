"""Melodies: four-bar phrases from motifs, with answers, variations, cadences and pickups."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.composing import harmony
from engines.studio.composing.chromatic_notes import with_approaches
from engines.studio.model.composition import LAST_CHORD, Motif, Note
from engines.studio.model.style import PartWriter, SectionContext
from engines.studio.theory.metre import COMMON_TIME, Metre
from engines.studio.theory.pitch import nearest_pitch, scale_step

RhythmCell = tuple[tuple[float, float], ...]

RHYTHM_CELLS: Final[dict[str, tuple[RhythmCell, ...]]] = {
    "calm": (
        ((0.0, 2.0), (2.0, 1.5)),
        ((0.0, 3.0), (3.0, 1.0)),
        ((1.0, 1.0), (2.0, 2.0)),
        ((0.0, 1.5), (1.5, 0.5), (2.0, 2.0)),
    ),
    "flowing": (
        ((0.0, 1.0), (1.0, 0.5), (1.5, 0.5), (2.0, 1.5)),
        ((0.5, 0.5), (1.0, 1.0), (2.0, 0.5), (2.5, 1.0)),
        ((0.0, 1.5), (1.5, 0.5), (2.0, 1.0), (3.0, 1.0)),
        ((0.0, 0.5), (0.5, 0.5), (1.0, 1.0), (2.0, 2.0)),
    ),
    "syncopated": (
        ((0.0, 0.75), (0.75, 0.75), (1.5, 1.0), (3.0, 0.5), (3.5, 0.5)),
        ((0.5, 0.5), (1.0, 0.5), (1.5, 1.0), (2.75, 0.75)),
        ((0.0, 0.5), (0.75, 0.5), (1.5, 0.5), (2.0, 1.25)),
        ((0.75, 0.75), (1.5, 0.5), (2.5, 0.5), (3.0, 0.75)),
    ),
    "bluesy": (
        ((0.5, 0.5), (1.0, 0.5), (1.5, 1.5)),
        ((0.0, 0.5), (0.5, 0.5), (1.0, 0.5), (1.5, 0.5), (2.0, 1.0)),
        ((1.5, 0.5), (2.0, 0.5), (2.5, 0.5), (3.0, 1.0)),
        ((0.0, 1.0), (1.5, 0.5), (2.0, 1.5)),
    ),
    "running": (
        ((0.0, 0.5), (0.5, 0.5), (1.0, 0.5), (1.5, 0.5), (2.0, 0.5), (2.5, 0.5), (3.0, 0.5), (3.5, 0.5)),
        ((0.0, 1.0), (1.0, 0.5), (1.5, 0.5), (2.0, 0.5), (2.5, 0.5), (3.0, 1.0)),
        ((0.0, 0.5), (0.5, 0.5), (1.0, 1.0), (2.0, 0.5), (2.5, 0.5), (3.0, 0.5), (3.5, 0.5)),
        ((0.0, 0.5), (0.5, 0.25), (0.75, 0.25), (1.0, 0.5), (1.5, 0.5), (2.0, 0.5), (2.5, 0.5), (3.0, 1.0)),
    ),
    "dotted": (
        ((0.0, 0.75), (0.75, 0.25), (1.0, 1.0), (2.0, 0.75), (2.75, 0.25), (3.0, 1.0)),
        ((0.0, 1.0), (1.0, 1.0), (2.0, 0.75), (2.75, 0.25), (3.0, 1.0)),
        ((0.0, 1.5), (1.5, 0.5), (2.0, 1.0), (3.0, 1.0)),
        ((0.0, 0.75), (0.75, 0.25), (1.0, 0.75), (1.75, 0.25), (2.0, 1.5)),
    ),
    "lilting": (
        ((0.0, 2.0), (2.0, 1.0)),
        ((0.0, 1.0), (1.0, 1.0), (2.0, 1.0)),
        ((0.0, 1.5), (1.5, 0.5), (2.0, 1.0)),
        ((0.0, 2.5), (2.5, 0.5)),
    ),
    "bebop": (
        ((0.0, 0.5), (0.5, 0.5), (1.0, 0.5), (1.5, 0.5), (2.0, 0.5), (2.5, 1.0)),
        ((0.5, 0.5), (1.0, 0.5), (1.5, 0.5), (2.0, 0.5), (2.5, 0.5), (3.0, 0.5), (3.5, 0.5)),
        ((0.0, 1.0), (1.5, 0.5), (2.0, 0.5), (2.5, 0.5), (3.0, 0.5)),
        ((1.0, 0.5), (1.5, 1.0), (3.0, 0.5), (3.5, 0.5)),
    ),
}
THEME_NAMES: Final = ("A", "B", "C")
PHRASE_OFFSETS: Final = (0.0, 2.0, 4.0, 1.0)
SEQUENCE_PROBABILITIES: Final = {"calm": 0.75, "bebop": 0.2, "running": 0.45, "lilting": 0.6}
"""The probability that a motif is a sequence: slow melodies have too few notes to be recognised otherwise."""
MAX_LEAP: Final = 9
MAX_DISTANCE: Final = 14
"""The semitones above the centre from which a melody leaps down an octave rather than climb on."""
ANCHOR_RANGE: Final = 6
"""The semitones around the target pitch within which the anchor that fits the chords best is chosen."""
CALM_ENERGY: Final = 0.62
CALM_REST, BUSY_REST = 0.25, 0.12
"""Probabilities that the second half of a phrase of a dense melody rests, below and above CALM_ENERGY."""
LONG_NOTE: Final = 1.5
"""The beats from which a note must be a chord tone even if it is not on a strong beat."""


def compose_motif(rng: np.random.Generator, feel: str, metre: Metre = COMMON_TIME) -> Motif:
    """Compose a motif of two bars in a feel of RHYTHM_CELLS.

    The second bar is an answer that ends earlier, or a sequence: the first bar on another scale step.
    """
    cells = RHYTHM_CELLS[feel]
    first, second = (_adapted_cell(random_streams.pick(rng, cells), metre) for _ in range(2))
    is_sequence = random_streams.chance(rng, SEQUENCE_PROBABILITIES.get(feel, 0.3))
    answer = first if is_sequence else second[: max(2, len(second) - 1)]
    rhythm = (*first, *((beat + metre.bar_length, beats) for beat, beats in answer))
    contour = _contour(rng, len(rhythm))
    if is_sequence:
        step_by = int(rng.choice((-2, -1, 1, 2)))
        contour = (*contour[: len(first)], *(step + step_by for step in contour[: len(first)]))
    return Motif(rhythm, contour)


def _adapted_cell(cell: RhythmCell, metre: Metre) -> RhythmCell:
    """Adapt a 4/4 cell to another metre: stretch it in compound metres of three or four beats, cut it in others."""
    if metre is COMMON_TIME:
        return cell
    if metre.bar_length > 6.0:
        cell = (*cell, *((beat + 4.0, beats) for beat, beats in cell))
    if metre.is_compound:
        is_stretched = len(metre.pulses) > 2
        cell = tuple(
            (metre.from_common_time(beat), 1.5 * beats) if is_stretched else (round(2 * beat) / 2, beats)
            for beat, beats in cell
        )
    return tuple({beat: min(beats, metre.bar_length - beat) for beat, beats in cell if beat < metre.bar_length}.items())


def _contour(rng: np.random.Generator, length: int) -> tuple[int, ...]:
    direction = 1 if random_streams.chance(rng, 0.65) else -1
    contour, position = [0], 0
    for index in range(1, length):
        step = direction if index < 0.6 * length else -direction
        position += int(rng.choice((step, step, 2 * step, -step, 0, 3 * step), p=(0.4, 0.18, 0.16, 0.14, 0.07, 0.05)))
        position = max(-4, min(5, position))
        contour.append(position)
    return tuple(contour)


def melody_part(
    centre: int, *, legato: float = 0.95, density: float = 1.0, strength: float = 0.75, delay_bars: int = 0
) -> PartWriter:
    """Write the theme of each section around the MIDI pitch ``centre``; a ``density`` below 1 omits answers.

    With ``delay_bars`` the part enters that many bars later with the same motif: an imitation.
    """

    def write(context: SectionContext) -> list[Note]:
        if context.section.name == LAST_CHORD:
            return _last_notes(context, centre, strength)
        writer = _MelodyWriter(context, centre, legato, strength, delay_bars * context.metre.bar_length)
        phrases = -(-max(0, len(context.bar_starts) - delay_bars) // 4)
        has_answer = True  # a single phrase is complete, and two neighbours never both lack their answers
        for phrase in range(phrases):
            rests = random_streams.chance(context.theme_rng, _rest_probability(context, density))
            has_answer = phrases < 2 or not (rests and has_answer)
            writer.write_phrase(phrase, has_answer=has_answer)
        writer.write_pickup()
        return with_approaches(writer.notes, context)

    return write


def _rest_probability(context: SectionContext, density: float) -> float:
    """Return the probability that a phrase has no answer: quieter sections leave more room."""
    if context.track_seed is None:
        return 1.0 - density
    return 1.0 - density + (CALM_REST if context.section.energy < CALM_ENERGY else BUSY_REST)


def _last_notes(context: SectionContext, centre: int, strength: float) -> list[Note]:
    section = context.section
    tones = context.chords[-1].chord.tones
    goal = nearest_pitch(centre, (tones[0], context.chords[-1].chord.third))
    if not section.is_first:
        return [Note(section.start, section.beats, goal, strength * 0.8)]
    approach = [scale_step(goal, -position, tones) for position in (3, 2, 1)]
    step_beats = min(0.5, section.beats / 8)
    notes = [
        Note(position * step_beats, step_beats * 2, pitch, strength * 0.8) for position, pitch in enumerate(approach)
    ]
    return [*notes, Note(3 * step_beats, section.beats - 3 * step_beats, goal, strength)]


@dataclass(frozen=True, slots=True)
class _Fit:
    """What a note of a motif has to fit: its step of the contour, the scale, and the tones that it may be."""

    step: int
    scale: tuple[int, ...]
    tones: tuple[int, ...]

    def pitches(self, anchor: int) -> tuple[int, int]:
        """Return the pitch of the step of the contour, and the closest pitch that fits the chord."""
        target = scale_step(nearest_pitch(anchor, self.scale), self.step, self.scale)
        return target, nearest_pitch(target, self.tones)


class _MelodyWriter:
    """Writes the melody of one section."""

    def __init__(self, context: SectionContext, centre: int, legato: float, strength: float, delay: float) -> None:
        self._context = context
        self._start = context.section.start + delay
        self._motif = context.motifs.get(context.section.theme, context.motifs["A"])
        self._centre = centre + (3 if context.section.energy > 0.75 else 0)
        self._legato = legato
        self._strength = strength
        self._last = float(self._centre)
        self.notes: list[Note] = []

    def write_phrase(self, number: int, *, has_answer: bool = True) -> None:
        """Write four bars: the motif and its answer, with an open or, every second time, a closed cadence.

        Without an answer two bars rest.
        """
        bar = self._context.metre.bar_length
        start = self._start + 4 * bar * number
        offset = PHRASE_OFFSETS[number % 4]
        self._write_motif(start, self._motif, offset, shift=0)
        if not has_answer:
            return
        shift = int(self._context.theme_rng.choice((-1, 1, 2, 0), p=(0.35, 0.25, 0.15, 0.25)))
        self._write_motif(start + 2 * bar, self._variation(), offset, shift)
        self._cadence(start + 3 * bar, closed=number % 2 == 1)

    def write_pickup(self) -> None:
        """Write two or three notes that lead stepwise to the first chord of the next section."""
        next_chord, end = self._context.next_chord, self._context.section.end
        if next_chord is None or not self.notes or not random_streams.chance(self._context.rng, 0.55):
            return
        count = int(self._context.rng.integers(2, 4))
        remaining = [note for note in self.notes if note.start + note.beats <= end - 0.5 * count + 0.05]
        goal = nearest_pitch(self._centre, next_chord.chord.tones)
        scale = harmony.chord_scale(self._context.chord_at(end - 0.5).chord, self._context.key)
        direction = -1 if self._last <= goal else 1
        for index in range(count, 0, -1):
            pitch = scale_step(nearest_pitch(goal + direction, scale), direction * (index - 1), scale)
            remaining.append(Note(end - 0.5 * index, 0.45, pitch, self._strength * (0.92 - 0.06 * index)))
        self.notes = remaining

    def _variation(self) -> Motif:
        motif = self._motif
        is_inverted = random_streams.chance(self._context.theme_rng, 0.2)
        if self._context.section.repetition and random_streams.chance(self._context.rng, 0.4):
            return _ornament(motif, self._context.rng)
        return Motif(motif.rhythm, tuple(-step for step in motif.contour)) if is_inverted else motif

    def _write_motif(self, start: float, motif: Motif, offset: float, shift: int) -> None:
        target = 0.6 * (self._centre + offset) + 0.4 * self._last + 1.7 * shift
        candidates = range(round(target) - ANCHOR_RANGE, round(target) + ANCHOR_RANGE + 1)
        fits = self._fits(start, motif)
        anchor = min(candidates, key=lambda pitch: (self._cost(fits, pitch) + abs(pitch - target) / 2, pitch))
        for (beat, beats), step in zip(motif.rhythm, motif.contour, strict=True):
            if start + beat < self._context.section.end - 0.2:
                self._add_note(start + beat, beats, anchor, step)

    def _fits(self, start: float, motif: Motif) -> list[_Fit]:
        """Return what the notes of a motif fit, up to the end of the section."""
        notes = zip(motif.rhythm, motif.contour, strict=True)
        end = self._context.section.end - 0.2
        steps = itertools.takewhile(lambda note: start + note[0][0] < end, notes)
        return [self._fit(start + beat, beats, step) for (beat, beats), step in steps]

    def _fit(self, beat: float, beats: float, step: int) -> _Fit:
        span = self._context.chord_at(beat)
        scale = harmony.chord_scale(span.chord, self._context.key)
        is_strong = self._context.metre.is_strong(beat) or beats >= LONG_NOTE
        return _Fit(step, scale, span.chord.tones if is_strong else scale)

    def _cost(self, fits: Sequence[_Fit], anchor: int) -> float:
        """Return the cost of an anchor: notes that do not fit the chords, a leap at the start, pitches out of range."""
        cost, last = 0.0, self._last
        for position, fit in enumerate(fits):
            pitch, fitting = fit.pitches(anchor)
            cost += 1.5 * abs(pitch - fitting) + max(0, abs(fitting - self._centre) - 9)
            cost += 0.0 if position else 0.5 * max(0.0, abs(fitting - last) - 5)
        return cost

    def _add_note(self, beat: float, beats: float, anchor: int, step: int) -> None:
        pitch = _limit_leap(self._fit(beat, beats, step).pitches(anchor)[1], self._last, self._centre)
        accent = 0.06 * self._context.metre.metric_weight(beat)
        lift = 0.012 * (pitch - self._centre)
        self._last = pitch
        length = min(beats * self._legato, self._context.section.end - beat)
        self.notes.append(Note(beat, length, pitch, min(1.0, max(0.2, self._strength - 0.08 + accent + lift))))

    def _cadence(self, bar: float, *, closed: bool) -> None:
        section = self._context.section
        if bar >= section.end - 0.5:
            return
        self.notes = [note for note in self.notes if note.start < bar]
        span = self._context.chord_at(bar)
        tonic = self._context.key.tonic
        closed_tones = (tonic, span.chord.third) if tonic in span.chord.tones else (span.chord.third, span.chord.root)
        goal = nearest_pitch(self._last, closed_tones if closed else (span.chord.fifth, span.chord.third))
        if random_streams.chance(self._context.theme_rng, 0.6):
            approach = scale_step(
                goal, 1 if self._last >= goal else -1, harmony.chord_scale(span.chord, self._context.key)
            )
            self.notes.append(Note(bar, 0.5, approach, self._strength * 0.85))
            bar += 0.5
        self._last = goal
        self.notes.append(
            Note(bar, self._context.metre.bar_length * (0.625 if closed else 0.375), goal, self._strength * 0.9)
        )


def _limit_leap(pitch: int, last: float, centre: int) -> int:
    while pitch - last > MAX_LEAP or pitch > centre + 10:
        pitch -= 12
    while last - pitch > MAX_LEAP or pitch < centre - 10:
        pitch += 12
    while pitch > centre + MAX_DISTANCE:
        pitch -= 12
    return pitch


def _ornament(motif: Motif, rng: np.random.Generator) -> Motif:
    rhythm: list[tuple[float, float]] = []
    contour: list[int] = []
    for (beat, beats), step in zip(motif.rhythm, motif.contour, strict=True):
        rhythm.append((beat, beats / 2 if beats >= 1.0 else beats))
        contour.append(step)
        if beats >= 1.0 and random_streams.chance(rng, 0.5):
            rhythm.append((beat + beats / 2, beats / 2))
            contour.append(step + int(rng.choice((-1, 1))))
    return Motif(tuple(rhythm), tuple(contour))


def compose_themes(
    rng: np.random.Generator, feel: str, metre: Metre = COMMON_TIME, themes: Sequence[str] = ()
) -> dict[str, Motif]:
    """Compose a motif for THEME_NAMES and further themes. For contrast, that of theme B lies a scale step higher."""
    names = dict.fromkeys((*THEME_NAMES, *sorted(themes)))
    motifs = {name: compose_motif(rng, feel, metre) for name in names}
    motifs["B"] = Motif(motifs["B"].rhythm, tuple(step + 1 for step in motifs["B"].contour))
    return motifs
