"""Expressive performance of the written notes: swing, timing deviations, drifting accents and ritardando."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engines.studio.model.composition import Note
from engines.studio.model.style import Part, Style

DRUMS: Final = (frozenset({35, 36}), frozenset({38, 40}), frozenset({42, 44, 46}), frozenset({49, 57}))
"""General MIDI keys of the same drum: bass drum, snare, hi-hat, crash cymbal."""
DOUBLING_SECONDS: Final = 0.045
"""Largest distance of two strokes that double each other."""


@dataclass(frozen=True, slots=True)
class NoteEvent:
    """A performed note: start and duration in seconds, MIDI pitch, velocity 0 to 1."""

    start: float
    seconds: float
    pitch: int
    velocity: float

    @property
    def end(self) -> float:
        return self.start + self.seconds


class TempoMap:
    """Conversion between beats and seconds: a constant tempo with an optional ritardando.

    The ritardando spans the eight beats before ``ritardando_end``. The last beat always falls on ``seconds``.
    ``lead`` is the beat and the second at which the tempo begins, after one that leads there.
    ``ritardando_start`` is the beat at which the ritardando begins, None without one.
    """

    def __init__(
        self,
        tempo: float,
        beats: float,
        seconds: float,
        ritardando: float = 0.0,
        ritardando_end: float = 0.0,
        lead: tuple[float, float] | None = None,
    ) -> None:
        marks, times = ([0.0, lead[0]], [0.0, lead[1]]) if lead and lead[0] else ([0.0], [0.0])
        self.ritardando_start = ritardando_end - 8 if ritardando and ritardando_end >= 16 else None
        if self.ritardando_start is not None:
            for beat in range(9):
                marks.append(self.ritardando_start + beat)
                stretch = 1.0 if beat == 0 else 1.0 + ritardando * beat / 8
                times.append(times[-1] + (marks[-1] - marks[-2]) * 60.0 / tempo * stretch)
        self._beats = [float(mark) for mark in (*marks, max(beats, marks[-1] + 0.1))]
        self._seconds = [float(time) for time in (*times, max(seconds, times[-1] + 0.1))]
        self.beats, self.seconds = np.array(self._beats), np.array(self._seconds)

    def seconds_at(self, beat: float) -> float:
        return _interpolate(float(beat), self._beats, self._seconds)

    def beat_at(self, second: float) -> float:
        return _interpolate(float(second), self._seconds, self._beats)


def _interpolate(position: float, positions: list[float], values: list[float]) -> float:
    """Return what np.interp returns, which takes three times as long for a single position."""
    if position <= positions[0]:
        return values[0]
    if position >= positions[-1]:
        return values[-1]
    left = bisect_right(positions, position) - 1
    slope = (values[left + 1] - values[left]) / (positions[left + 1] - positions[left])
    return slope * (position - positions[left]) + values[left]


def apply_swing(beat: float, swing: float, grid: float) -> float:
    """Return the beat with swing: the second of two ``grid`` lengths starts at the share ``swing`` of the pair."""
    pair, offset = divmod(beat, 2 * grid)
    share = offset / (2 * grid)
    swung = share * 2 * swing if share < 0.5 else swing + (share - 0.5) * 2 * (1 - swing)
    return (pair + swung) * 2 * grid


def perform(
    notes: Sequence[Note], part: Part, style: Style, tempo_map: TempoMap, rng: np.random.Generator
) -> list[NoteEvent]:
    """Return the performed notes of a part, ordered by time.

    Notes that start together share a timing deviation and have a smaller one of their own; no note starts before 0.
    """
    jitter, previous, deviation, accent_drift = part.timing_jitter_ms, -1.0, 0.0, 0.0
    events = []
    for note in sorted(notes, key=lambda note: (note.start, note.pitch)):
        if note.start != previous:
            deviation = min(2.2 * jitter, max(-2.2 * jitter, float(rng.normal(0.0, jitter))))
            accent_drift = 0.85 * accent_drift + float(rng.normal(0.0, 0.03))
            previous = note.start
        shift = (part.delay_ms + deviation + float(rng.uniform(-0.25, 0.25)) * jitter) / 1000.0
        accent = 1.0 + accent_drift + float(rng.normal(0.0, 0.045))
        events.append(_to_event(note, part, style, tempo_map, shift, accent))
    return _cut_at_repeated_pitch(sorted(events, key=lambda event: (event.start, event.pitch)))


def without_doubled_strokes(kits: Sequence[Sequence[NoteEvent]]) -> list[list[NoteEvent]]:
    """Remove the strokes of each kit that an earlier one plays at the same time on the same drum."""
    played: dict[int, list[float]] = {}
    result = []
    for events in kits:
        kept = [event for event in events if not _is_near(event.start, played.get(_drum_of(event.pitch), []))]
        for event in kept:
            played.setdefault(_drum_of(event.pitch), []).append(event.start)
        for starts in played.values():
            starts.sort()
        result.append(kept)
    return result


def _drum_of(pitch: int) -> int:
    """Return the General MIDI key that stands for all strokes on a drum."""
    return next((min(drum) for drum in DRUMS if pitch in drum), pitch)


def _is_near(start: float, starts: list[float]) -> bool:
    place = bisect_left(starts, start - DOUBLING_SECONDS)
    return place < len(starts) and starts[place] <= start + DOUBLING_SECONDS


def _to_event(note: Note, part: Part, style: Style, tempo_map: TempoMap, shift: float, accent: float) -> NoteEvent:
    swing = style.swing if part.is_swung else 0.5
    begin = tempo_map.seconds_at(apply_swing(note.start, swing, style.swing_grid))
    end = tempo_map.seconds_at(apply_swing(note.start + note.beats, swing, style.swing_grid))
    start = max(0.0, begin + shift)
    velocity = min(1.0, max(0.05, note.velocity * accent))
    return NoteEvent(start, max(0.03, end - begin), note.pitch, velocity)


def _cut_at_repeated_pitch(events: list[NoteEvent]) -> list[NoteEvent]:
    """End each note before the next one of the same pitch starts; drop it if less than 20 ms would remain."""
    next_starts: dict[int, float] = {}
    result = []
    for event in reversed(events):
        limit = next_starts.get(event.pitch, np.inf) - 0.005
        if event.start < limit - 0.02:
            result.append(replace(event, seconds=min(event.seconds, limit - event.start)))
            next_starts[event.pitch] = event.start
    return result[::-1]
