"""Path parameters of the document, and references to its headers."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from core.ids import Kind
from rest_compat.fields import EXAMPLE_TOKEN, Schema, example_id


class PathParameter(NamedTuple):
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
    "reference_audio_id": PathParameter(
        "ID of the reference audio.", example_id(Kind.REFERENCE_AUDIO), "Reference audio not found"
    ),
    "share_id": PathParameter("ID of the share link.", example_id(Kind.SHARE_LINK), "Music share link not found"),
    "token": PathParameter("Token of the share link.", EXAMPLE_TOKEN, "Music share link not found"),
    # an unknown organization is answered like one of which the caller is not a member
    "organization_id": PathParameter("ID of your organization.", example_id(Kind.ORGANIZATION), ""),
}

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
