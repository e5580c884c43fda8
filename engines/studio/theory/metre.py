"""Metres: how many beats a bar has, which of them are strong, and how a bar written in four is played in another."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

SourceBeats = tuple[tuple[int, ...], ...]
REST_MARK: Final = "."
MARKS_BY_LOUDNESS: Final = "Xxo?g."
SOFTER_MARKS: Final[Mapping[str, str]] = {"X": "o", "x": "o", "o": "g", "g": "g", "?": "?"}
ACCENT_MARKS: Final = frozenset("Xx")
DOTTED_QUARTER: Final = 1.5
"""Quarters in a beat that is divided by three."""


@dataclass(frozen=True, slots=True)
class Metre:
    """A metre, in quarters.

    ``pulses`` are the lengths of the beats of a bar as they are felt, ``strong`` those that begin a group. ``takes``
    says, for each of the bars that together last as long as one bar of four, which beats of a strip written in four
    its pulses are played with; ``halved`` the same for grooves whose back-beat is on three.
    """

    name: str
    pulses: tuple[float, ...]
    strong_pulses: tuple[int, ...]
    source_beats: SourceBeats
    half_time_source_beats: SourceBeats = ()

    @property
    def bar_length(self) -> float:
        """The length of a bar."""
        return sum(self.pulses)

    @property
    def progression_bar(self) -> float:
        """The length of the one or two bars that a bar of a progression lasts."""
        return self.bar_length * len(self.source_beats)

    @property
    def is_compound(self) -> bool:
        """Whether every beat is divided by three."""
        return all(pulse == DOTTED_QUARTER for pulse in self.pulses)

    @property
    def counted_beat(self) -> float:
        """The length of the beat that a tempo counts: a quarter, or three eighths."""
        return DOTTED_QUARTER if self.is_compound else 1.0

    @property
    def delay_beat(self) -> float:
        """The length of which three quarters, where echoes come back, fall on the grid."""
        return 4 / 3 if self.is_compound else 1.0

    @property
    def grid(self) -> float:
        """The shortest length of which every beat is a multiple."""
        return DOTTED_QUARTER if self.is_compound else 0.5 if DOTTED_QUARTER in self.pulses else 1.0

    @property
    def pulse_starts(self) -> tuple[float, ...]:
        """Where the pulses of a bar begin."""
        return tuple(accumulate(self.pulses[:-1], initial=0.0))

    def bar_starts(self, start: float, beats: float) -> tuple[float, ...]:
        """Where the bars of a stretch begin; at least one."""
        return tuple(start + self.bar_length * number for number in range(max(1, round(beats / self.bar_length))))

    def pulses_between(self, start: float, beats: float) -> Iterator[tuple[float, float]]:
        """The pulses of a stretch that begins with a bar: (where, how long)."""
        place, end = start, start + beats
        for turn in range(math.ceil(beats / min(self.pulses)) + 1):
            length = self.pulses[turn % len(self.pulses)]
            if place > end - 0.5 * length:
                return
            yield place, length
            place += length

    def metric_weight(self, beat: float) -> int:
        """How strong a place is: 2 where a bar begins, 1 on another beat, 0 between beats."""
        place = beat % self.bar_length
        return 2 if place == 0 else int(place in self.pulse_starts)

    def is_strong(self, beat: float) -> bool:
        """Whether a group of beats begins there."""
        return beat % self.bar_length in {self.pulse_starts[number] for number in self.strong_pulses}

    def nearest_step(self, rate: float) -> float:
        """The step nearest to one of ``rate`` quarters in four that divides this metre's bar."""
        if self is COMMON_TIME or (self.bar_length % rate == 0 and not self.is_compound):
            return rate
        wanted = rate * self.counted_beat if rate >= 1.0 else max(rate, 0.5)
        steps: tuple[float, ...] = (
            0.25,
            0.5,
            self.bar_length,
            *((self.counted_beat,) if self.bar_length % self.counted_beat == 0 else ()),
        )
        return min(steps, key=lambda step: (abs(math.log(step / wanted)), step))

    def chord_lengths(self, count: int) -> tuple[float, ...]:
        """The lengths of ``count`` chords that share a unit: as equal as its beats allow, the first ones longer."""
        edges = tuple(accumulate(self.pulses * len(self.source_beats), initial=0.0))
        if self is COMMON_TIME or count >= len(edges):
            return (self.progression_bar / count,) * count
        cuts = [
            min(edges, key=lambda edge: (abs(edge - self.progression_bar * turn / count), -edge))
            for turn in range(count + 1)
        ]
        return tuple(end - start for start, end in pairwise(cuts))

    def midpoint(self, beats: float) -> float:
        """Where a tone that is held from the start of a bar may turn: on the beat nearest to its half."""
        half = beats / 2
        edges = [place for place, _ in self.pulses_between(0.0, beats)][1:]
        if self is COMMON_TIME or not edges:
            return half
        return min(edges, key=lambda edge: (abs(edge - half), -edge))

    def adapt_positions(self, *places: float) -> tuple[float, ...]:
        """Those of a bar of four's places that this bar has too, three eighths to a beat where it counts so."""
        if self is COMMON_TIME:
            return places
        fitting = (round(2 * place) / 2 if self.is_compound else place for place in places)
        return tuple(place for place in fitting if place < self.bar_length) or (self.bar_length - 0.5,)

    def from_common_time(self, beats: float) -> float:
        """Where a place in beats of four falls: a beat of three eighths gives its first half two of them."""
        if not self.is_compound:
            return beats
        whole, place = divmod(beats, 1.0)
        return DOTTED_QUARTER * (whole + (4 * place if place <= 0.5 else 1 + 2 * place) / 3)

    def adapt_pattern(self, marks: str, number: int, *, is_halved: bool = False, runs: bool = False) -> str:
        """Bar ``number`` of a strip that is written in four; ``runs`` fills three eighths where two were played."""
        if self is COMMON_TIME:
            return marks
        rows = self.half_time_source_beats if is_halved and self.half_time_source_beats else self.source_beats
        taken = rows[number % len(rows)]
        if self.is_compound:
            beats = _split_into_beats(marks, 4)
            return "".join(_to_three_eighths(beats[beat], runs=runs) for beat in taken)
        beats = _split_into_beats(marks, round(4 / self.grid))
        size = len(beats[0])
        around = [beat + after for beat, after in zip(beats, beats[1:] + beats[:1], strict=True)]
        return "".join(around[beat][: round(size * length)] for beat, length in zip(taken, self.pulses, strict=True))


