"""What stands in paths and headers of many operations."""

from collections.abc import Mapping
from typing import Any, Final

from core.ids import Kind
from rest_compat.openapi import json_schema
from rest_compat.openapi.descriptions import Parameter
from rest_compat.openapi.json_schema import Schema

TOKEN: Final = "shr_0123456789abcdef0123456789abcdef"  # noqa: S105  an example, opens nothing
"""A share token for examples."""

PATH: Final[Mapping[str, tuple[str, str]]] = {
    "organization_id": ("Your organization, `org_…`.", json_schema.example_id(Kind.ORGANIZATION)),
    "job_id": ("A generation, `mgen_…`.", json_schema.example_id(Kind.GENERATION)),
    "track_id": ("A track, `mtrack_…`.", json_schema.example_id(Kind.TRACK)),
    "collection_id": ("A collection, `mcoll_…`.", json_schema.example_id(Kind.COLLECTION)),
    "session_id": ("A focus session, `mfocus_…`.", json_schema.example_id(Kind.FOCUS_SESSION)),
    "segment_index": ("The place of a segment in its session, from 0.", "0"),
    "share_id": ("A share link, `mslink_…`.", json_schema.example_id(Kind.SHARE_LINK)),
    "token": ("The token of a share link, `shr_…`.", TOKEN),
}
"""By name in the path: what it is, and an example. Any text may stand there; what is not an id is not found."""

HEADERS: Final[Mapping[str, Schema]] = {
    "X-Request-Id": {
        "description": "The id of this request, also in the server's log and in every error.",
        "required": True,
        "schema": {"type": "string", "pattern": "^req_"},
        "example": json_schema.example_id(Kind.REQUEST),
    },
    "Retry-After": {
        "description": "Whole seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
        "example": 5,
    },
    "Retry-After-Limit": {
        "description": "Whole seconds to wait; with `RATE_LIMIT_EXCEEDED` only.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 5,
    },
    "X-RateLimit-Limit": {
        "description": "How many requests a minute you may make on average.",
        "schema": {"type": "integer", "minimum": 1},
        "example": 100,
    },
    "X-RateLimit-Remaining": {
        "description": "How many you may make right now.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 119,
    },
    "X-RateLimit-Reset": {
        "description": "When you may make as many as ever at once again, in Unix seconds.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 1782642601,
    },
    "Location": {
        "description": "A fresh signed link to the file, which works for a few minutes.",
        "required": True,
        "schema": {"type": "string", "format": "uri"},
        "example": "https://music.example.org/media/ab/abcdef.flac?expires=1782643500&saved=1&signature=0123",
    },
    "Idempotency-Replayed": {
        "description": "`true` when the answer is what an earlier request started; absent otherwise.",
        "schema": {"type": "string", "enum": ["true"]},
        "example": "true",
    },
    "WWW-Authenticate": {
        "description": "The scheme that is understood.",
        "schema": {"type": "string"},
        "example": 'Bearer realm="music-studio"',
    },
}
"""Headers of answers, by component name; the header's own name where it is another stands in the response."""


ALLOWANCE: Final = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
"""Headers of answers to a known caller; absent while nobody can count."""


def path(name: str) -> Mapping[str, Any]:
    """A path parameter of the document."""
    description, example = PATH[name]
    schema = {"type": "string", "minLength": 1}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": schema,
        "description": description,
        "example": example,
    }


def written(parameter: Parameter) -> Mapping[str, Any]:
    """A query parameter or header of the document."""
    entry = {
        "name": parameter.name,
        "in": parameter.place,
        "required": False,
        "schema": parameter.schema,
        "description": parameter.description,
    }
    return entry if parameter.example is None else {**entry, "example": parameter.example}
