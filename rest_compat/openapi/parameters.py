"""Path parameters and headers of the document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.ids import Kind
from rest_compat.fields import EXAMPLE_TOKEN, Schema, example_id
from rest_compat.tracks import EXAMPLE_DOWNLOAD_URL


@dataclass(frozen=True, slots=True)
class PathParameter:
    """A path parameter. Any text is allowed; what is not an id is not found, with ``not_found`` as the reason."""

    description: str
    example: str
    not_found: str


PATH: Final[Mapping[str, PathParameter]] = {
    "job_id": PathParameter("ID of the generation.", example_id(Kind.GENERATION), "Music generation job not found"),
    "track_id": PathParameter("ID of the track.", example_id(Kind.TRACK), "Music track not found"),
    "collection_id": PathParameter("ID of the collection.", example_id(Kind.COLLECTION), "Music collection not found"),
    "session_id": PathParameter(
        "ID of the focus session.", example_id(Kind.FOCUS_SESSION), "Music focus session not found"
    ),
    "segment_index": PathParameter(
        "Position of the segment in the session, counted from 0.", "0", "Music focus segment not found"
    ),
    "share_id": PathParameter("ID of the share link.", example_id(Kind.SHARE_LINK), "Music share link not found"),
    "token": PathParameter("Token of the share link.", EXAMPLE_TOKEN, "Music share link not found"),
    # an unknown organization is answered like one of which the caller is not a member
    "organization_id": PathParameter("ID of your organization.", example_id(Kind.ORGANIZATION), ""),
}


def _header(description: str, example: object, *, is_required: bool = False, **schema: object) -> Schema:
    required = {"required": True} if is_required else {}
    return {"description": description, **required, "schema": schema, "example": example}


HEADERS: Final[Mapping[str, Schema]] = {
    "X-Request-Id": _header(
        "ID of the request. It is also in error responses and in the server's log.",
        example_id(Kind.REQUEST),
        is_required=True,
        type="string",
        pattern="^req_",
    ),
    "Retry-After": _header("Seconds to wait before the next request.", 5, is_required=True, type="integer", minimum=0),
    "Retry-After-Limit": _header("Seconds to wait, for `RATE_LIMIT_EXCEEDED` only.", 5, type="integer", minimum=0),
    "X-RateLimit-Limit": _header("Permitted requests per minute.", 100, type="integer", minimum=1),
    "X-RateLimit-Remaining": _header("Requests that are permitted without waiting.", 119, type="integer", minimum=0),
    "X-RateLimit-Reset": _header(
        "Unix time at which the full burst is permitted again.", 1782642601, type="integer", minimum=0
    ),
    "Location": _header(
        "Signed URL of the file, valid for a few minutes.",
        EXAMPLE_DOWNLOAD_URL,
        is_required=True,
        type="string",
        format="uri",
    ),
    "Idempotency-Replayed": _header(
        "`true` if an earlier request with this idempotency key created the resource.",
        "true",
        type="string",
        enum=["true"],
    ),
    "WWW-Authenticate": _header("The supported authentication scheme.", 'Bearer realm="music-studio"', type="string"),
}
"""Header components. Responses can use a component under another header's name."""

RATE_LIMIT_HEADERS: Final = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
"""Headers of responses to authenticated requests; absent while the rate limiter is unavailable."""


def header_refs(*names: str) -> dict[str, Schema]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def path_parameter(name: str) -> Mapping[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
        "description": PATH[name].description,
        "example": PATH[name].example,
    }
