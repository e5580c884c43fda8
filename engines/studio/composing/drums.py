"""Drums: grooves written as strips of steps, varied bar by bar, with ghost notes, fills and crashes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.model.composition import Note
from engines.studio.model.plan import LAST_CHORD
from engines.studio.model.style import PartWriter, SectionContext
from engines.studio.theory.metre import ACCENT_MARKS, COMMON_TIME, Metre

KICK, RIM, SNARE, CLAP, HAT, PEDAL, OPEN_HAT = 36, 37, 38, 39, 42, 44, 46
LOW_TOM, MID_TOM, HIGH_TOM, CRASH, RIDE, TAMBOURINE, SHAKER, CONGA = 45, 47, 50, 49, 51, 54, 70, 63

MARK_VELOCITIES: Final[Mapping[str, float]] = {"X": 1.0, "x": 0.78, "o": 0.58, "g": 0.3}
BEAT_DRUMS: Final = frozenset({KICK, SNARE, CLAP, RIM})
"""The drums that carry the beat and stay where they are written."""
OPTIONAL_MARK: Final = "?"
OPTIONAL_PROBABILITY: Final = 0.3


@dataclass(frozen=True, slots=True)
class Groove:
    """Strips of steps for each drum: X accent, x stroke, o soft, g ghost, ? now and then, . rest.

    A strip lasts one bar whatever its number of steps; several strips follow each other bar by bar. It is played from
    section energy ``enters`` up, until the next groove takes over. Strips are written in four; another metre plays
    them by a rule (metre.Metre.strip) unless ``metres`` holds bars of its own for it, as {"3/4": {KICK: ("X...",)}}.
    """

    patterns: Mapping[int, tuple[str, ...]]
    min_energy: float = 0.0
    metre_patterns: Mapping[str, Mapping[int, tuple[str, ...]]] = field(default_factory=dict)


def drum_part(grooves: tuple[Groove, ...], fill: str = "snare", *, crash: bool = True) -> PartWriter:
    """A player of the most energetic groove that a section allows; ``fill`` names one of the fills below."""

    def play(scene: SectionContext) -> list[Note]:
        if scene.section.name == LAST_CHORD:
            return _last_notes(scene, grooves, crash=crash)
        fitting = [groove for groove in grooves if groove.min_energy <= scene.section.energy + 1e-9]
        if not fitting:
            return []
        groove = max(fitting, key=lambda one: one.min_energy)
        groove = _adapted_groove(groove, scene.metre)
        notes = [note for bar in range(len(scene.bar_starts)) for note in _bar_notes(groove, bar, scene)]
        return [*_crash(scene, crash=crash), *_with_fill(notes, scene, fill)]

    return play


def _bar_notes(groove: Groove, bar: int, scene: SectionContext) -> list[Note]:
    rng, start = scene.rng, scene.bar_starts[bar]
    swell = 0.9 + 0.1 * scene.section.energy + (0.03 if bar % 4 == 3 else 0.0)
    notes = []
    for drum, strips in groove.patterns.items():
        strip = strips[bar % len(strips)]
        for place, mark in enumerate(strip):
            strength = _mark_velocity(mark, rng) * (1.0 if drum in BEAT_DRUMS else _humanised(mark, rng))
            if strength:
                beat = start + scene.metre.bar_length * place / len(strip)
                notes.append(Note(beat, 0.2, drum, min(1.0, strength * swell)))
    return _with_variation(notes, start, scene.metre, rng) if bar % 2 else notes


def _adapted_groove(groove: Groove, metre: Metre) -> Groove:
    """A groove that was written in four, in another metre, whose bars begin with the kick wherever there is one."""
    if metre is COMMON_TIME:
        return groove
    own = groove.metre_patterns.get(metre.name)
    if own:
        return Groove(own, groove.min_energy)
    halved, bars = _is_half_time(groove), len(metre.source_beats)
    strips = {}
    for drum, rows in groove.patterns.items():
        played = [
            (row, metre.adapt_pattern(row, number, is_halved=halved, runs=drum not in BEAT_DRUMS))
            for row in rows
            for number in range(bars)
        ]
        strips[drum] = tuple(row[0] + bar[1:] if drum == KICK and bar[0] == "." else bar for row, bar in played)
    if all(bar[0] == "." for bar in strips.get(KICK, ())):
        strips[KICK] = tuple("x" + bar[1:] for bar in strips.get(KICK, ()))
    return Groove({drum: rows for drum, rows in strips.items() if rows}, groove.min_energy)


def _is_half_time(groove: Groove) -> bool:
    """Whether the back-beat stands on three alone."""
    beats = {
        4 * place // len(row)
        for drum in BEAT_DRUMS - {KICK}
        for row in groove.patterns.get(drum, ())
        for place, mark in enumerate(row)
        if mark in ACCENT_MARKS and 4 * place % len(row) == 0
    }
    return 2 in beats and not beats & {1, 3}


def _humanised(mark: str, rng: np.random.Generator) -> float:
    """What a hand does to hats and small percussion: soft strokes are left out at times, no two are alike."""
    if mark in "og" and random_streams.chance(rng, 0.16):
        return 0.0
    return float(rng.uniform(0.72, 1.08))


def _mark_velocity(mark: str, rng: np.random.Generator) -> float:
    if mark == OPTIONAL_MARK:
        return 0.45 if random_streams.chance(rng, OPTIONAL_PROBABILITY) else 0.0
    return MARK_VELOCITIES.get(mark, 0.0)


def _with_variation(notes: list[Note], start: float, metre: Metre, rng: np.random.Generator) -> list[Note]:
    """A small change that keeps the back-beat: a ghost snare, an extra kick or an opened hat."""
    turn = int(rng.integers(5))
    drums = {note.pitch for note in notes}
    if turn == 0 and SNARE in drums:
        return [*notes, Note(start + float(rng.choice(metre.adapt_positions(1.75, 2.25, 3.75))), 0.2, SNARE, 0.25)]
    if turn == 1 and KICK in drums:
        return [*notes, Note(start + float(rng.choice(metre.adapt_positions(1.5, 2.75, 3.5))), 0.2, KICK, 0.6)]
    if turn == 2 and HAT in drums:
        opened = start + metre.bar_length - 0.5
        return [*(n for n in notes if n.pitch != HAT or n.start != opened), Note(opened, 0.4, OPEN_HAT, 0.6)]
    return notes


def _crash(scene: SectionContext, *, crash: bool) -> list[Note]:
    section = scene.section
    if not crash or section.energy < 0.5 or section.is_first:
        return []
    return [Note(section.start, 2.0, CRASH, 0.55 + 0.35 * section.energy)]


def _with_fill(notes: list[Note], scene: SectionContext, fill: str) -> list[Note]:
    end = scene.section.end
    if len(scene.bar_starts) < 4 or fill == "none":
        return notes
    length = 1.0 if random_streams.chance(scene.rng, 0.5) else 2.0
    start = end - scene.metre.from_common_time(length)
    kept = [note for note in notes if note.start < start or note.pitch == KICK]
    filled = FILLS[fill](0.0, length, scene.rng)
    return [*kept, *(replace(note, start=start + scene.metre.from_common_time(note.start)) for note in filled)]


def _snare_fill(start: float, length: float, rng: np.random.Generator) -> list[Note]:
    steps = int(length * 4)
    marks = rng.random(steps)
    return [
        Note(start + 0.25 * place, 0.2, SNARE, 0.35 + 0.5 * place / steps)
        for place in range(steps)
        if marks[place] < 0.75 or place == steps - 1
    ]


def _tom_fill(start: float, length: float, rng: np.random.Generator) -> list[Note]:
    steps = int(length * 4)
    order = (SNARE, HIGH_TOM, MID_TOM, LOW_TOM)
    notes = []
    for place in range(steps):
        if rng.random() < 0.85:
            drum = order[min(3, place * 4 // steps)]
            notes.append(Note(start + 0.25 * place, 0.2, drum, 0.6 + 0.3 * (place % 2 == 0)))
    return notes


def _roll_fill(start: float, length: float, rng: np.random.Generator) -> list[Note]:
    steps = int(length * 8)
    del rng
    return [Note(start + place / 8, 0.1, SNARE, 0.25 + 0.6 * place / steps) for place in range(steps)]


def _soft_fill(start: float, length: float, rng: np.random.Generator) -> list[Note]:
    places = sorted(rng.choice(int(length * 4), size=2, replace=False))
    return [Note(start + 0.25 * int(place), 0.2, RIM, 0.4) for place in places]


def _clap_fill(start: float, length: float, rng: np.random.Generator) -> list[Note]:
    del rng
    places = (length - 1.0, length - 0.75, length - 0.25)
    return [Note(start + place, 0.2, CLAP, 0.5 + 0.15 * turn) for turn, place in enumerate(places)]


FILLS: Final = {
    "snare": _snare_fill,
    "toms": _tom_fill,
    "roll": _roll_fill,
    "soft": _soft_fill,
    "clap": _clap_fill,
}


def _last_notes(scene: SectionContext, grooves: tuple[Groove, ...], *, crash: bool) -> list[Note]:
    start = scene.section.start
    drums = {drum for groove in grooves for drum in groove.patterns}
    notes = [Note(start, 0.5, KICK, 0.8)] if KICK in drums else []
    return [*notes, Note(start, 3.0, CRASH if crash else RIDE, 0.6)]
