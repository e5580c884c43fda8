"""Fit a file of a peer to its focus session: cut it to length on the beat, and set its level.

The crossfade itself is that of all sessions: the sine and cosine of one angle, by players and in the stream. Its
middle, where both segments are equally loud, is a beat of both if the analysis finds one in both.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engines.focus_port import BeatGrid, Segment
from engines.port import SAMPLE_RATE, Audio, Samples, SpooledAudio
from engines.remote import measurements
from engines.remote.focus.planner import MIN_SOLO_SECONDS
from engines.remote.measurements import Measurements
from engines.studio.analysis import beats, tempo_and_key

LEVEL_WINDOW_SECONDS: Final = 0.4
QUIETEST_EDGE_DB: Final = -20.0
"""Level against the mean of the file below which its start and end are cut off: no crossfade leads to silence."""
SILENCE_POWER: Final = 1e-8
"""Mean power of a file that counts as silent, -80 dBFS."""
MAX_PEAK_DBTP: Final = -4.0
"""Highest true peak of a segment: two at equal power stay below -1 dBTP."""
ENDING_FADE_SECONDS: Final = 4.0
"""Fade at the end of a session whose last segment had to be cut."""
ENDING_TOLERANCE_SECONDS: Final = 0.5

Heartbeat = Callable[[], None]


class UnfitError(Exception):
    """A file cannot be a segment of its session; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of audio, at a gain; see ``engines.port.Audio``. ``fade_frames`` are faded out at its end."""

    audio: SpooledAudio
    first: int
    frames: int
    gain: float = 1.0
    fade_frames: int = 0

    def blocks(self, size: int = 65_536) -> Iterator[Samples]:
        position = 0
        with self.audio.path.open("rb") as file:
            file.seek(self.first * 8)
            while position < self.frames:
                raw = file.read(min(size, self.frames - position) * 8)
                block = np.frombuffer(raw, dtype="<f4").reshape(-1, 2)
                yield block * self._gains(position, len(block))
                position += len(block)

    def _gains(self, position: int, count: int) -> Samples:
        left = self.frames - position - np.arange(count)
        share = np.clip(left / self.fade_frames, 0.0, 1.0) if self.fade_frames else np.ones(count)
        return (self.gain * share).astype(np.float32)[:, None]


@dataclass(frozen=True, slots=True)
class FittedSegment:
    """The audio of a segment with its final grid. ``measured`` describes this audio, ``notes`` are for the user."""

    audio: Audio
    segment: Segment
    measured: Measurements
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Beats:
    """The tempo of a segment and one of its beats near each end, in seconds of the file."""

    tempo_bpm: float
    head: float
    tail: float

    @property
    def period(self) -> float:
        return 60.0 / self.tempo_bpm


def fit(audio: SpooledAudio, segment: Segment, heartbeat: Heartbeat) -> FittedSegment:
    """Return the part of a file that becomes a segment, and the grid that the next segment is planned from.

    Raises UnfitError if the file is silent or too short for its overlaps.
    """
    first, end = _sounding(audio, keeps_end=segment.is_last)
    whole = Excerpt(audio, first, end - first)
    measured = measurements.measure(whole, segment.grid.tempo_bpm, heartbeat)
    found = _find_beats(whole, measured, segment.grid, heartbeat)
    begin = _begin(found, segment.before)
    seconds = _length(whole.frames / SAMPLE_RATE - begin, begin, found, segment)
    gain_db = min(segment.grid.target_lufs - measured.loudness_lufs, MAX_PEAK_DBTP - measured.true_peak_dbtp)
    cut = Excerpt(audio, first + round(begin * SAMPLE_RATE), round(seconds * SAMPLE_RATE), 10 ** (gain_db / 20))
    if segment.is_last and first + whole.frames - cut.first - cut.frames > ENDING_TOLERANCE_SECONDS * SAMPLE_RATE:
        cut = replace(cut, fade_frames=min(round(ENDING_FADE_SECONDS * SAMPLE_RATE), cut.frames))
    fitted = replace(segment, grid=_grid(segment.grid, cut, measured, found, begin))
    measured = replace(
        measured,
        duration_seconds=round(cut.frames / SAMPLE_RATE, 3),
        loudness_lufs=round(measured.loudness_lufs + gain_db, 2),
        true_peak_dbtp=round(measured.true_peak_dbtp + gain_db, 2),
    )
    return FittedSegment(cut, fitted, measured, _notes(audio, cut, fitted))


def _sounding(audio: SpooledAudio, *, keeps_end: bool) -> tuple[int, int]:
    """Return the first frame and the end of what is not much quieter than the rest. Raises UnfitError."""
    size = round(LEVEL_WINDOW_SECONDS * SAMPLE_RATE)
    powers = np.array([float(np.square(block).mean()) for block in audio.blocks(size)])
    if not len(powers) or powers.mean() < SILENCE_POWER:
        raise UnfitError("The engine delivered silence.")
    loud = np.flatnonzero(powers >= powers.mean() * 10 ** (QUIETEST_EDGE_DB / 10))
    end = audio.frames if keeps_end else min((int(loud[-1]) + 1) * size, audio.frames)
    return int(loud[0]) * size, end


def _find_beats(audio: Audio, measured: Measurements, plan: BeatGrid, heartbeat: Heartbeat) -> _Beats | None:
    """Return the beats near the middles of both overlaps; None if the music has no steady beat at one of them."""
    tempo = measured.tempo_bpm
    if tempo is None:
        return None
    sound = tempo_and_key.to_reduced_mono(audio, heartbeat)
    heard_seconds = min(audio.frames / SAMPLE_RATE, plan.duration_seconds)
    head = beats.locate_beat(sound, tempo, plan.fade_in_ms / 2000.0, heartbeat)
    # an ending may slow down or have no beat, and nothing is joined to it
    tail = head if plan.overlap_ms == 0 else beats.locate_beat(sound, tempo, heard_seconds - plan.overlap_ms / 2000.0)
    return None if head is None or tail is None else _Beats(tempo, head, tail)


def _begin(found: _Beats | None, before: BeatGrid | None) -> float:
    """Return where the segment begins: such that the middle of its first overlap is on a beat."""
    if found is None or before is None:
        return 0.0
    return (found.head - before.overlap_ms / 2000.0) % found.period


def _length(available: float, begin: float, found: _Beats | None, segment: Segment) -> float:
    """Return the length of the segment: as planned if the file is long enough, with its last overlap on the beat."""
    plan = segment.grid
    seconds, half = min(plan.duration_seconds, available), plan.overlap_ms / 2000.0
    if found is not None and not segment.is_last:
        tail = found.tail - begin
        seconds = tail + found.period * ((seconds - half - tail) // found.period) + half
    needed = (plan.fade_in_ms + plan.overlap_ms) / 1000.0 + MIN_SOLO_SECONDS
    if seconds < needed - found.period if found else seconds < needed:
        raise UnfitError(f"The engine delivered {available:.1f} s of music, and the segment needs {needed:.1f} s.")
    return seconds


def _grid(plan: BeatGrid, cut: Excerpt, measured: Measurements, found: _Beats | None, begin: float) -> BeatGrid:
    seconds = cut.frames / SAMPLE_RATE
    tempo = found.tempo_bpm if found else plan.tempo_bpm
    return replace(
        plan,
        tempo_bpm=tempo,
        first_downbeat_ms=round(1000.0 * ((found.head - begin) % found.period), 1) if found else 0.0,
        bars=int(seconds * tempo / 240.0),
        key=measured.key or plan.key,
        duration_seconds=seconds,
        drift_seconds=plan.drift_seconds + seconds - plan.duration_seconds,
        is_beat_known=found is not None,
    )


def _notes(audio: SpooledAudio, cut: Excerpt, fitted: Segment) -> tuple[str, ...]:
    delivered, used, before = audio.frames / SAMPLE_RATE, cut.frames / SAMPLE_RATE, fitted.before
    notes = [f"The focus session uses {used:.1f} s of the {delivered:.1f} s that the engine delivered."]
    if before is not None:
        is_aligned = fitted.grid.is_beat_known and before.is_beat_known
        notes.append(
            "It is joined to the segment before on a beat of both."
            if is_aligned
            else "It is joined to the segment before without regard to beats: one of them has no steady beat."
        )
    return tuple(notes)
