"""Drum parts: step patterns with variations, ghost notes, fills and crashes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.composing import groove_variation
from engines.studio.model.composition import LAST_CHORD, Note
from engines.studio.model.style import PartWriter, SectionContext
from engines.studio.theory.metre import ACCENT_MARKS, COMMON_TIME, Metre

KICK, RIM, SNARE, CLAP, HAT, PEDAL, OPEN_HAT = 36, 37, 38, 39, 42, 44, 46
LOW_TOM, MID_TOM, HIGH_TOM, CRASH, RIDE, TAMBOURINE, SHAKER, CONGA = 45, 47, 50, 49, 51, 54, 70, 63
COWBELL, HIGH_BONGO, LOW_BONGO, CONGA_SLAP, LOW_CONGA, HIGH_AGOGO, LOW_AGOGO = 56, 60, 61, 62, 64, 67, 68
SHORT_GUIRO, LONG_GUIRO, CLAVES, WOOD_BLOCK, MUTED_SURDO, SURDO = 73, 74, 75, 76, 86, 87

MARK_VELOCITIES: Final[Mapping[str, float]] = {"X": 1.0, "x": 0.78, "o": 0.58, "g": 0.3}
BEAT_DRUMS: Final = frozenset({KICK, SNARE, CLAP, RIM})
"""The drums that carry the beat. Their written notes are always played."""
TIMEKEEPERS: Final = frozenset(
    {HAT, PEDAL, OPEN_HAT, RIDE, TAMBOURINE, SHAKER, CONGA, LOW_CONGA, CONGA_SLAP, HIGH_BONGO, LOW_BONGO}
)
"""The drums whose soft strokes and accents differ between tracks."""
OPTIONAL_MARK: Final = "?"
OPTIONAL_PROBABILITY: Final = 0.3
CACHED_GROOVES: Final = 128


@dataclass(frozen=True, slots=True, eq=False)
class Groove:
    """Step patterns for each drum: X accent, x normal, o soft, g ghost, ? optional, . rest.

    A pattern of any number of steps lasts one bar; several patterns alternate bar by bar. The groove is played
    in sections with at least the energy ``min_energy``. Patterns are written in 4/4 and adapted to other metres
    (Metre.adapt_pattern), unless ``metre_patterns`` has bars for them, for example {"3/4": {KICK: ("X...",)}}.
    """

    patterns: Mapping[int, tuple[str, ...]]
    min_energy: float = 0.0
    metre_patterns: Mapping[str, Mapping[int, tuple[str, ...]]] = field(default_factory=dict)


def drum_part(grooves: tuple[Groove, ...], fill: str = "snare", *, crash: bool = True) -> PartWriter:
    """Write the groove with the highest ``min_energy`` that a section reaches. ``fill`` is "none" or a key of FILLS."""

    def write(context: SectionContext) -> list[Note]:
        if context.section.name == LAST_CHORD:
            return _last_notes(context, grooves, crash=crash)
        fitting = [groove for groove in grooves if groove.min_energy <= context.section.energy + 1e-9]
        if not fitting:
            return []
        written = max(fitting, key=lambda groove: groove.min_energy)
        groove = _track_groove(written, context.track_seed, context.section.theme, context.metre)
        notes = [note for bar in range(len(context.bar_starts)) for note in _bar_notes(groove, bar, context)]
        section = context.section
        has_crash = crash and section.energy >= 0.5 and not section.is_first
        first = [Note(section.start, 2.0, CRASH, 0.55 + 0.35 * section.energy)] if has_crash else []
        return [*first, *_with_fill(notes, context, fill)]

    return write


@lru_cache(CACHED_GROOVES)
def _track_groove(groove: Groove, track_seed: int | None, theme: str, metre: Metre) -> Groove:
    """Return the groove of the track: the same in all sections of a theme and of similar energy."""
    if track_seed is None:
        return _adapted_groove(groove, metre)
    rng = random_streams.stream(track_seed, "groove", theme, round(100 * groove.min_energy))

    def varied(patterns: Mapping[int, tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
        return groove_variation.vary_patterns(patterns, KICK, BEAT_DRUMS - {KICK}, TIMEKEEPERS, rng)

    metre_patterns = {name: varied(patterns) for name, patterns in groove.metre_patterns.items()}
    return _adapted_groove(Groove(varied(groove.patterns), groove.min_energy, metre_patterns), metre)


def _bar_notes(groove: Groove, bar: int, context: SectionContext) -> list[Note]:
    rng, start = context.rng, context.bar_starts[bar]
    level = 0.9 + 0.1 * context.section.energy + (0.03 if bar % 4 == 3 else 0.0)
    notes = []
    for drum, patterns in groove.patterns.items():
        pattern = patterns[bar % len(patterns)]
        for step, mark in enumerate(pattern):
            velocity = _mark_velocity(mark, rng) * (1.0 if drum in BEAT_DRUMS else _humanised(mark, rng))
            if velocity:
                beat = start + context.metre.bar_length * step / len(pattern)
                notes.append(Note(beat, 0.2, drum, min(1.0, velocity * level)))
    return _with_variation(notes, start, context.metre, rng) if bar % 2 else notes


def _adapted_groove(groove: Groove, metre: Metre) -> Groove:
    """Adapt a groove to a metre. All bars of the kick drum start with a note."""
    if metre is COMMON_TIME:
        return groove
    own = groove.metre_patterns.get(metre.name)
    if own:
        return Groove(own, groove.min_energy)
    half_time, bars = _is_half_time(groove), len(metre.source_beats)
    adapted: dict[int, tuple[str, ...]] = {}
    for drum, patterns in groove.patterns.items():
        fill_eighths = drum not in BEAT_DRUMS
        adapted_bars = [
            (pattern, metre.adapt_pattern(pattern, bar, is_half_time=half_time, fill_eighths=fill_eighths))
            for pattern in patterns
            for bar in range(bars)
        ]
        adapted[drum] = tuple(
            pattern[0] + bar[1:] if drum == KICK and bar[0] == "." else bar for pattern, bar in adapted_bars
        )
    if all(bar[0] == "." for bar in adapted.get(KICK, ())):
        adapted[KICK] = tuple("x" + bar[1:] for bar in adapted.get(KICK, ()))
    return Groove({drum: patterns for drum, patterns in adapted.items() if patterns}, groove.min_energy)


def _is_half_time(groove: Groove) -> bool:
    """Return whether the backbeat is only on three."""
    beats = {
        4 * step // len(pattern)
        for drum in BEAT_DRUMS - {KICK}
        for pattern in groove.patterns.get(drum, ())
        for step, mark in enumerate(pattern)
        if mark in ACCENT_MARKS and 4 * step % len(pattern) == 0
    }
    return 2 in beats and not beats & {1, 3}


def _humanised(mark: str, rng: np.random.Generator) -> float:
    """Return a random velocity factor for cymbals and small percussion; 0 omits some of the soft notes."""
    if mark in "og" and random_streams.chance(rng, 0.16):
        return 0.0
    return float(rng.uniform(0.72, 1.08))


def _mark_velocity(mark: str, rng: np.random.Generator) -> float:
    if mark == OPTIONAL_MARK:
        return 0.45 if random_streams.chance(rng, OPTIONAL_PROBABILITY) else 0.0
    return MARK_VELOCITIES.get(mark, 0.0)


def _with_variation(notes: list[Note], start: float, metre: Metre, rng: np.random.Generator) -> list[Note]:
    """Add a small variation that keeps the backbeat: a ghost snare, a kick or an open hat."""
    choice = int(rng.integers(5))
    drums = {note.pitch for note in notes}
    if choice == 0 and SNARE in drums:
        return [*notes, Note(start + float(rng.choice(metre.adapt_positions(1.75, 2.25, 3.75))), 0.2, SNARE, 0.25)]
    if choice == 1 and KICK in drums:
        return [*notes, Note(start + float(rng.choice(metre.adapt_positions(1.5, 2.75, 3.5))), 0.2, KICK, 0.6)]
    if choice == 2 and HAT in drums:
        open_beat = start + metre.bar_length - 0.5
        return [*(n for n in notes if n.pitch != HAT or n.start != open_beat), Note(open_beat, 0.4, OPEN_HAT, 0.6)]
    return notes


def _with_fill(notes: list[Note], context: SectionContext, fill: str) -> list[Note]:
    end = context.section.end
    if len(context.bar_starts) < 4 or fill == "none":
        return notes
    length = 1.0 if random_streams.chance(context.rng, 0.5) else 2.0
    start = end - context.metre.from_common_time(length)
    before = [note for note in notes if note.start < start or note.pitch == KICK]
    fill_notes = FILLS[_choose_fill(fill, context)](length, context.rng)
    return [*before, *(replace(note, start=start + context.metre.from_common_time(note.start)) for note in fill_notes)]


def _choose_fill(fill: str, context: SectionContext) -> str:
    """Choose a fill of the family: two of them recur in a track."""
    if context.track_seed is None:
        return fill
    rng = random_streams.stream(context.track_seed, "fills")
    recurring = (fill, random_streams.pick(rng, FILL_FAMILIES[fill]))
    return random_streams.pick(context.rng, recurring)


def _snare_fill(length: float, rng: np.random.Generator) -> list[Note]:
    steps = int(length * 4)
    marks = rng.random(steps)
    return [
        Note(0.25 * step, 0.2, SNARE, 0.35 + 0.5 * step / steps)
        for step in range(steps)
        if marks[step] < 0.75 or step == steps - 1
    ]


def _tom_fill(length: float, rng: np.random.Generator) -> list[Note]:
    steps = int(length * 4)
    order = (SNARE, HIGH_TOM, MID_TOM, LOW_TOM)
    notes = []
    for step in range(steps):
        if rng.random() < 0.85:
            drum = order[min(3, step * 4 // steps)]
            notes.append(Note(0.25 * step, 0.2, drum, 0.6 + 0.3 * (step % 2 == 0)))
    return notes


def _roll_fill(length: float, _: np.random.Generator) -> list[Note]:
    steps = int(length * 8)
    return [Note(step / 8, 0.1, SNARE, 0.25 + 0.6 * step / steps) for step in range(steps)]


def _soft_fill(length: float, rng: np.random.Generator) -> list[Note]:
    steps = sorted(rng.choice(int(length * 4), size=2, replace=False))
    return [Note(0.25 * int(step), 0.2, RIM, 0.4) for step in steps]


def _clap_fill(length: float, _: np.random.Generator) -> list[Note]:
    steps = (length - 1.0, length - 0.75, length - 0.25)
    return [Note(step, 0.2, CLAP, 0.5 + 0.15 * index) for index, step in enumerate(steps)]


def _stop_fill(length: float, _: np.random.Generator) -> list[Note]:
    """Play one accent and stop."""
    return [Note(0.0, 0.2, KICK, 0.85), Note(0.0, 0.2, SNARE, 0.8), Note(length - 0.25, 0.2, SNARE, 0.4)]


def _triplet_fill(length: float, rng: np.random.Generator) -> list[Note]:
    steps = int(length * 3)
    drums = [SNARE, SNARE, HIGH_TOM, MID_TOM, LOW_TOM, LOW_TOM]
    return [
        Note(step / 3, 0.2, drums[step * 6 // steps], 0.5 + 0.35 * step / steps)
        for step in range(steps)
        if rng.random() < 0.9
    ]


def _syncopated_fill(length: float, rng: np.random.Generator) -> list[Note]:
    """Alternate kick and snare off the beat."""
    steps = [step for step in range(int(length * 4)) if step % 4 in {0, 3} or rng.random() < 0.3]
    return [Note(0.25 * step, 0.2, SNARE if step % 4 else KICK, 0.55 + 0.3 * (step % 4 == 3)) for step in steps]


def _ghost_fill(length: float, rng: np.random.Generator) -> list[Note]:
    steps = int(length * 4)
    return [Note(0.25 * step, 0.2, SNARE, 0.2 + 0.3 * step / steps) for step in range(steps) if rng.random() < 0.7]


FILLS: Final[Mapping[str, Callable[[float, np.random.Generator], list[Note]]]] = {
    "snare": _snare_fill, "toms": _tom_fill, "roll": _roll_fill, "soft": _soft_fill, "clap": _clap_fill,
    "stop": _stop_fill, "triplets": _triplet_fill, "syncopated": _syncopated_fill, "ghosts": _ghost_fill,
}  # fmt: skip
FILL_FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "snare": ("toms", "syncopated", "stop", "ghosts"),
    "toms": ("snare", "triplets", "syncopated", "stop"),
    "roll": ("snare", "stop", "syncopated"),
    "soft": ("ghosts", "stop", "snare"),
    "clap": ("syncopated", "stop", "ghosts", "roll"),
}
"""The fills that replace the fill of a style now and then, by the fill of the style."""


def _last_notes(context: SectionContext, grooves: tuple[Groove, ...], *, crash: bool) -> list[Note]:
    start = context.section.start
    drums = {drum for groove in grooves for drum in groove.patterns}
    notes = [Note(start, 0.5, KICK, 0.8)] if KICK in drums else []
    return [*notes, Note(start, 3.0, CRASH if crash else RIDE, 0.6)]
