"""When the notes of a segment begin, as its MIDI file says."""

import io
from collections.abc import Iterator
from typing import Final

import mido
import numpy as np
from numpy.typing import NDArray

from benchmarks.focus.session_renders import RenderedSegment

DRUM_CHANNEL: Final = 9
MAX_DEVIATION_SECONDS: Final = 0.04
"""Seconds within which a note is meant for a beat; the closest other place in time is twice as far."""


def _starts(track: mido.MidiTrack, ticks: int, tempo: int) -> Iterator[tuple[int, float]]:
    """Channel and second of every note that begins; the tempo is constant."""
    now = 0
    for message in track:
        now += message.time
        if message.type == "note_on" and message.velocity:
            yield message.channel, float(mido.tick2second(now, ticks, tempo))


def part_onsets(one: RenderedSegment) -> list[tuple[bool, NDArray[np.float64]]]:
    """For each part: whether it is drums, and the seconds on which its notes begin, in order."""
    file = mido.MidiFile(file=io.BytesIO(one.score.midi))
    tempo = next(message.tempo for message in file.tracks[0] if message.type == "set_tempo")
    rows = [list(_starts(track, file.ticks_per_beat, tempo)) for track in file.tracks[1:]]
    return [(row[0][0] == DRUM_CHANNEL, np.unique([second for _, second in row])) for row in rows if row]


def grid_beats(one: RenderedSegment, start: float, end: float) -> NDArray[np.float64]:
    """The beats of a segment's grid from ``start`` up to ``end``, in seconds."""
    length = 60.0 / one.grid.tempo_bpm
    first, last = int(np.ceil(start / length - 1e-6)), int(np.ceil(end / length - 1e-6))
    return np.asarray(one.grid.first_downbeat_ms / 1000.0 + length * np.arange(first, last), dtype=np.float64)


def beat_deviations(
    one: RenderedSegment, start: float, end: float, *, drums_only: bool = False
) -> list[tuple[float, float]]:
    """For each beat that a part plays: the beat, and how late its first note is; both in seconds."""
    found = []
    for is_drums, times in part_onsets(one):
        if is_drums or not drums_only:
            for beat in grid_beats(one, start, end):
                near = times[np.abs(times - beat) < MAX_DEVIATION_SECONDS]
                if len(near):
                    found.append((float(beat), float(near[0] - beat)))
    return found
