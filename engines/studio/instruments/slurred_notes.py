"""Notes under one slur, which are played in one breath or bow: their pitch and velocity over time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engines.studio.dsp.arrays import Reals, Wave

NOTE_DIP = 0.22
"""How much the level dips (as a share) while the fingers change the note."""
DIP_SECONDS = 0.018


@dataclass(frozen=True, slots=True)
class SlurredNote:
    """A note with its start in seconds from that of the slur, its MIDI pitch and its velocity from 0 to 1."""

    start: float
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Slur:
    """Consecutive notes, the first of which starts at 0. Each pitch glides to the next in ``glide`` seconds."""

    notes: tuple[SlurredNote, ...]
    glide: float = 0.03

    @property
    def highest_pitch(self) -> int:
        return max(note.pitch for note in self.notes)

    @property
    def mean_velocity(self) -> float:
        return sum(note.velocity for note in self.notes) / len(self.notes)

    def pitches(self, seconds: Reals) -> Reals:
        """Return the MIDI pitch at some times."""
        return self._glided([note.pitch for note in self.notes], seconds)

    def velocities(self, seconds: Reals) -> Reals:
        """Return the velocity at some times."""
        return self._glided([note.velocity for note in self.notes], seconds)

    def elapsed(self, seconds: Reals) -> Reals:
        """Return the time since the start of the note that sounds."""
        starts = np.array([note.start for note in self.notes])
        return np.asarray(seconds - starts[np.searchsorted(starts, seconds, side="right").clip(1) - 1])

    def levels(self, seconds: Reals) -> Reals:
        """Return a level that dips where the note changes, from 0 to 1."""
        dips = sum(
            (np.exp(-(((seconds - note.start) / DIP_SECONDS) ** 2)) for note in self.notes[1:]),
            start=np.zeros(len(seconds)),
        )
        return np.asarray(1.0 - NOTE_DIP * dips)

    def _glided(self, values: list[int] | list[float], seconds: Reals) -> Reals:
        starts = np.array([note.start for note in self.notes[1:]])
        times = np.column_stack([starts - self.glide / 2, starts + self.glide / 2]).ravel()
        steps = np.column_stack([values[:-1], values[1:]]).ravel()
        return np.interp(seconds, times, steps) if len(times) else np.full(len(seconds), float(values[0]))


SlurGenerator = Callable[[tuple[SlurredNote, ...], float, np.random.Generator], Wave]
"""Generates a slur that lasts some seconds; the level of its notes is that of their velocity's timbre only."""
