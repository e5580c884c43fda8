"""Sessions as in the product: each segment is planned from the previous one and rendered separately."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from core import focus
from engines.focus_port import BeatGrid, FocusControls, Segment
from engines.port import RenderRequest, RenderResult, Score
from engines.registry import EngineRegistry

Samples = NDArray[np.float32]
"""Shape (frames, 2)."""


class NullMonitor:
    def report(self, stage: str, fraction: float) -> None:
        """Discard the report."""


@dataclass(frozen=True, slots=True)
class RenderedSegment:
    segment: Segment
    audio: Samples
    score: Score
    style: str
    loudness_lufs: float

    @property
    def grid(self) -> BeatGrid:
        return self.segment.grid


def plan_segments(
    controls: FocusControls, seed: int, minutes: int, steered: Mapping[int, FocusControls] | None = None
) -> Iterator[Segment]:
    """Yield all segments of a session; ``steered`` maps segment indexes to new controls from there on."""
    plan = EngineRegistry().segment_planner("studio")
    total = focus.total_segments(minutes)
    previous: Segment | None = None
    for index in range(total):
        controls = (steered or {}).get(index, controls)
        is_last = index == total - 1
        previous_grid = previous.grid if previous else None
        grid = plan(
            controls,
            seed,
            index,
            focus.stride_seconds(minutes, index),
            previous_grid,
            session_seconds=60.0 * minutes,
            is_last=is_last,
        )
        previous_controls = previous.controls if previous else None
        previous = Segment(index, seed, controls, grid, previous_grid, previous_controls, is_last)
        yield previous


def render_to_workspace(segment: Segment, workspace: Path) -> RenderResult:
    """Render a segment as a worker does; the result refers to files in ``workspace``."""
    request = RenderRequest("", segment.grid.duration_seconds, segment.session_seed, segment=segment)
    return EngineRegistry().load("studio").render(request, workspace, NullMonitor())


def render_segment(segment: Segment) -> RenderedSegment:
    with TemporaryDirectory() as folder:
        result = render_to_workspace(segment, Path(folder))
        sound = np.concatenate(list(result.master.blocks()))
    return RenderedSegment(segment, sound, result.score, result.facts.style, result.facts.loudness_lufs)
