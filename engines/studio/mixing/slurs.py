"""Slurs: which notes of a part are played in one breath or bow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.dsp.arrays import Reals
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.slurred_notes import SlurredNote
from engines.studio.mixing.performance import NoteEvent

MAX_GAP_SECONDS: Final = 0.12
"""The longest rest between two notes of a slur; players bridge it."""
MAX_OVERLAP_SECONDS: Final = 0.1
MIN_NOTE_SECONDS: Final = 0.09
MAX_INTERVAL: Final = 9
"""The widest interval of a slur in semitones: a major sixth."""
SLUR_PROBABILITY: Final = 0.7
"""The probability that a note is slurred to the one before: groups have three or four notes."""


@dataclass(frozen=True, slots=True)
class SlurEvent(NoteEvent):
    """Consecutive notes as one event with the pitch and the velocity of the first."""

    notes: tuple[NoteEvent, ...] = ()

    def slurred_notes(self) -> tuple[SlurredNote, ...]:
        return tuple(SlurredNote(note.start - self.start, note.pitch, note.velocity) for note in self.notes)

    def gains(self, frames: Reals, exponent: float) -> Reals:
        """Return the level at some times in seconds from the start: that of each note, in steps of 30 ms."""
        edges = [note.start - self.start for note in self.notes[1:]]
        times = [time for edge in edges for time in (edge - 0.015, edge + 0.015)]
        levels = [note.velocity**exponent for note in self.notes]
        return np.asarray(np.interp(frames, times, np.repeat(levels, 2)[1:-1]))


def with_slurs(events: Sequence[NoteEvent], instrument: Instrument, rng: np.random.Generator) -> Iterator[NoteEvent]:
    """Yield the notes of a part, ordered by time, with slurs where one voice moves without a rest."""
    if instrument.slur is None:
        yield from events
        return
    group: list[NoteEvent] = []
    for index, event in enumerate(events):
        following = events[index + 1] if index + 1 < len(events) else None
        if group and not (
            _is_connected(group, event, following, instrument) and random_streams.chance(rng, SLUR_PROBABILITY)
        ):
            yield _merged(group)
            group = []
        group.append(event)
    if group:
        yield _merged(group)


def _is_connected(
    group: Sequence[NoteEvent], event: NoteEvent, following: NoteEvent | None, instrument: Instrument
) -> bool:
    last = group[-1]
    is_alone = following is None or following.start > event.start + MIN_NOTE_SECONDS
    return (
        is_alone
        and -MAX_OVERLAP_SECONDS <= event.start - last.end <= MAX_GAP_SECONDS
        and event.start - last.start >= MIN_NOTE_SECONDS
        and event.seconds >= MIN_NOTE_SECONDS
        and 0 < abs(event.pitch - last.pitch) <= MAX_INTERVAL
        and event.end - group[0].start <= instrument.max_seconds - instrument.release
    )


def _merged(group: Sequence[NoteEvent]) -> NoteEvent:
    first, last = group[0], group[-1]
    if len(group) == 1:
        return first
    return SlurEvent(first.start, last.end - first.start, first.pitch, first.velocity, tuple(group))
