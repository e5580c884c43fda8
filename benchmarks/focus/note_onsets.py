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


def _tempo_map(file: mido.MidiFile) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ticks of the tempo changes and of a late end, and their times in seconds."""
    ticks, seconds, tick, tempo = [0], [0.0], 0, 500_000
    for message in (*file.tracks[0], mido.MetaMessage("end_of_track", time=1 << 24)):
        tick += message.time
        if message.type in {"set_tempo", "end_of_track"}:
            seconds.append(seconds[-1] + mido.tick2second(tick - ticks[-1], file.ticks_per_beat, tempo))
            ticks.append(tick)
            tempo = message.tempo if message.type == "set_tempo" else tempo
    return np.array(ticks, dtype=np.float64), np.array(seconds)


def _starts(track: mido.MidiTrack) -> Iterator[tuple[int, int]]:
    """Yield channel and tick of every note."""
    tick = 0
    for message in track:
        tick += message.time
        if message.type == "note_on" and message.velocity:
            yield message.channel, tick


def part_onsets(segment: RenderedSegment) -> list[tuple[bool, NDArray[np.float64]]]:
    """Return for each part whether it is drums, and its onsets in seconds, in order."""
    file = mido.MidiFile(file=io.BytesIO(segment.score.midi))
    marks, seconds = _tempo_map(file)
    parts = [list(_starts(track)) for track in file.tracks[1:]]
    return [
        (part[0][0] == DRUM_CHANNEL, np.unique(np.interp([tick for _, tick in part], marks, seconds)))
        for part in parts
        if part
    ]


def grid_beats(segment: RenderedSegment, start: float, end: float) -> NDArray[np.float64]:
    """Return the beats of a segment's grid from ``start`` to ``end``, in seconds.

    Those before its first downbeat are in the tempo of the segment before it.
    """
    downbeat = segment.grid.first_downbeat_ms / 1000.0
    before = segment.segment.before
    lead = np.arange(0.0, downbeat - 1e-3, 60.0 / before.tempo_bpm) if before and downbeat else np.zeros(0)
    length = 60.0 / segment.grid.tempo_bpm
    beats = np.concatenate([lead, np.arange(downbeat, end, length)])
    return np.asarray(beats[(beats >= start - 1e-6) & (beats < end - 1e-6)], dtype=np.float64)


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
