"""A composition: sections, chords, motifs and notes. Times are in quarter notes from the start."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engines.studio.theory.metre import metre_named
from engines.studio.theory.pitch import Chord, Key


@dataclass(frozen=True, slots=True)
class Note:
    """A note with a MIDI pitch (for drums a General MIDI key) and a velocity from 0 to 1."""

    start: float
    beats: float
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the form with an energy from 0 to 1. ``repetition`` counts the earlier sections of the same name."""

    name: str
    theme: str
    start: float
    beats: float
    energy: float
    repetition: int
    is_first: bool
    is_last: bool

    @property
    def end(self) -> float:
        return self.start + self.beats


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord with its start, its length and a keyboard voicing (MIDI pitches in ascending order)."""

    start: float
    beats: float
    chord: Chord
    voicing: tuple[int, ...]

    @property
    def end(self) -> float:
        return self.start + self.beats


@dataclass(frozen=True, slots=True)
class Motif:
    """A melodic motif of two bars: pairs of start and length, and the scale steps of its notes from an anchor."""

    rhythm: tuple[tuple[float, float], ...]
    contour: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Composition:
    """A complete composition. ``beats`` includes the last chord.

    ``tempo`` is in quarter notes per minute; ``notes`` are keyed by part name, ``motifs`` by theme; ``metre`` is a key
    of METRES.
    """

    key: Key
    tempo: float
    beats: float
    sections: tuple[Section, ...]
    chords: tuple[ChordSpan, ...]
    notes: Mapping[str, tuple[Note, ...]]
    motifs: Mapping[str, Motif] = field(default_factory=dict)
    metre: str = "4/4"

    @property
    def counted_tempo(self) -> float:
        """The tempo in counted beats per minute: quarter notes, or dotted quarters in compound metres."""
        return self.tempo / metre_named(self.metre).counted_beat
