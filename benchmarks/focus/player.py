"""A player that uses only the playback hints of segments: it overlaps them with equal-power fades."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.focus.session_renders import RenderedSegment, Samples
from engines.port import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Window:
    """The audio around a transition, with start and end of the overlap in seconds.

    ``offset`` is the start of the window in seconds from the start of the first segment.
    """

    audio: Samples
    start: float
    end: float
    offset: float


def start_times(segments: list[RenderedSegment]) -> list[float]:
    """Return the start of each segment in seconds: the end of its predecessor less the overlap."""
    times = [0.0]
    for segment in segments[:-1]:
        times.append(times[-1] + segment.grid.duration_seconds - segment.grid.overlap_ms / 1000.0)
    return times


def total_seconds(segments: list[RenderedSegment]) -> float:
    return start_times(segments)[-1] + len(segments[-1].audio) / SAMPLE_RATE


def fade_progress(frames: int) -> NDArray[np.float64]:
    """Return the progress of a fade for each frame, 0 to 1."""
    return (np.arange(frames) + 0.5) / max(1, frames)


def apply_fades(segment: RenderedSegment) -> Samples:
    """Apply the fades of the playback hints: sine in, cosine out."""
    sound = segment.audio.astype(np.float64)
    hints = (segment.grid.fade_in_ms, segment.grid.fade_out_ms)
    fade_in, fade_out = (round(hint * SAMPLE_RATE / 1000) for hint in hints)
    sound[:fade_in] *= np.sin(np.pi / 2 * fade_progress(fade_in))[:, None]
    sound[len(sound) - fade_out :] *= np.cos(np.pi / 2 * fade_progress(fade_out))[:, None]
    return np.asarray(sound, dtype=np.float32)


def crossfade(one: RenderedSegment, other: RenderedSegment, context_seconds: float = 20.0) -> Window:
    """Return two successive segments with their overlap and ``context_seconds`` on both sides of it."""
    overlap_start = round((one.grid.duration_seconds - one.grid.overlap_ms / 1000.0) * SAMPLE_RATE)
    first = max(0, overlap_start - round(context_seconds * SAMPLE_RATE))
    left, right = apply_fades(one)[first:], apply_fades(other)
    end = len(one.audio) - first
    length = min(end + round(context_seconds * SAMPLE_RATE), overlap_start - first + len(right))
    sound = np.zeros((length, 2), dtype=np.float32)
    sound[: len(left)] += left
    sound[overlap_start - first :] += right[: length - (overlap_start - first)]
    return Window(sound, (overlap_start - first) / SAMPLE_RATE, end / SAMPLE_RATE, first / SAMPLE_RATE)
