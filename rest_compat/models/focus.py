"""Response models of focus sessions."""

from collections.abc import Mapping
from typing import Annotated, cast

from typing_extensions import TypedDict

from core import clock
from core.focus import MAX_MINUTES, Goal, SessionStatus
from resolvers.focus.snapshots import ReadySegment, Snapshot
from rest_compat.models import fields
from rest_compat.models.fields import doc
from rest_compat.models.tracks import LibraryEntry


class FocusSegment(TypedDict):
    """A segment that is ready to play."""

    segment_index: Annotated[int, doc("Position in the session, counted from 0.", 0, ge=0)]
    playback_url: fields.PlaybackUrl
    measured_duration_seconds: Annotated[
        fields.Seconds, doc("Measured duration in seconds, including the fade-out.", 45.3)
    ]
    target_lufs: Annotated[float, doc("Target loudness in LUFS.", -16.0)]
    fade_in_ms: Annotated[int, doc("Fade-in that the player applies, in milliseconds.", 0, ge=0)]
    fade_out_ms: Annotated[int, doc("Fade-out that the player applies, in milliseconds.", 6000, ge=0)]


@fields.rules(
    fields.rule(
        "status",
        SessionStatus.ACTIVE,
        {"more_pending": {"const": True}},
        {"more_pending": {"const": False}, "next_ready_at": fields.NULL},
    )
)
class FocusSession(TypedDict):
    """A focus session."""

    session_id: fields.FocusSessionId
    status: Annotated[SessionStatus, doc("Status. Segments are added to `active` sessions only.")]
    goal: Annotated[Goal, doc("Purpose of the music.")]
    engine: Annotated[fields.Text, doc("Key of the engine that renders the segments.", "studio")]
    target_minutes: Annotated[int, doc("Planned duration in minutes.", 60, ge=1, le=MAX_MINUTES)]
    total_segments: Annotated[int, doc("Planned number of segments.", 30, ge=1)]
    ready_count: Annotated[int, doc("Number of segments that are ready.", 1, ge=0)]
    segments: Annotated[list[FocusSegment], doc("The segments that are ready, in order.")]
    more_pending: Annotated[bool, doc("Whether more segments will follow.", True)]
    next_ready_at: Annotated[fields.Timestamp | None, doc("Estimated time of the next segment, or null if unknown.")]


class FocusLibraryEntry(LibraryEntry):
    """The track of a segment in your library."""


def focus_session(snapshot: Snapshot, urls: Mapping[str, str] | None) -> FocusSession:
    """Build a session; ``urls`` are playback URLs by track id, None for a session without segments."""
    row, next_ready_at = snapshot.row, snapshot.next_ready_at
    return {
        "session_id": row.id,
        "status": row.status,
        "goal": row.goal,
        "engine": row.engine,
        "target_minutes": row.target_minutes,
        "total_segments": snapshot.total_segments,
        "ready_count": len(snapshot.ready),
        "segments": [] if urls is None else [_segment(segment, urls) for segment in snapshot.ready],
        "more_pending": snapshot.has_pending_segments,
        "next_ready_at": clock.iso(next_ready_at) if next_ready_at else None,
    }


def _segment(segment: ReadySegment, urls: Mapping[str, str]) -> FocusSegment:
    grid = segment.plan.grid
    return {
        "segment_index": segment.plan.index,
        # a ready segment has a master, whose duration was measured
        "playback_url": cast("str", urls.get(segment.track.id)),
        "measured_duration_seconds": cast("float", segment.track.measured_duration_seconds),
        "target_lufs": grid.target_lufs,
        "fade_in_ms": grid.fade_in_ms,
        "fade_out_ms": grid.fade_out_ms,
    }
