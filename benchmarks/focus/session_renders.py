"""A session as the product makes it: every segment planned after the one before, and rendered on its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from core import focus
from engines.focus_port import BeatGrid, Controls, Segment
from engines.port import RenderRequest, RenderResult, Score
from engines.registry import EngineRegistry

Samples = NDArray[np.float32]
"""Shape (frames, 2)."""


class NullMonitor:
    """A monitor that nobody reads."""

    def report(self, stage: str, fraction: float) -> None:
        """See Monitor."""


@dataclass(frozen=True, slots=True)
class RenderedSegment:
    """A segment that was rendered."""

    segment: Segment
    audio: Samples
    score: Score
    style: str
    loudness_lufs: float

    @property
    def grid(self) -> BeatGrid:
        """Where its beats lie and how it is joined."""
        return self.segment.grid


def plan_segments(
    controls: Controls, seed: int, minutes: int, steered: Mapping[int, Controls] | None = None
) -> Iterator[Segment]:
    """All segments of a session; ``steered`` gives the controls that hold from a segment on."""
    plan = EngineRegistry().segment_planner("studio")
    total = focus.total_segments(minutes)
    before: Segment | None = None
    for index in range(total):
        controls = (steered or {}).get(index, controls)
        is_last = index == total - 1
        earlier = before.grid if before else None
        grid = plan(controls, seed, index, focus.stride_seconds(minutes, index), earlier, is_last=is_last)
        before = Segment(index, seed, controls, grid, earlier, before.controls if before else None, is_last)
        yield before


def render_to_workspace(segment: Segment, workspace: Path) -> RenderResult:
    """A segment as a worker asks the engine for it."""
    request = RenderRequest("", segment.grid.duration_seconds, segment.session_seed, segment=segment)
    return EngineRegistry().load("studio").render(request, workspace, NullMonitor())


def render_segment(segment: Segment) -> RenderedSegment:
    """A segment and its sound."""
    with TemporaryDirectory() as folder:
        made = render_to_workspace(segment, Path(folder))
        sound = np.concatenate(list(made.master.blocks()))
    return RenderedSegment(segment, sound, made.score, made.facts.style, made.facts.loudness_lufs)
