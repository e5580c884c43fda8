"""Chains of short segments for the tests of this room, planned one after the other as in a session."""

from core.focus import Goal, Intensity
from engines.focus_port import Controls, Segment
from engines.studio.arranging import arrangement, segment_form
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.arranging.segment_form import SegmentForm
from engines.studio.focus import crossfades, segments
from engines.studio.focus.planner import plan_segment

FOCUS = Controls(Goal.FOCUS, divergence=0.3)
STEERED = Controls(Goal.FOCUS, Intensity.HIGH, 0.3, "techno with piano")
CONTROLS = [FOCUS, FOCUS, STEERED]
STRIDE = 18.0


def plan_segments(controls: list[Controls], seed: int = 7) -> list[Segment]:
    """Short segments, the last of which ends."""
    made: list[Segment] = []
    for index, wanted in enumerate(controls):
        last = made[-1] if made else None
        ends = index == len(controls) - 1
        before, controls_before = (last.grid, last.controls) if last else (None, None)
        grid = plan_segment(wanted, seed, index, STRIDE, before, is_last=ends)
        made.append(Segment(index, seed, wanted, grid, before, controls_before, ends))
    return made


def compose_segment(segment: Segment) -> tuple[Arrangement, SegmentForm]:
    meant = segments.interpret_segment(segment)
    laid = segment_form.build_segment_form(segment, meant.effective.style)
    piece = arrangement.compose(meant.effective, segment.grid.duration_seconds, meant.seed, laid)
    return crossfades.apply_handover(piece, laid), laid
