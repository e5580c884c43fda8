"""Metres: how many beats a bar has, which of them are strong, and how a bar written in four is played in another."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

Takes = tuple[tuple[int, ...], ...]
REST: Final = "."
LOUDEST: Final = "Xxo?g."
SOFTER: Final[Mapping[str, str]] = {"X": "o", "x": "o", "o": "g", "g": "g", "?": "?"}
ACCENTS: Final = frozenset("Xx")
COMPOUND: Final = 1.5
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
    strong: tuple[int, ...]
    takes: Takes
    halved: Takes = ()

    @property
    def bar(self) -> float:
        """The length of a bar."""
        return sum(self.pulses)

    @property
    def unit(self) -> float:
        """The length of the one or two bars that a bar of a progression lasts."""
        return self.bar * len(self.takes)

    @property
    def is_compound(self) -> bool:
        """Whether every beat is divided by three."""
        return all(pulse == COMPOUND for pulse in self.pulses)

    @property
    def beat(self) -> float:
        """The length of the beat that a tempo counts: a quarter, or three eighths."""
        return COMPOUND if self.is_compound else 1.0

    @property
    def echo(self) -> float:
        """The length of which three quarters, where echoes come back, fall on the grid."""
        return 4 / 3 if self.is_compound else 1.0

    @property
    def grain(self) -> float:
        """The shortest length of which every beat is a multiple."""
        return COMPOUND if self.is_compound else 0.5 if COMPOUND in self.pulses else 1.0

    @property
    def starts(self) -> tuple[float, ...]:
        """Where the pulses of a bar begin."""
        return tuple(accumulate(self.pulses[:-1], initial=0.0))

    def bars(self, start: float, beats: float) -> tuple[float, ...]:
        """Where the bars of a stretch begin; at least one."""
        return tuple(start + self.bar * number for number in range(max(1, round(beats / self.bar))))

    def beats(self, start: float, beats: float) -> Iterator[tuple[float, float]]:
        """The pulses of a stretch that begins with a bar: (where, how long)."""
        place, end = start, start + beats
        for turn in range(math.ceil(beats / min(self.pulses)) + 1):
            length = self.pulses[turn % len(self.pulses)]
            if place > end - 0.5 * length:
                return
            yield place, length
            place += length

    def weight(self, beat: float) -> int:
        """How strong a place is: 2 where a bar begins, 1 on another beat, 0 between beats."""
        place = beat % self.bar
        return 2 if place == 0 else int(place in self.starts)

    def is_strong(self, beat: float) -> bool:
        """Whether a group of beats begins there."""
        return beat % self.bar in {self.starts[number] for number in self.strong}

    def rate(self, rate: float) -> float:
        """The step nearest to one of ``rate`` quarters in four that divides this metre's bar."""
        if self is COMMON or (self.bar % rate == 0 and not self.is_compound):
            return rate
        wanted = rate * self.beat if rate >= 1.0 else max(rate, 0.5)
        steps: tuple[float, ...] = (0.25, 0.5, self.bar, *((self.beat,) if self.bar % self.beat == 0 else ()))
        return min(steps, key=lambda step: (abs(math.log(step / wanted)), step))

    def shares(self, count: int) -> tuple[float, ...]:
        """The lengths of ``count`` chords that share a unit: as equal as its beats allow, the first ones longer."""
        edges = tuple(accumulate(self.pulses * len(self.takes), initial=0.0))
        if self is COMMON or count >= len(edges):
            return (self.unit / count,) * count
        cuts = [min(edges, key=lambda edge: (abs(edge - self.unit * turn / count), -edge)) for turn in range(count + 1)]
        return tuple(end - start for start, end in pairwise(cuts))

    def split(self, beats: float) -> float:
        """Where a tone that is held from the start of a bar may turn: on the beat nearest to its half."""
        half = beats / 2
        edges = [place for place, _ in self.beats(0.0, beats)][1:]
        if self is COMMON or not edges:
            return half
        return min(edges, key=lambda edge: (abs(edge - half), -edge))

    def within(self, *places: float) -> tuple[float, ...]:
        """Those of a bar of four's places that this bar has too, three eighths to a beat where it counts so."""
        if self is COMMON:
            return places
        fitting = (round(2 * place) / 2 if self.is_compound else place for place in places)
        return tuple(place for place in fitting if place < self.bar) or (self.bar - 0.5,)

    def stretched(self, beats: float) -> float:
        """Where a place in beats of four falls: a beat of three eighths gives its first half two of them."""
        if not self.is_compound:
            return beats
        whole, place = divmod(beats, 1.0)
        return COMPOUND * (whole + (4 * place if place <= 0.5 else 1 + 2 * place) / 3)

    def strip(self, marks: str, number: int, *, is_halved: bool = False, runs: bool = False) -> str:
        """Bar ``number`` of a strip that is written in four; ``runs`` fills three eighths where two were played."""
        if self is COMMON:
            return marks
        rows = self.halved if is_halved and self.halved else self.takes
        taken = rows[number % len(rows)]
        if self.is_compound:
            beats = _beats(marks, 4)
            return "".join(_thirds(beats[beat], runs=runs) for beat in taken)
        beats = _beats(marks, round(4 / self.grain))
        size = len(beats[0])
        around = [beat + after for beat, after in zip(beats, beats[1:] + beats[:1], strict=True)]
        return "".join(around[beat][: round(size * length)] for beat, length in zip(taken, self.pulses, strict=True))


def _beats(marks: str, parts: int) -> list[str]:
    """A strip as four beats; it is made finer until it has a multiple of ``parts`` marks."""
    while len(marks) % parts:
        marks = "".join(mark + REST for mark in marks)
    size = len(marks) // 4
    return [marks[size * beat : size * (beat + 1)] for beat in range(4)]


def _thirds(beat: str, *, runs: bool) -> str:
    """A beat as three eighths: what stood in its first half comes second, what stood in its second half third."""
    size = len(beat)
    early = [mark for place, mark in enumerate(beat) if 0 < place < size / 2]
    late = [mark for place, mark in enumerate(beat) if place >= size / 2]
    first, second, third = beat[0], _loudest(early), _loudest(late)
    if runs and second == REST and REST not in {first, third}:
        second = SOFTER[third]
    return first + second + third


def _loudest(marks: Sequence[str]) -> str:
    return min(marks, key=LOUDEST.index, default=REST)


COMMON: Final = Metre("4/4", (1.0,) * 4, (0, 2), ((0, 1, 2, 3),))
METRES: Final[Mapping[str, Metre]] = {
    metre.name: metre
    for metre in (
        COMMON,
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
NEAR: Final[Mapping[str, str]] = {
    "2/2": "4/4", "8/8": "4/4", "4/8": "2/4", "3/8": "3/4", "3/2": "3/4", "6/4": "3/4", "6/16": "6/8", "12/16": "12/8",
    "9/16": "9/8", "7/16": "7/8", "5/8": "5/4", "15/8": "5/4", "10/8": "5/4", "14/8": "7/4",
}  # fmt: skip
"""Metres that are written otherwise or not played, by what comes near; anything else is played in four."""


def named(name: str | None) -> Metre:
    """The metre of that name, or what comes near it; four-four where nothing was named."""
    return METRES.get(name or "", METRES[NEAR.get(name or "", "4/4")])
