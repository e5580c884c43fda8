"""Handlers of receipts, beyond the contract."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from core.track_tags import TrackTagScanner
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.receipts import receipts
from resolvers.receipts.commands import VerifyTrack
from resolvers.receipts.receipts import Verification
from rest_compat import requests, serializers
from rest_compat.responses import JsonResponse

_FILES = ("audio/", "image/", "application/octet-stream", "application/zip")


async def get(ctx: Context, request: Request) -> Response:
    """GET tracks/{track_id}/receipt."""
    return JsonResponse(
        await receipts.get(ctx, request.path_params["track_id"], request.path_params["organization_id"])
    )


async def verify(ctx: Context, request: Request) -> Response:
    """POST verify."""
    if request.headers.get("content-type", "").lower().startswith(_FILES):
        return JsonResponse(serializers.verification(await _sent(ctx, request)))
    command = Unvalidated(VerifyTrack, await requests.json_object(request))
    return JsonResponse(serializers.verification(await receipts.verify(ctx, command)))


async def _sent(ctx: Context, request: Request) -> Verification:
    """The file passes by and is kept nowhere."""
    await receipts.take_verification(ctx)
    digest, marks = hashlib.sha256(), TrackTagScanner()
    async for block in request.stream():
        digest.update(block)
        marks.feed(block)
    return await receipts.verify_hash(ctx, digest.hexdigest(), marks.track_id())
