"""Handlers of receipts and of the verification of files."""

import hashlib
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from core.track_tags import TrackTagScanner
from resolvers.access.context import Context
from resolvers.receipts import receipts
from resolvers.receipts.receipts import VerifyTrack
from rest_compat import requests
from rest_compat.models.receipts import EXAMPLE_SHA256, Receipt, Verification, verification
from rest_compat.operations import Body, Operation, Result, Tag
from rest_compat.responses import JsonResponse

TAG: Final = Tag(
    "Receipts",
    "A receipt is a signed statement about a track. Verify a file to check whether it was created by this server. The "
    "public keys are at `/.well-known/music-studio-keys.json`.",
)

_FILE_TYPES: Final = ("audio/", "image/", "application/octet-stream", "application/zip")


@Operation(TAG, "get-receipt", "GET tracks/{track_id}/receipt", "Track.receipt", [Result(Receipt)], is_extension=True)
async def get(ctx: Context, request: Request) -> Response:
    """Retrieve the receipt of a track.

    The receipt contains the licence and the origin of the track and the hashes of its files, so that anyone can check
    the files offline. Files that are created later appear in later receipts.
    """
    return JsonResponse(await receipts.get(ctx, *requests.path_ids(request, "track_id")))


@Operation(
    TAG,
    "verify",
    "POST /verify",
    "Query.verifyTrack",
    [Result(Verification)],
    body=Body(
        VerifyTrack,
        "The hash of the file, or the file as `audio/*`, `image/*`, `application/zip` or `application/octet-stream`.",
        {"sha256": EXAMPLE_SHA256},
        media_types=["audio/*", "application/octet-stream"],
    ),
    errors={
        "PAYLOAD_TOO_LARGE": "The file exceeds the maximum size for verification.",
        "RATE_LIMIT_EXCEEDED": "Too many requests from your address. Wait for `Retry-After` seconds.",
    },
    is_public=True,
    is_extension=True,
)
async def verify(ctx: Context, request: Request) -> Response:
    """Verify a file.

    Checks whether a file was created by this server and is unchanged, and returns the licence of its track. Send the
    hash as JSON, or the file itself, which is hashed but not stored. The response contains neither the creator of the
    track nor the prompt. Deleted tracks are recognized.
    """
    if request.headers.get("content-type", "").lower().startswith(_FILE_TYPES):
        return JsonResponse(verification(await _verify_upload(ctx, request)))
    return JsonResponse(verification(await receipts.verify(ctx, await requests.body(request, VerifyTrack))))


async def _verify_upload(ctx: Context, request: Request) -> receipts.Verification:
    await receipts.take_verification(ctx)
    digest, scanner = hashlib.sha256(), TrackTagScanner()
    async for block in request.stream():
        digest.update(block)
        scanner.feed(block)
    return await receipts.verify_hash(ctx, digest.hexdigest(), scanner.track_id())
