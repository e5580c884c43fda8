"""Operations on focus sessions, with their response models."""

from collections.abc import Mapping
from typing import Annotated, Final

from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from core.focus import MAX_MINUTES, Goal, SessionStatus
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.focus import promotions, sessions
from resolvers.focus.commands import PromoteFocusSegment, StartFocusSession
from resolvers.focus.snapshots import ReadySegment, Snapshot
from resolvers.library import track_urls
from rest_compat import fields
from rest_compat.fields import NULL, Schema, Seconds, doc, from_row
from rest_compat.operations import Body, Operation, Result, Tag
from rest_compat.responses import JsonResponse
from rest_compat.tracks import LibraryEntry

TAG: Final = Tag(
    "Focus sessions",
    "A focus session plays music for as long as you like, in segments that cross-fade into one another.",
)

_NOT_ACTIVE: Final[Mapping[str, Schema]] = {"more_pending": {"const": False}, "next_ready_at": NULL}


class FocusSegment(TypedDict):
    """A segment that is ready to play."""

    segment_index: Annotated[int, doc("Position in the session, counted from 0.", 0, ge=0)]
    playback_url: fields.PlaybackUrl
    measured_duration_seconds: Annotated[Seconds, doc("Measured duration in seconds, including the fade-out.", 45.3)]
    target_lufs: Annotated[float, doc("Target loudness in LUFS.", -16.0)]
    fade_in_ms: Annotated[int, doc("Fade-in that the player applies, in milliseconds.", 0, ge=0)]
    fade_out_ms: Annotated[int, doc("Fade-out that the player applies, in milliseconds.", 6000, ge=0)]


@fields.rules(fields.rule("status", SessionStatus.ACTIVE, {"more_pending": {"const": True}}, _NOT_ACTIVE))
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
    return from_row(
        FocusSession,
        snapshot.row,
        session_id=snapshot.row.id,
        total_segments=snapshot.total_segments,
        ready_count=len(snapshot.ready),
        segments=[] if urls is None else [_segment(segment, urls) for segment in snapshot.ready],
        more_pending=snapshot.has_pending_segments,
        next_ready_at=snapshot.next_ready_at,
    )


def _segment(segment: ReadySegment, urls: Mapping[str, str]) -> FocusSegment:
    return from_row(
        FocusSegment,
        segment.plan.grid,
        segment_index=segment.plan.index,
        playback_url=urls.get(segment.track.id),
        measured_duration_seconds=segment.track.measured_duration_seconds,
    )


_NEW: Final = {"ready_count": 0, "segments": []}
_ENDED: Final = {"status": "ended", "ready_count": 1, "segments": [], "more_pending": False, "next_ready_at": None}


@Operation(
    "start-focus-session",
    "POST focus/sessions",
    "Mutation.startFocusSession",
    [Result(FocusSession, 202, "The new session, or the earlier one with the same idempotency key.", _NEW)],
    body=Body(StartFocusSession, "Goal and length of the session.", {"goal": "focus", "target_minutes": 60}),
    errors={
        "CONFLICT": "The idempotency key was used for another request.",
        "SPEND_CAP_EXCEEDED": "The first segment would exceed the organization's spend cap.",
        "VALIDATION_ERROR": "Values are invalid, or policy refuses the prompt; `details.errors` lists every problem.",
    },
    is_idempotent=True,
)
async def start(
    ctx: Context, organization_id: str, command: Unvalidated[StartFocusSession], request: Request
) -> Response:
    """Start a focus session.

    Returns immediately while the first segment is rendered. Segments are rendered shortly before the listener needs
    them: retrieve the session regularly to get new ones. A session that is not retrieved pauses until it is.
    """
    key = request.headers.get("idempotency-key")
    snapshot, is_replay = await sessions.start(ctx, organization_id, command, key)
    headers = {"Idempotency-Replayed": "true"} if is_replay else {}
    return JsonResponse(await _session(ctx, snapshot), 202, headers)


@Operation("get-focus-session", "GET focus/sessions/{session_id}", "Organization.focusSession")
async def get(ctx: Context, organization_id: str, session_id: str) -> FocusSession:
    """Retrieve a focus session.

    Returns one of your own sessions, with new playback URLs.
    """
    return await _session(ctx, await sessions.poll_or_raise(ctx, session_id, organization_id))


@Operation(
    "end-focus-session",
    "POST focus/sessions/{session_id}/end",
    "Mutation.endFocusSession",
    [Result(FocusSession, example=_ENDED)],
)
async def end(ctx: Context, organization_id: str, session_id: str) -> FocusSession:
    """End a focus session.

    No further segments are rendered; segments that are ready remain available. Ending a session again has no effect.
    """
    return focus_session(await sessions.end(ctx, session_id, organization_id), None)


@Operation(
    "promote-focus-segment",
    "POST focus/sessions/{session_id}/segments/{segment_index}/promote",
    "Mutation.promoteFocusSegment",
    [Result(FocusLibraryEntry, 201, "The new library entry."), Result(FocusLibraryEntry)],
    body=Body(PromoteFocusSegment, "Title of the track.", {"title": "Night Desk"}, is_required=False),
    errors={"CONFLICT": "The segment is not ready."},
)
async def promote(
    ctx: Context, organization_id: str, session_id: str, segment_index: str, command: Unvalidated[PromoteFocusSegment]
) -> Response:
    """Save a segment.

    Adds the track of a ready segment to your library, optionally under a new title. The segment is not rendered again.
    """
    promoted = await promotions.promote(ctx, session_id, segment_index, command, organization_id)
    entry = from_row(FocusLibraryEntry, promoted.entry, saved=True)
    return JsonResponse(entry, 201 if promoted.is_new else 200)


async def _session(ctx: Context, snapshot: Snapshot) -> FocusSession:
    return focus_session(snapshot, await track_urls.sign_masters(ctx, [segment.track for segment in snapshot.ready]))
