"""The error codes of the API, each with its status, its type, and an example."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Final, NamedTuple

from starlette.exceptions import HTTPException

from core import errors
from core.errors import Problem, Reason
from rest_compat.errors import error_body


class ErrorCode(NamedTuple):
    """An error code. All but the description are those of an example."""

    description: str
    code: str
    message: str
    system_message: str
    type: str
    status: int
    details: Mapping[str, object]


_VALUES: Final = itemgetter(*ErrorCode._fields[1:])

TABLE: Final = tuple(
    ErrorCode(description, *_VALUES(error_body(example)["error"]))
    for description, example in (
        ("The body is not JSON.", HTTPException(400, "Body is not valid JSON: unexpected character at byte 0")),
        ("The request has no credentials, or they cannot be read.", errors.Unauthenticated(Reason.MISSING)),
        ("The API key is malformed or unknown.", errors.Unauthenticated(Reason.KEY_INVALID)),
        ("The API key has expired.", errors.Unauthenticated(Reason.KEY_EXPIRED)),
        ("The API key was revoked.", errors.Unauthenticated(Reason.KEY_REVOKED)),
        ("The bearer token has expired.", errors.Unauthenticated(Reason.TOKEN_EXPIRED)),
        ("The bearer token cannot be verified.", errors.Unauthenticated(Reason.TOKEN_INVALID)),
        ("You are not a member of the organization, or it does not exist.", errors.NotAMember("")),
        (
            "You can access the resource but are not allowed to do this, such as a viewer of the organization.",
            errors.Forbidden("Only the creator may delete a track"),
        ),
        (
            "The resource does not exist, was deleted, or belongs to another user. `details` contains its id.",
            errors.NotFound("Resource"),
        ),
        ("The path does not support this method. `Allow` lists the methods that it supports.", HTTPException(405)),
        (
            "The request conflicts with the current state of the resource.",
            errors.Conflict("Idempotency key was used for another request"),
        ),
        ("The body exceeds the maximum size.", HTTPException(413)),
        ("The content type of the body is not JSON.", HTTPException(415, "Content-Type must be application/json")),
        (
            "Values are invalid. `details.errors` lists every problem.",
            errors.InvalidInput([Problem(("duration_seconds",), "Must be greater than 0.")]),
        ),
        ("Too many requests. Wait for `Retry-After` seconds.", errors.RateLimited(5)),
        (
            "The request would exceed the organization's spend cap. Nothing was charged.",
            errors.SpendCapExceeded("month", Decimal(50), Decimal("49.9"), datetime(2026, 7, 1, tzinfo=UTC)),
        ),
        ("An error of the server. The log contains it under the trace id.", None),
        (
            "The database, the queue or the storage is unavailable. Nothing was changed.",
            errors.Unavailable("Database is not reachable"),
        ),
    )
)

CODES: Final[Mapping[str, ErrorCode]] = {row.code: row for row in TABLE}