def _split_into_beats(marks: str, parts: int) -> list[str]:
    """A strip as four beats; it is made finer until it has a multiple of ``parts`` marks."""
    while len(marks) % parts:
        marks = "".join(mark + REST_MARK for mark in marks)
    size = len(marks) // 4
    return [marks[size * beat : size * (beat + 1)] for beat in range(4)]


def _to_three_eighths(beat: str, *, runs: bool) -> str:
    """A beat as three eighths: what stood in its first half comes second, what stood in its second half third."""
    size = len(beat)
    early = [mark for place, mark in enumerate(beat) if 0 < place < size / 2]
    late = [mark for place, mark in enumerate(beat) if place >= size / 2]
    first, second, third = beat[0], _loudest(early), _loudest(late)
    if runs and second == REST_MARK and REST_MARK not in {first, third}:
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
"""Every metre that is played."""
NEAREST_METRES: Final[Mapping[str, str]] = {
    "2/2": "4/4", "8/8": "4/4", "4/8": "2/4", "3/8": "3/4", "3/2": "3/4", "6/4": "3/4", "6/16": "6/8", "12/16": "12/8",
    "9/16": "9/8", "7/16": "7/8", "5/8": "5/4", "15/8": "5/4", "10/8": "5/4", "14/8": "7/4",
}  # fmt: skip
"""Metres that are written otherwise or not played, by what comes near; anything else is played in four."""


def metre_named(name: str | None) -> Metre:
    """The metre of that name, or what comes near it; four-four where nothing was named."""
    return METRES.get(name or "", METRES[NEAREST_METRES.get(name or "", "4/4")])
