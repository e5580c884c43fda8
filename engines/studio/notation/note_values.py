"""Note values: splits lengths at bars, pulses and triplets into notes that can be written and tied."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engines.studio.notation.quantisation import DIVISIONS
from engines.studio.theory.metre import Metre

VALUES: Final[Mapping[int, tuple[str, int]]] = {
    144: ("whole", 1), 96: ("whole", 0), 72: ("half", 1), 48: ("half", 0), 36: ("quarter", 1), 24: ("quarter", 0),
    18: ("eighth", 1), 12: ("eighth", 0), 9: ("16th", 1), 6: ("16th", 0), 3: ("32nd", 0),
}  # fmt: skip
"""Type and dots by length in divisions, longest first."""
TRIPLET_VALUES: Final[Mapping[int, tuple[str, int]]] = {
    16: ("quarter", 0), 12: ("eighth", 1), 8: ("eighth", 0), 4: ("16th", 0),
}  # fmt: skip
TUPLETS: Final[Mapping[int, tuple[int, int, str]]] = {8: (3, 2, "eighth"), 4: (6, 4, "16th")}
"""Actual notes, normal notes and their type, by the grid of a divided quarter note."""


@dataclass(frozen=True, slots=True)
class Value:
    """A written value: start and length in divisions; ``tuplet`` is the grid of the triplets that it belongs to."""

    start: int
    length: int
    type: str
    dots: int
    tuplet: int | None = None


def bar_length(metre: Metre) -> int:
    """Return the length of a bar in divisions."""
    return round(metre.bar_length * DIVISIONS)


def split(start: int, end: int, metre: Metre, triplets: Mapping[int, int]) -> Iterator[Value]:
    """Yield the values that fill a range; none crosses a bar line or leaves the quarter note of its triplets."""
    bar = bar_length(metre)
    edges = [round(position * DIVISIONS) for position in metre.pulse_starts]
    while start < end:
        stop = min(end, (start // bar + 1) * bar)
        beat = start // DIVISIONS
        if beat in triplets and (start % DIVISIONS or stop < (beat + 1) * DIVISIONS):
            value = _triplet_value(start, min(stop, (beat + 1) * DIVISIONS), triplets[beat])
        else:
            divided = (one * DIVISIONS for one in range(beat + 1, -(-stop // DIVISIONS)) if one in triplets)
            stop = min((edge for edge in divided if stop < edge + DIVISIONS), default=stop)
            value = _straight_value(start, stop, bar, edges)
        yield value
        start += value.length


def _triplet_value(start: int, stop: int, grid: int) -> Value:
    length = max(length for length in TRIPLET_VALUES if length <= stop - start and length % grid == 0)
    kind, dots = TRIPLET_VALUES[length]
    return Value(start, length, kind, dots, grid)


def _straight_value(start: int, stop: int, bar: int, edges: list[int]) -> Value:
    """Return the longest value that ends with a pulse or within the present one."""
    position = start % bar
    ends = [*edges, bar]
    next_edge = next(edge for edge in ends if edge > position)
    fitting = (
        length
        for length in VALUES
        if length <= stop - start
        and (position + length <= next_edge or (position in edges and position + length in ends))
    )
    length = next(fitting)
    kind, dots = VALUES[length]
    return Value(start, length, kind, dots)
