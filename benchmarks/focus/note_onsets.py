"""Note onsets of a segment, from its MIDI file."""

import io
from collections.abc import Iterator
from typing import Final

import mido
import numpy as np
from numpy.typing import NDArray

from benchmarks.focus.session_renders import RenderedSegment

DRUM_CHANNEL: Final = 9
MAX_DEVIATION_SECONDS: Final = 0.04
"""Largest distance of a note from its beat; other positions of the grid are at least twice as far."""


def _starts(track: mido.MidiTrack, ticks: int, tempo: int) -> Iterator[tuple[int, float]]:
    """Yield channel and time in seconds of every note; the tempo is constant."""
    tick = 0
    for message in track:
        tick += message.time
        if message.type == "note_on" and message.velocity:
            yield message.channel, float(mido.tick2second(tick, ticks, tempo))


def part_onsets(segment: RenderedSegment) -> list[tuple[bool, NDArray[np.float64]]]:
    """Return for each part whether it is drums, and its onsets in seconds, in order."""
    file = mido.MidiFile(file=io.BytesIO(segment.score.midi))
    tempo = next(message.tempo for message in file.tracks[0] if message.type == "set_tempo")
    parts = [list(_starts(track, file.ticks_per_beat, tempo)) for track in file.tracks[1:]]
    return [(part[0][0] == DRUM_CHANNEL, np.unique([second for _, second in part])) for part in parts if part]


def grid_beats(segment: RenderedSegment, start: float, end: float) -> NDArray[np.float64]:
    """Return the beats of a segment's grid from ``start`` to ``end``, in seconds."""
    length = 60.0 / segment.grid.tempo_bpm
    first, last = int(np.ceil(start / length - 1e-6)), int(np.ceil(end / length - 1e-6))
    return np.asarray(segment.grid.first_downbeat_ms / 1000.0 + length * np.arange(first, last), dtype=np.float64)


def beat_deviations(
    segment: RenderedSegment, start: float, end: float, *, drums_only: bool = False
) -> list[tuple[float, float]]:
    """Return each beat that a part plays, and the delay of its first note, both in seconds."""
    deviations = []
    for is_drums, times in part_onsets(segment):
        if is_drums or not drums_only:
            for beat in grid_beats(segment, start, end):
                near = times[np.abs(times - beat) < MAX_DEVIATION_SECONDS]
                if len(near):
                    deviations.append((float(beat), float(near[0] - beat)))
    return deviations
