"""A player that knows nothing but the hints of the segments: it lays one over the other and fades at equal power."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.focus.session_renders import RenderedSegment, Samples
from engines.port import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Window:
    """The sound around a join; ``start`` and ``end`` of the overlap in seconds from the window's first sample.

    ``origin`` is how many seconds into the first segment the window begins.
    """

    audio: Samples
    start: float
    end: float
    offset: float


def start_times(segments: list[RenderedSegment]) -> list[float]:
    """When each segment starts, in seconds: its predecessor's end, less the overlap."""
    times = [0.0]
    for one in segments[:-1]:
        times.append(times[-1] + one.grid.duration_seconds - one.grid.overlap_ms / 1000.0)
    return times


def total_seconds(segments: list[RenderedSegment]) -> float:
    """How long it plays."""
    return start_times(segments)[-1] + len(segments[-1].audio) / SAMPLE_RATE


def fade_progress(frames: int) -> NDArray[np.float64]:
    """How far a fade has gone, 0 to 1."""
    return (np.arange(frames) + 0.5) / max(1, frames)


def apply_fades(one: RenderedSegment) -> Samples:
    """A segment with the fades that its hints ask for: sine in, cosine out."""
    sound = one.audio.astype(np.float64)
    rise, fall = (round(hint * SAMPLE_RATE / 1000) for hint in (one.grid.fade_in_ms, one.grid.fade_out_ms))
    sound[:rise] *= np.sin(np.pi / 2 * fade_progress(rise))[:, None]
    sound[len(sound) - fall :] *= np.cos(np.pi / 2 * fade_progress(fall))[:, None]
    return np.asarray(sound, dtype=np.float32)


def crossfade(one: RenderedSegment, other: RenderedSegment, around: float = 20.0) -> Window:
    """Two segments, one after the other, and ``around`` seconds on both sides of their overlap."""
    begins = round((one.grid.duration_seconds - one.grid.overlap_ms / 1000.0) * SAMPLE_RATE)
    first = max(0, begins - round(around * SAMPLE_RATE))
    left, right = apply_fades(one)[first:], apply_fades(other)
    end = len(one.audio) - first
    length = min(end + round(around * SAMPLE_RATE), begins - first + len(right))
    sound = np.zeros((length, 2), dtype=np.float32)
    sound[: len(left)] += left
    sound[begins - first :] += right[: length - (begins - first)]
    return Window(sound, (begins - first) / SAMPLE_RATE, end / SAMPLE_RATE, first / SAMPLE_RATE)
