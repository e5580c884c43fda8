"""Drum patterns of a track: new ones around the anchor of a groove, by a grammar of accents.

The anchor are the strokes that make a style recognisable: accents, the backbeat, and a kick on every beat. The other
strokes of the kick move between the positions that the written patterns use and their neighbours (pushes); ghost
notes of snare, rim and clap and soft strokes of other drums change their places. Four bars alternate as A B A C:
B differs from A by one stroke, C by two.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.theory.metre import REST_MARK

Patterns = tuple[str, ...]

SOFT_MARKS: Final = frozenset("og?")
FIRM_MARKS: Final = frozenset("Xx")
DENSE_STROKES: Final = 5.0
"""Movable strokes a bar from which a kick is a riff, whose beats change places as a whole."""
ATTESTED, NEIGHBOUR, OFF_BEAT, OTHER = 4.0, 1.3, 1.0, 0.25
"""Weights of the positions of a movable stroke: one of the written patterns, beside one, an eighth note, another."""
OCCUPIED: Final = 0.15
"""The factor for a position on which another drum has an accent, or right after the first beat."""
ACCENT_MARKS: Final = "Xxog"
ACCENT_SHARES: Final = (0.22, 0.48, 0.16, 0.14)
"""How often a stroke in the feel "accents" is an accent, normal, soft or a ghost note."""
VOCABULARY: Final = 5
"""Written bars of a snare from which a track selects some; fewer bars are played in their order."""
PICKUP_PROBABILITY, FIRST_BAR_PROBABILITY = 0.8, 0.6
"""The probability that a drum without movable strokes gets some in bars B and C, and then also in bar A."""
FEELS: Final = ("written", "thinner", "busier", "accents", "accents")
"""How hi-hats, shakers and cymbals play in a track."""


def vary_kick(patterns: Patterns, occupied: frozenset[int], rng: np.random.Generator) -> Patterns:
    """Return four bars of a kick drum. ``occupied`` are sixteenths on which the snare has an accent."""
    size = len(patterns[0])
    if any(len(pattern) != size for pattern in patterns):
        return patterns
    anchor = _anchor(patterns)
    movable = [[step for step, mark in enumerate(bar) if mark != REST_MARK and step not in anchor] for bar in patterns]
    density = sum(len(steps) for steps in movable) / len(patterns)
    if density >= DENSE_STROKES:
        return _exchanged_beats(patterns, rng)
    taken = frozenset(round(step * size / 16) for step in occupied) | {1}
    weights = _weights(size, {step for steps in movable for step in steps}, anchor, taken)
    if density < 0.5:
        return _with_pickups(patterns, anchor, rng)
    marks = Counter(bar[step] for bar, steps in zip(patterns, movable, strict=True) for step in steps)
    mark = min(marks, key=lambda one: (-marks[one], one)).replace("?", "o")
    count = max(1, round(density + float(rng.uniform(-0.7, 0.7))))
    first = _draw(weights, count, rng)
    second, last = _moved(first, weights, 1, rng), _moved(first, weights, 2, rng)
    return tuple(
        _bar(patterns[index % len(patterns)], anchor, steps, mark, rng)
        for index, steps in enumerate((first, second, first, last))
    )


def vary_backbeat(patterns: Patterns, kick: Sequence[str], rng: np.random.Generator) -> Patterns:
    """Return four bars of a snare, a rim or a clap: firm strokes stay, ghost notes move."""
    size = len(patterns[0])
    if any(len(pattern) != size for pattern in patterns):
        return patterns
    ghosts = [[step for step, mark in enumerate(bar) if mark in SOFT_MARKS] for bar in patterns]
    density = sum(len(steps) for steps in ghosts) / len(patterns)
    firm = {step for bar in patterns for step, mark in enumerate(bar) if mark in FIRM_MARKS}
    kicks = {round(step * size / len(bar)) for bar in kick for step, mark in enumerate(bar) if mark in FIRM_MARKS}
    weights = _weights(size, {step for steps in ghosts for step in steps}, firm, frozenset(kicks))
    bars = [patterns[index % len(patterns)] for index in range(4)]
    if len(patterns) >= VOCABULARY:
        one, two, three = (random_streams.pick(rng, patterns) for _ in range(3))
        bars = [one, *(_time_bar(bar, "accents", rng) for bar in (two, one, three))]
    if density < 0.25:
        if not random_streams.chance(rng, PICKUP_PROBABILITY):
            return tuple(bars)
        has_first = random_streams.chance(rng, FIRST_BAR_PROBABILITY)
        first = _draw(weights, 1, rng) if has_first else frozenset()
        second, last = (_draw(weights, int(rng.integers(1, 3)), rng) for _ in range(2))
    else:
        first = _draw(weights, max(1, round(density + float(rng.uniform(-0.8, 0.8)))), rng)
        second, last = _moved(first, weights, 1, rng), _moved(first, weights, 2, rng)
    return tuple(
        "".join(
            mark if mark in FIRM_MARKS else ("o" if rng.random() < 0.2 else "g") if step in steps else REST_MARK
            for step, mark in enumerate(bar)
        )
        for bar, steps in zip(bars, (first, second, first, last), strict=True)
    )


def vary_time(patterns: Patterns, rng: np.random.Generator) -> Patterns:
    """Return the bars of a hi-hat, cymbal or shaker in one of FEELS. Soft strokes of sparse patterns move."""
    feel = random_streams.pick(rng, FEELS)
    bars = tuple(_time_bar(bar, feel, rng) for bar in patterns)
    return bars if len(bars) > 1 else (bars[0], _time_bar(patterns[0], feel, rng))


def _time_bar(bar: str, feel: str, rng: np.random.Generator) -> str:
    marks = list(bar)
    soft = [step for step, mark in enumerate(marks) if mark in SOFT_MARKS]
    firm = [step for step, mark in enumerate(marks) if mark == "x"]
    free = [step for step, mark in enumerate(marks) if mark == REST_MARK and step % 2]
    if feel == "thinner":
        for step in soft:
            marks[step] = REST_MARK if rng.random() < 0.5 else marks[step]
    elif feel == "busier" and len(bar) <= 16:
        for step in free:
            marks[step] = "o" if rng.random() < 0.3 else REST_MARK
    elif feel == "accents":
        for step in firm:
            marks[step] = ACCENT_MARKS[int(rng.choice(len(ACCENT_MARKS), p=ACCENT_SHARES))]
    if free and soft and rng.random() < 0.6:
        moved = soft[int(rng.integers(len(soft)))]
        mark, marks[moved] = marks[moved], REST_MARK
        marks[free[int(rng.integers(len(free)))]] = mark
    return "".join(marks)


def _anchor(patterns: Patterns) -> frozenset[int]:
    """Return the accents of every pattern, and the strokes on beats that all patterns have."""
    size = len(patterns[0])
    accents = {step for step in range(size) if all(bar[step] == "X" for bar in patterns)}
    beats = {step for step in range(0, size, max(1, size // 4)) if all(bar[step] not in ".?" for bar in patterns)}
    return frozenset(accents | (beats if len(beats) >= 3 or 0 in beats else set()))


def _weights(
    size: int, attested: set[int], anchor: Sequence[int] | frozenset[int] | set[int], taken: frozenset[int]
) -> np.ndarray:
    weights = np.full(size, OTHER if size <= 16 else 0.05)
    weights[:: max(1, size // 8)] = OFF_BEAT
    for step in attested:
        for near in (step - 1, step + 1):
            if 0 <= near < size:
                weights[near] = max(weights[near], NEIGHBOUR)
    weights[sorted(attested)] = ATTESTED
    for step in taken:
        if step < size:
            weights[step] *= OCCUPIED
    weights[sorted(anchor)] = 0.0
    return weights


def _draw(weights: np.ndarray, count: int, rng: np.random.Generator) -> frozenset[int]:
    count = min(count, int((weights > 0).sum()))
    if not count:
        return frozenset()
    chosen = rng.choice(len(weights), size=count, replace=False, p=weights / weights.sum())
    return frozenset(int(step) for step in chosen)


def _moved(steps: frozenset[int], weights: np.ndarray, count: int, rng: np.random.Generator) -> frozenset[int]:
    """Return the steps with ``count`` of them moved, or one more or less."""
    kept = sorted(steps)
    for _ in range(count):
        if kept and random_streams.chance(rng, 0.75):
            kept.pop(int(rng.integers(len(kept))))
        free = weights.copy()
        free[kept] = 0.0
        if random_streams.chance(rng, 0.85):
            kept = sorted({*kept, *_draw(free, 1, rng)})
    return frozenset(kept)


def _bar(pattern: str, anchor: frozenset[int], steps: frozenset[int], mark: str, rng: np.random.Generator) -> str:
    anchored = {step: pattern[step] for step in anchor}
    marks = [anchored.get(step, mark if step in steps else REST_MARK) for step in range(len(pattern))]
    return "".join(
        "o" if one == "x" and step in steps and rng.random() < 0.15 else one for step, one in enumerate(marks)
    )


def _exchanged_beats(patterns: Patterns, rng: np.random.Generator) -> Patterns:
    """Return four bars of which each beat comes from one of the patterns."""
    size = len(patterns[0])
    beat = max(1, size // 4)
    cells = [[bar[start : start + beat] for bar in patterns] for start in range(0, size, beat)]
    anywhere = [cell for column in cells for cell in column]

    def bar() -> str:
        return "".join(
            random_streams.pick(rng, tuple(column if index == 0 or rng.random() < 0.6 else anywhere))
            for index, column in enumerate(cells)
        )

    first = bar()
    return (first, bar(), first, bar())


def _with_pickups(patterns: Patterns, anchor: frozenset[int], rng: np.random.Generator) -> Patterns:
    bars = [patterns[index % len(patterns)] for index in range(4)]
    size = len(bars[0])
    if size < 8 or not anchor or not random_streams.chance(rng, PICKUP_PROBABILITY):
        return tuple(bars)
    weights = _weights(size, {size - 2, size - 1, size // 2 - 1, size * 5 // 8}, anchor, frozenset({1}))
    for index in random_streams.pick(rng, ((3,), (1, 3), (1, 2, 3), (0, 1, 2, 3))):
        steps = _draw(weights, int(rng.integers(1, 3)), rng)
        bars[index] = "".join(
            "x" if step in steps and mark == REST_MARK else mark for step, mark in enumerate(bars[index])
        )
    return tuple(bars)


def vary_patterns(
    patterns: Mapping[int, Patterns],
    kick: int,
    backbeat: frozenset[int],
    timekeepers: frozenset[int],
    rng: np.random.Generator,
) -> dict[int, Patterns]:
    """Return the patterns of all drums of a groove, varied; other drums (claves, surdos, bells) stay as written."""
    accents = {
        round(16 * step / len(bar))
        for drum in backbeat
        for bar in patterns.get(drum, ())
        for step, mark in enumerate(bar)
        if mark in FIRM_MARKS
    }
    varied: dict[int, Patterns] = {}
    if kick in patterns:
        varied[kick] = vary_kick(patterns[kick], frozenset(accents), rng)
    for drum, bars in patterns.items():
        if drum in backbeat:
            varied[drum] = vary_backbeat(bars, varied.get(kick, ()), rng)
        elif drum != kick:
            varied[drum] = vary_time(bars, rng) if drum in timekeepers else bars
    return varied
