"""What a style is: data, and the players it hires. Adding one means one file beside this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from engines.studio.model.composition import ChordSpan, Motif, Note, Section
from engines.studio.theory.metre import COMMON_TIME, Metre
from engines.studio.theory.pitch import Key


@dataclass(frozen=True, slots=True)
class SectionContext:
    """What a player sees of one section: the chords in it, the key, the themes, the kick drum, and two dice.

    ``rng`` falls anew in every section; ``memory`` falls the same whenever a theme returns, for what should be known
    again: riffs, patterns, the way of a tune.
    ``ahead`` is the chord that the next section begins with; None before the end.
    """

    section: Section
    chords: tuple[ChordSpan, ...]
    key: Key
    motifs: Mapping[str, Motif]
    kick_beats: tuple[float, ...]
    rng: np.random.Generator
    next_chord: ChordSpan | None = None
    metre: Metre = COMMON_TIME
    theme_rng: np.random.Generator = field(default_factory=np.random.default_rng)

    @property
    def bar_starts(self) -> tuple[float, ...]:
        """The quarters on which its bars begin."""
        return self.metre.bar_starts(self.section.start, self.section.beats)

    def chord_at(self, beat: float) -> ChordSpan:
        """The chord that sounds at a beat; the last one beyond the end."""
        return next((span for span in self.chords if span.start <= beat + 1e-6 < span.end), self.chords[-1])


PartWriter = Callable[[SectionContext], list[Note]]
"""Plays one section: notes with beats counted from the start of the piece."""


@dataclass(frozen=True, slots=True)
class Part:
    """A seat in the band.

    ``level`` is its loudness in LU beside the other parts; ``pan`` -1 (left) to 1; ``reverb`` and ``delay`` are sends,
    0 to 1; it plays in sections whose energy lies between ``enters`` and ``leaves``; ``late`` is how far behind the
    beat it plays and ``loose`` how much it scatters, in milliseconds.
    """

    name: str
    stem: str
    instrument: str
    writer: PartWriter
    level: float
    pan: float = 0.0
    reverb: float = 0.15
    delay: float = 0.0
    effects: tuple[str, ...] = ()
    min_energy: float = 0.0
    max_energy: float = 1.01
    delay_ms: float = 0.0
    timing_jitter_ms: float = 6.0
    only_sections: tuple[str, ...] = ()
    is_swung: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """The order of sections: (name, theme, energy); the body repeats as often as the length asks."""

    intro: tuple[str, str, float]
    body: tuple[tuple[str, str, float], ...]
    outro: tuple[str, str, float]
    phrase_bars: int = 8


@dataclass(frozen=True, slots=True)
class Style:
    """A way of making music.

    ``tempo`` is (slowest, usual, fastest) in BPM; ``swing`` the place of the off-beat within its pair (0.5 straight,
    0.667 triplet) on a grid of ``swing_grid`` beats; ``progressions`` maps "major"/"minor" and a theme to progressions
    whose bars are divided by "|"; ``room`` is the reverb (seconds, brightness in hertz); ``glue`` is how hard the bus
    compressor works, 0 to 1; ``tilt`` is the treble in dB beside flat;
    ``ritard`` how much the last bars slow down; ``colour`` how often a returning progression is reharmonised;
    ``cadence`` the chords of the bar before the last chord, in major and in minor;
    ``tune`` the feel of its melodies, one of melody.CELLS.
    """

    key: str
    name: str
    keywords: tuple[str, ...]
    moods: tuple[str, ...]
    tempo_range: tuple[float, float, float]
    modes: tuple[str, ...]
    progressions: Mapping[str, Mapping[str, tuple[str, ...]]]
    parts: tuple[Part, ...]
    form: Form
    energy: float = 0.5
    swing: float = 0.5
    swing_grid: float = 0.5
    reverb: tuple[float, float] = (1.6, 6000.0)
    bus_compression: float = 0.5
    treble_db: float = 0.0
    titles: tuple[str, ...] = field(default=())
    ritardando: float = 0.0
    reharmonisation: float = 0.25
    cadence: tuple[str, str] = ("V7", "V7")
    melody_feel: str = "flowing"
