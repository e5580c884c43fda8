"""Handlers of focus sessions."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from resolvers.access.context import Context
from resolvers.focus import promotions, sessions
from resolvers.focus.commands import PromoteFocusSegment, StartFocusSession
from resolvers.focus.snapshots import Snapshot
from resolvers.library import track_urls
from rest_compat import requests
from rest_compat.models.focus import FocusLibraryEntry, FocusSession, focus_session
from rest_compat.models.tracks import library_entry
from rest_compat.operations import Body, Operation, Result, Tag
from rest_compat.responses import JsonResponse

TAG: Final = Tag(
    "Focus sessions",
    "A focus session plays music for as long as you like, in segments that cross-fade into one another.",
)

_ENDED: Final[dict[str, Any]] = {
    "status": "ended",
    "ready_count": 1,
    "segments": [],
    "more_pending": False,
    "next_ready_at": None,
}


@Operation(
    TAG,
    "start-focus-session",
    "POST focus/sessions",
    "Mutation.startFocusSession",
    [
        Result(
            FocusSession,
            202,
            "The new session, or the earlier one with the same idempotency key.",
            {"ready_count": 0, "segments": []},
        )
    ],
    body=Body(StartFocusSession, "Goal and length of the session.", {"goal": "focus", "target_minutes": 60}),
    errors={
        "CONFLICT": "The idempotency key was used for another request.",
        "SPEND_CAP_EXCEEDED": "The first segment would exceed the organization's spend cap.",
        "VALIDATION_ERROR": "Values are invalid, or policy refuses the prompt; `details.errors` lists every problem.",
    },
    is_idempotent=True,
)
async def start(ctx: Context, request: Request) -> Response:
    """Start a focus session.

    Returns immediately while the first segment is rendered. Segments are rendered shortly before the listener needs
    them: retrieve the session regularly to get new ones. A session that is not retrieved pauses until it is.
    """
    command = await requests.body(request, StartFocusSession)
    key = request.headers.get("idempotency-key")
    snapshot, is_replay = await sessions.start(ctx, request.path_params["organization_id"], command, key)
    headers = {"Idempotency-Replayed": "true"} if is_replay else {}
    return JsonResponse(await _session(ctx, snapshot), 202, headers)


@Operation(
    TAG, "get-focus-session", "GET focus/sessions/{session_id}", "Organization.focusSession", [Result(FocusSession)]
)
async def get(ctx: Context, request: Request) -> Response:
    """Retrieve a focus session.

    Returns one of your own sessions, with new playback URLs.
    """
    return JsonResponse(
        await _session(ctx, await sessions.poll_or_raise(ctx, *requests.path_ids(request, "session_id")))
    )


@Operation(
    TAG,
    "end-focus-session",
    "POST focus/sessions/{session_id}/end",
    "Mutation.endFocusSession",
    [Result(FocusSession, example=_ENDED)],
)
async def end(ctx: Context, request: Request) -> Response:
    """End a focus session.

    No further segments are rendered; segments that are ready remain available. Ending a session again has no effect.
    """
    snapshot = await sessions.end(ctx, *requests.path_ids(request, "session_id"))
    return JsonResponse(focus_session(snapshot, None))


@Operation(
    TAG,
    "promote-focus-segment",
    "POST focus/sessions/{session_id}/segments/{segment_index}/promote",
    "Mutation.promoteFocusSegment",
    [
        Result(FocusLibraryEntry, 201, "The new library entry."),
        Result(FocusLibraryEntry),
    ],
    body=Body(PromoteFocusSegment, "Title of the track.", {"title": "Night Desk"}, is_required=False),
    errors={"CONFLICT": "The segment is not ready."},
)
async def promote(ctx: Context, request: Request) -> Response:
    """Save a segment.

    Adds the track of a ready segment to your library, optionally under a new title. The segment is not rendered again.
    """
    command = await requests.optional_body(request, PromoteFocusSegment)
    session_id, organization_id = requests.path_ids(request, "session_id")
    index = request.path_params["segment_index"]
    promoted = await promotions.promote(ctx, session_id, index, command, organization_id)
    return JsonResponse(library_entry(promoted.entry), 201 if promoted.is_new else 200)


async def _session(ctx: Context, snapshot: Snapshot) -> FocusSession:
    return focus_session(snapshot, await track_urls.sign_masters(ctx, [segment.track for segment in snapshot.ready]))
