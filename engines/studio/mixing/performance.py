"""From the page to the hands: swing, late and loose timing, accents that drift, a tempo that may slow down."""

from dataclasses import dataclass

import numpy as np

from engines.studio.model.composition import Note, PartNotes
from engines.studio.model.style import Part, Style


@dataclass(frozen=True, slots=True)
class NoteEvent:
    """A note as it is played: seconds from the start, MIDI pitch, velocity 0 to 1."""

    start: float
    seconds: float
    pitch: int
    velocity: float

    @property
    def end(self) -> float:
        """When the key is let go."""
        return self.start + self.seconds


class TempoMap:
    """Beats to seconds: a steady tempo that may broaden over the eight beats before ``slows_until``.

    Whatever the broadening, the last beat falls on ``seconds``.
    """

    def __init__(
        self, tempo: float, beats: float, seconds: float, ritard: float = 0.0, slows_until: float = 0.0
    ) -> None:
        marks, times = [0.0], [0.0]
        if ritard and slows_until >= 16:
            for turn in range(9):
                marks.append(slows_until - 8 + turn)
                stretch = 1.0 if turn == 0 else 1.0 + ritard * turn / 8
                times.append(times[-1] + (marks[-1] - marks[-2]) * 60.0 / tempo * stretch)
        self.beats = np.array([*marks, max(beats, marks[-1] + 0.1)])
        self.seconds = np.array([*times, max(seconds, times[-1] + 0.1)])

    def seconds_at(self, beat: float) -> float:
        """The second on which a beat falls."""
        return float(np.interp(beat, self.beats, self.seconds))

    def beat_at(self, second: float) -> float:
        """The beat that falls on a second."""
        return float(np.interp(second, self.seconds, self.beats))


def apply_swing(beat: float, swing: float, grid: float) -> float:
    """A beat, moved so that the second of two ``grid`` lengths falls at ``swing`` of the pair."""
    pair, place = divmod(beat, 2 * grid)
    share = place / (2 * grid)
    moved = share * 2 * swing if share < 0.5 else swing + (share - 0.5) * 2 * (1 - swing)
    return (pair + moved) * 2 * grid


def perform(line: PartNotes, part: Part, style: Style, clock: TempoMap, rng: np.random.Generator) -> list[NoteEvent]:
    """Plays a line, ordered by time. Notes on one beat lean together and then scatter; nothing starts before zero."""
    leaning = np.array([0.0])
    previous = -1.0
    events = []
    mood = 0.0
    for note in sorted(line.notes, key=lambda one: (one.start, one.pitch)):
        if note.start != previous:
            leaning = np.clip(
                rng.normal(0.0, part.timing_jitter_ms, 1), -2.2 * part.timing_jitter_ms, 2.2 * part.timing_jitter_ms
            )
            mood = 0.85 * mood + float(rng.normal(0.0, 0.03))
            previous = note.start
        scatter = float(rng.uniform(-0.25, 0.25)) * part.timing_jitter_ms
        shift = (part.delay_ms + float(leaning[0]) + scatter) / 1000.0
        events.append(_to_event(note, part, style, clock, shift, 1.0 + mood + float(rng.normal(0.0, 0.045))))
    return _cut_at_repeated_pitch(sorted(events, key=lambda event: (event.start, event.pitch)))


def _to_event(note: Note, part: Part, style: Style, clock: TempoMap, shift: float, accent: float) -> NoteEvent:
    swing = style.swing if part.is_swung else 0.5
    begin = clock.seconds_at(apply_swing(note.start, swing, style.swing_grid))
    end = clock.seconds_at(apply_swing(note.start + note.beats, swing, style.swing_grid))
    start = max(0.0, begin + shift)
    velocity = min(1.0, max(0.05, note.velocity * accent))
    return NoteEvent(start, max(0.03, end - begin), note.pitch, velocity)


def _cut_at_repeated_pitch(events: list[NoteEvent]) -> list[NoteEvent]:
    """Ends each note before the same key is struck again."""
    following: dict[int, float] = {}
    kept = []
    for event in reversed(events):
        limit = following.get(event.pitch, np.inf) - 0.005
        if event.start < limit - 0.02:
            seconds = min(event.seconds, limit - event.start)
            kept.append(NoteEvent(event.start, seconds, event.pitch, event.velocity))
            following[event.pitch] = event.start
    return kept[::-1]
