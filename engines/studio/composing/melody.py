"""Tunes: a motif is stated, answered, varied and brought back; phrases breathe and cadence."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.composing import harmony
from engines.studio.model.composition import Motif, Note
from engines.studio.model.plan import LAST_CHORD
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
    "bebop": (
        ((0.0, 0.5), (0.5, 0.5), (1.0, 0.5), (1.5, 0.5), (2.0, 0.5), (2.5, 1.0)),
        ((0.5, 0.5), (1.0, 0.5), (1.5, 0.5), (2.0, 0.5), (2.5, 0.5), (3.0, 0.5), (3.5, 0.5)),
        ((0.0, 1.0), (1.5, 0.5), (2.0, 0.5), (2.5, 0.5), (3.0, 0.5)),
        ((1.0, 0.5), (1.5, 1.0), (3.0, 0.5), (3.5, 0.5)),
    ),
}
PHRASE_OFFSETS: Final = (0.0, 2.0, 4.0, 1.0)
SEQUENCE_PROBABILITIES: Final = {"calm": 0.75, "bebop": 0.2}
"""How often an idea goes on by sequence: slow tunes have too few notes to be known again otherwise."""
WIDEST_LEAP: Final = 9
ANCHOR_RANGE: Final = 6
"""Semitones about the wanted place within which an idea looks for the step on which it fits the chords best."""
LONG_NOTE: Final = 1.5
"""Beats from which a note off the strong beats must belong to the chord too."""


def compose_motif(rng: np.random.Generator, feel: str, metre: Metre = COMMON_TIME) -> Motif:
    """A new idea of two bars in one of the feels of CELLS.

    The second bar answers with a longer last note, or is the first one again on another step: a sequence.
    """
    cells = RHYTHM_CELLS[feel]
    first, second = (_adapted_cell(random_streams.pick(rng, cells), metre) for _ in range(2))
    is_sequence = random_streams.chance(rng, SEQUENCE_PROBABILITIES.get(feel, 0.3))
    answer = first if is_sequence else second[: max(2, len(second) - 1)]
    rhythm = (*first, *((beat + metre.bar_length, beats) for beat, beats in answer))
    contour = _contour(rng, len(rhythm))
    if is_sequence:
        step_by = int(rng.choice((-2, -1, 1, 2)))
        contour = (*contour[: len(first)], *(move + step_by for move in contour[: len(first)]))
    return Motif(rhythm, contour)


def _adapted_cell(cell: RhythmCell, metre: Metre) -> RhythmCell:
    """A cell that was written in four, in a bar of another metre: cut, or stretched where a bar has four beats too."""
    if metre is COMMON_TIME:
        return cell
    if metre.bar_length > 6.0:
        cell = (*cell, *((beat + 4.0, beats) for beat, beats in cell))
    if metre.is_compound:
        wide = len(metre.pulses) > 2
        cell = tuple(
            (metre.from_common_time(beat), 1.5 * beats) if wide else (round(2 * beat) / 2, beats)
            for beat, beats in cell
        )
    return tuple({beat: min(beats, metre.bar_length - beat) for beat, beats in cell if beat < metre.bar_length}.items())


def _contour(rng: np.random.Generator, length: int) -> tuple[int, ...]:
    direction = 1 if random_streams.chance(rng, 0.65) else -1
    moves, place = [0], 0
    for turn in range(1, length):
        lean = direction if turn < 0.6 * length else -direction
        place += int(rng.choice((lean, lean, 2 * lean, -lean, 0, 3 * lean), p=(0.4, 0.18, 0.16, 0.14, 0.07, 0.05)))
        place = max(-4, min(5, place))
        moves.append(place)
    return tuple(moves)


def melody_part(centre: int, *, legato: float = 0.95, density: float = 1.0, strength: float = 0.75) -> PartWriter:
    """A player of the section's theme around the MIDI pitch ``centre``; ``density`` below 1 leaves phrases out."""

    def play(scene: SectionContext) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            return _last_notes(scene, centre, strength)
        line = _MelodyWriter(scene, centre, legato, strength)
        for phrase in range(-(-len(scene.bar_starts) // 4)):
            if phrase == 0 or random_streams.chance(scene.theme_rng, density):
                line.write_phrase(phrase)
        line.write_pickup()
        return line.notes

    return play


def _last_notes(scene: SectionContext, centre: int, strength: float) -> list[Note]:
    section = scene.section
    tones = scene.chords[-1].chord.tones
    goal = nearest_pitch(centre, (tones[0], scene.chords[-1].chord.third))
    if not section.is_first:
        return [Note(section.start, section.beats, goal, strength * 0.8)]
    rise = [scale_step(goal, -place, tones) for place in (3, 2, 1)]
    quick = min(0.5, section.beats / 8)
    notes = [Note(place * quick, quick * 2, pitch, strength * 0.8) for place, pitch in enumerate(rise)]
    return [*notes, Note(3 * quick, section.beats - 3 * quick, goal, strength)]


class _MelodyWriter:
    """One section of a tune while it is being written."""

    def __init__(self, scene: SectionContext, centre: int, legato: float, strength: float) -> None:
        self._scene = scene
        self._idea = scene.motifs.get(scene.section.theme, scene.motifs["A"])
        self._centre = centre + (3 if scene.section.energy > 0.75 else 0)
        self._legato = legato
        self._strength = strength
        self._last = float(self._centre)
        self.notes: list[Note] = []

    def write_phrase(self, number: int) -> None:
        """Four bars: the idea, then its answer, which ends open or, every second time, closed."""
        bar = self._scene.metre.bar_length
        start = self._scene.section.start + 4 * bar * number
        arc = PHRASE_OFFSETS[number % 4]
        self._state(start, self._idea, arc, shift=0)
        shift = int(self._scene.theme_rng.choice((-1, 1, 2, 0), p=(0.35, 0.25, 0.15, 0.25)))
        self._state(start + 2 * bar, self._varied(), arc, shift)
        self._cadence(start + 3 * bar, closed=number % 2 == 1)

    def write_pickup(self) -> None:
        """Two or three notes across the bar line, by steps towards the next section's first chord."""
        ahead, end = self._scene.next_chord, self._scene.section.end
        if ahead is None or not self.notes or not random_streams.chance(self._scene.rng, 0.55):
            return
        count = int(self._scene.rng.integers(2, 4))
        free = [note for note in self.notes if note.start + note.beats <= end - 0.5 * count + 0.05]
        goal = nearest_pitch(self._centre, ahead.chord.tones)
        scale = harmony.chord_scale(self._scene.chord_at(end - 0.5).chord, self._scene.key)
        side = -1 if self._last <= goal else 1
        for turn in range(count, 0, -1):
            pitch = scale_step(nearest_pitch(goal + side, scale), side * (turn - 1), scale)
            free.append(Note(end - 0.5 * turn, 0.45, pitch, self._strength * (0.92 - 0.06 * turn)))
        self.notes = free

    def _varied(self) -> Motif:
        idea = self._idea
        is_turned = random_streams.chance(self._scene.theme_rng, 0.2)
        if self._scene.section.repetition and random_streams.chance(self._scene.rng, 0.4):
            return _ornament(idea, self._scene.rng)
        return Motif(idea.rhythm, tuple(-move for move in idea.contour)) if is_turned else idea

    def _state(self, start: float, idea: Motif, arc: float, shift: int) -> None:
        wanted = 0.6 * (self._centre + arc) + 0.4 * self._last + 1.7 * shift
        near = range(round(wanted) - ANCHOR_RANGE, round(wanted) + ANCHOR_RANGE + 1)
        anchor = min(near, key=lambda pitch: (self._strain(start, idea, pitch) + abs(pitch - wanted) / 2, pitch))
        for (beat, beats), move in zip(idea.rhythm, idea.contour, strict=True):
            if start + beat < self._scene.section.end - 0.2:
                self._sing(start + beat, beats, anchor, move)

    def _strain(self, start: float, idea: Motif, anchor: int) -> float:
        """How much an idea would have to bend, were it sung from an anchor: wrong strong notes, a leap, the range."""
        strain, last = 0.0, self._last
        for place, ((beat, beats), move) in enumerate(zip(idea.rhythm, idea.contour, strict=True)):
            if start + beat >= self._scene.section.end - 0.2:
                break
            pitch, right = self._aimed(start + beat, beats, anchor, move)
            strain += 1.5 * abs(pitch - right) + max(0, abs(right - self._centre) - 9)
            strain += 0.0 if place else 0.5 * max(0.0, abs(right - last) - 5)
        return strain

    def _aimed(self, beat: float, beats: float, anchor: int, move: int) -> tuple[int, int]:
        """The pitch that an idea asks for, and the one that fits the chord there."""
        span = self._scene.chord_at(beat)
        scale = harmony.chord_scale(span.chord, self._scene.key)
        wanted = scale_step(nearest_pitch(anchor, scale), move, scale)
        is_strong = self._scene.metre.is_strong(beat) or beats >= LONG_NOTE
        return wanted, nearest_pitch(wanted, span.chord.tones if is_strong else scale)

    def _sing(self, beat: float, beats: float, anchor: int, move: int) -> None:
        pitch = _limit_leap(self._aimed(beat, beats, anchor, move)[1], self._last, self._centre)
        accent = 0.06 * self._scene.metre.metric_weight(beat)
        lift = 0.012 * (pitch - self._centre)
        self._last = pitch
        length = min(beats * self._legato, self._scene.section.end - beat)
        self.notes.append(Note(beat, length, pitch, min(1.0, max(0.2, self._strength - 0.08 + accent + lift))))

    def _cadence(self, bar: float, *, closed: bool) -> None:
        section = self._scene.section
        if bar >= section.end - 0.5:
            return
        self.notes = [note for note in self.notes if note.start < bar]
        span = self._scene.chord_at(bar)
        tonic = self._scene.key.tonic
        stable = (tonic, span.chord.third) if tonic in span.chord.tones else (span.chord.third, span.chord.root)
        goal = nearest_pitch(self._last, stable if closed else (span.chord.fifth, span.chord.third))
        if random_streams.chance(self._scene.theme_rng, 0.6):
            approach = scale_step(
                goal, 1 if self._last >= goal else -1, harmony.chord_scale(span.chord, self._scene.key)
            )
            self.notes.append(Note(bar, 0.5, approach, self._strength * 0.85))
            bar += 0.5
        self._last = goal
        self.notes.append(
            Note(bar, self._scene.metre.bar_length * (0.625 if closed else 0.375), goal, self._strength * 0.9)
        )


def _limit_leap(pitch: int, last: float, centre: int) -> int:
    while pitch - last > WIDEST_LEAP or pitch > centre + 10:
        pitch -= 12
    while last - pitch > WIDEST_LEAP or pitch < centre - 10:
        pitch += 12
    return pitch


def _ornament(idea: Motif, rng: np.random.Generator) -> Motif:
    rhythm: list[tuple[float, float]] = []
    contour: list[int] = []
    for (beat, beats), move in zip(idea.rhythm, idea.contour, strict=True):
        rhythm.append((beat, beats / 2 if beats >= 1.0 else beats))
        contour.append(move)
        if beats >= 1.0 and random_streams.chance(rng, 0.5):
            rhythm.append((beat + beats / 2, beats / 2))
            contour.append(move + int(rng.choice((-1, 1))))
    return Motif(tuple(rhythm), tuple(contour))


def compose_themes(
    rng: np.random.Generator, feel: str, names: Sequence[str], metre: Metre = COMMON_TIME
) -> dict[str, Motif]:
    """One motif for each theme name; the second is the contrast: its contour leans the other way."""
    ideas = {name: compose_motif(rng, feel, metre) for name in names}
    if "B" in ideas:
        ideas["B"] = Motif(ideas["B"].rhythm, tuple(move + 1 for move in ideas["B"].contour))
    return ideas
