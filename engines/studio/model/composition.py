"""A composition: sections, chords, motifs and notes. Times are in quarter notes from the start."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engines.studio.model.form_request import SectionRequest
from engines.studio.theory.key_map import KeyMap
from engines.studio.theory.metre import metre_named
from engines.studio.theory.pitch import Chord, Key

LAST_CHORD: Final = "ending"
"""Name of the section that consists of the last chord, which rings until the end."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note with a MIDI pitch (for drums a General MIDI key) and a velocity from 0 to 1."""

    start: float
    beats: float
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the form with an energy from 0 to 1. ``repetition`` counts the earlier sections of the same name.

    ``presence`` is the energy without the moods of the request: bass and melody play from it or from ``energy``.
    ``requested`` is the section of the request that it realises, if there is one. ``transposition`` is the distance of
    its key from that of the composition in semitones.
    """

    name: str
    theme: str
    start: float
    beats: float
    energy: float
    repetition: int
    is_first: bool
    is_last: bool
    presence: float = 0.0
    requested: SectionRequest | None = None
    transposition: int = 0

    @property
    def end(self) -> float:
        return self.start + self.beats

    def key_from(self, key: Key) -> Key:
        """Return the key of the section in a composition in ``key``. Another key than that has the usual spelling."""
        return Key((key.tonic + self.transposition) % 12, key.mode) if self.transposition else key


@dataclass(frozen=True, slots=True)
class Plan:
    """The tempo in quarter notes per minute, the length in quarter notes, and the sections, without gaps."""

    tempo: float
    beats: float
    sections: tuple[Section, ...]


def consecutive_sections(
    rows: Iterable[tuple[str, str, float, float]],
    first_repetition: int = 0,
    requests: Sequence[SectionRequest | None] = (),
) -> tuple[Section, ...]:
    """Build sections that follow each other from rows of name, theme, energy and length in quarter notes.

    ``requests`` are the requested sections that the first rows realise.
    """
    sections: list[Section] = []
    start, repetitions, rows = 0.0, dict[str, int](), list(rows)
    for index, (name, theme, energy, beats) in enumerate(rows):
        repetition = repetitions.get(name, first_repetition)
        repetitions[name] = repetition + 1
        is_last = index == len(rows) - 1
        requested = requests[index] if index < len(requests) else None
        sections.append(Section(name, theme, start, beats, energy, repetition, index == 0, is_last, energy, requested))
        start += beats
    return tuple(sections)


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
    def key_map(self) -> KeyMap:
        """The keys of the sections, with the beats at which they change."""
        changes = [(0.0, self.key)]
        for section in self.sections:
            key = section.key_from(self.key)
            if key != changes[-1][1]:
                changes.append((section.start, key))
        return KeyMap(tuple(changes))

    @property
    def counted_tempo(self) -> float:
        """The tempo in counted beats per minute: quarter notes, or dotted quarters in compound metres."""
        return self.tempo / metre_named(self.metre).counted_beat
