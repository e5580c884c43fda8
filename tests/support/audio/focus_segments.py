"""Sequences of short focus segments, planned one after the other as in a session."""

from core.focus import Goal, Intensity
from engines.focus_port import FocusControls, Segment
from engines.studio.arranging import arrangement, segment_form
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.arranging.segment_form import SegmentForm
from engines.studio.focus import crossfades, segments
from engines.studio.focus.planner import plan_segment

FOCUS = FocusControls(Goal.FOCUS, divergence=0.3)
STEERED = FocusControls(Goal.FOCUS, Intensity.HIGH, 0.3, "techno with piano")
CONTROLS = [FOCUS, FOCUS, STEERED]
STRIDE = 18.0


def plan_segments(controls: list[FocusControls], seed: int = 3) -> list[Segment]:
    """Plan short segments, one for each set of controls; the last ends the session."""
    planned: list[Segment] = []
    for index, current in enumerate(controls):
        last = planned[-1] if planned else None
        ends = index == len(controls) - 1
        before, controls_before = (last.grid, last.controls) if last else (None, None)
        seconds = STRIDE * len(controls)
        grid = plan_segment(current, seed, index, STRIDE, before, session_seconds=seconds, is_last=ends)
        planned.append(Segment(index, seed, current, grid, before, controls_before, ends))
    return planned


def compose_segment(segment: Segment) -> tuple[Arrangement, SegmentForm]:
    interpretation = segments.interpret_segment(segment)
    form = segment_form.build_segment_form(segment, interpretation.effective.style)
    piece = arrangement.compose(interpretation.effective, segment.grid.duration_seconds, interpretation.seed, form)
    return crossfades.apply_handover(piece, form), form
