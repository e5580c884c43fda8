"""Metres: their pulses and strong beats, and the adaptation of patterns written in 4/4."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from typing import Final

SourceBeats = tuple[tuple[int, ...], ...]
REST_MARK: Final = "."
MARKS_BY_LOUDNESS: Final = "Xxo?g."
SOFTER_MARKS: Final[Mapping[str, str]] = {"X": "o", "x": "o", "o": "g", "g": "g", "?": "?"}
ACCENT_MARKS: Final = frozenset("Xx")
DOTTED_QUARTER: Final = 1.5
"""The beat of compound metres, in quarter notes."""


@cache
def _pulse_starts(pulses: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(accumulate(pulses[:-1], initial=0.0))


@dataclass(frozen=True, slots=True)
class Metre:
    """A metre. Lengths and positions are in quarter notes.

    ``pulses`` are the lengths of the felt beats of a bar; ``strong_pulses`` are the indexes of those that start a
    group. ``source_beats`` has one row for each of the bars that together replace a 4/4 bar: the 4/4 beats from which
    its pulses take their marks. ``half_time_source_beats`` is the same for grooves with the backbeat on three.
    """

    name: str
    pulses: tuple[float, ...]
    strong_pulses: tuple[int, ...]
    source_beats: SourceBeats
    half_time_source_beats: SourceBeats = ()

    @property
    def bar_length(self) -> float:
        return sum(self.pulses)

    @property
    def progression_bar(self) -> float:
        """The length of the one or two bars that correspond to a bar of a progression."""
        return self.bar_length * len(self.source_beats)

    @property
    def is_compound(self) -> bool:
        return all(pulse == DOTTED_QUARTER for pulse in self.pulses)

    @property
    def counted_beat(self) -> float:
        """The beat that a tempo counts: a quarter note, or a dotted quarter note in compound metres."""
        return DOTTED_QUARTER if self.is_compound else 1.0

    @property
    def delay_beat(self) -> float:
        """The beat for delay times: three quarters of it, the time of an echo, fall on the grid."""
        return 4 / 3 if self.is_compound else 1.0

    @property
    def grid(self) -> float:
        """The greatest common divisor of the pulses."""
        return DOTTED_QUARTER if self.is_compound else 0.5 if DOTTED_QUARTER in self.pulses else 1.0

    @property
    def pulse_starts(self) -> tuple[float, ...]:
        """The positions of the pulses in a bar."""
        return _pulse_starts(self.pulses)

    def bar_starts(self, start: float, beats: float) -> tuple[float, ...]:
        """Return the starts of the bars in a range; at least one."""
        return tuple(start + self.bar_length * number for number in range(max(1, round(beats / self.bar_length))))

    def pulses_between(self, start: float, beats: float) -> Iterator[tuple[float, float]]:
        """Yield the start and length of each pulse in a range that starts with a bar."""
        position, end = start, start + beats
        for index in range(math.ceil(beats / min(self.pulses)) + 1):
            length = self.pulses[index % len(self.pulses)]
            if position > end - 0.5 * length:
                return
            yield position, length
            position += length

    def metric_weight(self, beat: float) -> int:
        """Return 2 for the start of a bar, 1 for another pulse and 0 for positions between pulses."""
        position = beat % self.bar_length
        return 2 if position == 0 else int(position in self.pulse_starts)

    def is_strong(self, beat: float) -> bool:
        """Return whether a group of pulses starts at a position."""
        return beat % self.bar_length in {self.pulse_starts[number] for number in self.strong_pulses}

    def nearest_step(self, rate: float) -> float:
        """Return the step that divides a bar of this metre and is closest to a step of ``rate`` in 4/4."""
        if self is COMMON_TIME or (self.bar_length % rate == 0 and not self.is_compound):
            return rate
        target = rate * self.counted_beat if rate >= 1.0 else max(rate, 0.5)
        steps = [0.25, 0.5, self.bar_length]
        if self.bar_length % self.counted_beat == 0:
            steps.append(self.counted_beat)
        return min(steps, key=lambda step: (abs(math.log(step / target)), step))

    def chord_lengths(self, count: int) -> tuple[float, ...]:
        """Divide a progression bar among ``count`` chords as equally as the pulses allow, the first ones longer.

        Chords change on pulses; of more chords than pulses some have the length 0.
        """
        edges = tuple(accumulate(self.pulses * len(self.source_beats), initial=0.0))
        if self is COMMON_TIME:
            return (self.progression_bar / count,) * count
        cuts = (
            min(edges[1:], key=lambda edge: (abs(edge - self.progression_bar * index / count), -edge))
            for index in range(1, count + 1)
        )
        return tuple(end - start for start, end in pairwise((0.0, *cuts)))

    def midpoint(self, beats: float) -> float:
        """Return the pulse closest to the middle of a note that starts with a bar, where it may change its pitch."""
        half = beats / 2
        edges = [position for position, _ in self.pulses_between(0.0, beats)][1:]
        if self is COMMON_TIME or not edges:
            return half
        return min(edges, key=lambda edge: (abs(edge - half), -edge))

    def adapt_positions(self, *positions: float) -> tuple[float, ...]:
        """Return the positions of a 4/4 bar that this bar also has, in eighth notes if the metre is compound."""
        if self is COMMON_TIME:
            return positions
        fitting = (round(2 * position) / 2 if self.is_compound else position for position in positions)
        return tuple(position for position in fitting if position < self.bar_length) or (self.bar_length - 0.5,)

    def from_common_time(self, beats: float) -> float:
        """Convert a position in 4/4: the first half of a beat becomes two of three eighth notes in a compound metre."""
        if not self.is_compound:
            return beats
        whole, position = divmod(beats, 1.0)
        return DOTTED_QUARTER * (whole + (4 * position if position <= 0.5 else 1 + 2 * position) / 3)

    def adapt_pattern(self, marks: str, number: int, *, is_half_time: bool = False, fill_eighths: bool = False) -> str:
        """Adapt a pattern in 4/4 for bar ``number``. With ``fill_eighths`` three eighth notes replace two."""
        if self is COMMON_TIME:
            return marks
        rows = self.half_time_source_beats if is_half_time and self.half_time_source_beats else self.source_beats
        source = rows[number % len(rows)]
        if self.is_compound:
            beats = _split_into_beats(marks, 4)
            return "".join(_to_three_eighths(beats[beat], fill_eighths=fill_eighths) for beat in source)
        beats = _split_into_beats(marks, round(4 / self.grid))
        size = len(beats[0])
        windows = [beat + after for beat, after in zip(beats, beats[1:] + beats[:1], strict=True)]
        return "".join(windows[beat][: round(size * length)] for beat, length in zip(source, self.pulses, strict=True))


def _split_into_beats(marks: str, parts: int) -> list[str]:
    """Split a pattern into four beats, after refining it until its length is a multiple of ``parts``."""
    while len(marks) % parts:
        marks = "".join(mark + REST_MARK for mark in marks)
    size = len(marks) // 4
    return [marks[size * beat : size * (beat + 1)] for beat in range(4)]


def _to_three_eighths(beat: str, *, fill_eighths: bool) -> str:
    """Convert a beat to three eighth notes: two for its first half, one for its second half."""
    size = len(beat)
    early = [mark for position, mark in enumerate(beat) if 0 < position < size / 2]
    late = [mark for position, mark in enumerate(beat) if position >= size / 2]
    first, second, third = beat[0], _loudest(early), _loudest(late)
    if fill_eighths and second == REST_MARK and REST_MARK not in {first, third}:
        second = SOFTER_MARKS[third]
    return first + second + third


def _loudest(marks: Sequence[str]) -> str:
    return min(marks, key=MARKS_BY_LOUDNESS.index, default=REST_MARK)


COMMON_TIME: Final = Metre("4/4", (1.0,) * 4, (0, 2), ((0, 1, 2, 3),))
METRES: Final[Mapping[str, Metre]] = {
    metre.name: metre
    for metre in (
        COMMON_TIME,
        Metre("2/4", (1.0, 1.0), (0,), ((0, 1), (2, 3))),
        Metre("3/4", (1.0,) * 3, (0,), ((0, 1, 3),), ((0, 1, 2),)),
        Metre("5/4", (1.0,) * 5, (0, 3), ((0, 1, 3, 2, 3),), ((0, 1, 1, 2, 3),)),
        Metre("7/4", (1.0,) * 7, (0, 4), ((0, 1, 2, 3, 0, 1, 3),), ((0, 1, 2, 3, 0, 1, 2),)),
        Metre("7/8", (1.0, 1.0, 1.5), (0, 2), ((0, 1, 2),)),
        Metre("6/8", (1.5, 1.5), (0, 1), ((0, 1), (2, 3)), ((0, 2), (0, 2))),
        Metre("9/8", (1.5,) * 3, (0,), ((0, 1, 3),), ((0, 1, 2),)),
        Metre("12/8", (1.5,) * 4, (0, 2), ((0, 1, 2, 3),)),
    )
}
NEAREST_METRES: Final[Mapping[str, str]] = {
    "2/2": "4/4", "8/8": "4/4", "4/8": "2/4", "3/8": "3/4", "3/2": "3/4", "6/4": "3/4", "6/16": "6/8", "12/16": "12/8",
    "9/16": "9/8", "7/16": "7/8", "5/8": "5/4", "15/8": "5/4", "10/8": "5/4", "14/8": "7/4",
}  # fmt: skip
"""The replacements of unsupported metres; all other metres are replaced by 4/4."""


def metre_named(name: str | None) -> Metre:
    """Return the metre with a name or its replacement; 4/4 for None."""
    return METRES.get(name or "", METRES[NEAREST_METRES.get(name or "", "4/4")])
