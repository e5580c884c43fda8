"""What a composition is made of, before anybody plays it. Times are beats (quarters) from the start."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engines.studio.theory.metre import metre_named
from engines.studio.theory.pitch import Chord, Key


@dataclass(frozen=True, slots=True)
class Note:
    """One note; ``velocity`` runs from 0 (silent) to 1, ``pitch`` is a MIDI number (drums after General MIDI)."""

    start: float
    beats: float
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form. ``energy`` 0 to 1; ``theme`` names its material; ``visit`` counts its returns from 0."""

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
        """Where the next one begins."""
        return self.start + self.beats


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord, from ``start`` for ``beats``, with the pitches that a keyboard would voice it in, low to high."""

    start: float
    beats: float
    chord: Chord
    voicing: tuple[int, ...]

    @property
    def end(self) -> float:
        """Where the next one begins."""
        return self.start + self.beats


@dataclass(frozen=True, slots=True)
class Motif:
    """A melodic idea of two bars: (beat, beats) pairs, and as many steps away from its anchor."""

    rhythm: tuple[tuple[float, float], ...]
    contour: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PartNotes:
    """What one player plays: notes, and the seat (name of its part in the style)."""

    part: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Composition:
    """A whole composition; ``beats`` includes the last chord, which rings to the end; ``motifs`` by theme.

    ``tempo`` is in quarters a minute, ``metre`` one of metre.METRES.
    """

    key: Key
    tempo: float
    beats: float
    sections: tuple[Section, ...]
    chords: tuple[ChordSpan, ...]
    lines: Mapping[str, PartNotes]
    motifs: Mapping[str, Motif] = field(default_factory=dict)
    metre: str = "4/4"

    @property
    def counted_tempo(self) -> float:
        """The tempo as it is counted: in quarters, or in beats of three eighths."""
        return self.tempo / metre_named(self.metre).counted_beat
