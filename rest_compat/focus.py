"""Handlers of focus sessions."""

from starlette.requests import Request
from starlette.responses import Response

from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.focus import promotions, sessions
from resolvers.focus.commands import PromoteFocusSegment, StartFocusSession
from resolvers.focus.snapshots import Snapshot
from resolvers.library import track_urls
from rest_compat import requests, serializers
from rest_compat.responses import JsonResponse


async def start(ctx: Context, request: Request) -> Response:
    """POST focus/sessions."""
    command = Unvalidated(StartFocusSession, await requests.json_object(request))
    key = request.headers.get("idempotency-key")
    view, is_replay = await sessions.start(ctx, request.path_params["organization_id"], command, key)
    headers = {"Idempotency-Replayed": "true"} if is_replay else {}
    return JsonResponse(await _session(ctx, view), 202, headers)


async def get(ctx: Context, request: Request) -> Response:
    """GET focus/sessions/{session_id}."""
    view = await sessions.poll_or_raise(ctx, request.path_params["session_id"], request.path_params["organization_id"])
    return JsonResponse(await _session(ctx, view))


async def end(ctx: Context, request: Request) -> Response:
    """POST focus/sessions/{session_id}/end."""
    view = await sessions.end(ctx, request.path_params["session_id"], request.path_params["organization_id"])
    return JsonResponse({**serializers.focus_session(view, {}), "segments": []})


async def promote(ctx: Context, request: Request) -> Response:
    """POST focus/sessions/{session_id}/segments/{segment_index}/promote."""
    command = Unvalidated(PromoteFocusSegment, await requests.optional_json_object(request))
    names = request.path_params
    kept = await promotions.promote(ctx, names["session_id"], names["segment_index"], command, names["organization_id"])
    return JsonResponse(serializers.saved(kept.entry), 201 if kept.is_new else 200)


async def _session(ctx: Context, view: Snapshot) -> serializers.Object:
    """The session with fresh links to its ready segments."""
    return serializers.focus_session(
        view, await track_urls.sign_masters(ctx, [segment.track for segment in view.ready])
    )
