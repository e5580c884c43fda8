"""Refusals: the errors that callers of the API receive, independent of HTTP and GraphQL.

    Refusal
    ├── Unauthenticated(reason)      credentials are missing, invalid, expired or revoked
    ├── Forbidden                    the caller is known, but not allowed to do this
    │   └── NotAMember               the caller is no member of the organization, or it does not exist
    ├── NotFound(what, id)           missing, foreign and deleted resources are not distinguished
    ├── InvalidInput(problems)       lists all problems of the input at once
    ├── Conflict                     the request contradicts the current state
    ├── SpendCapExceeded(…)          the request would exceed the organization's spend cap
    ├── RateLimited(retry_after)     too many requests
    └── Unavailable(retry_after)     a required service is unreachable; nothing was changed

Any other exception is a bug: it is logged with its trace id, and callers receive an error without its details.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from core import clock


class Refusal(Exception):  # noqa: N818  a refusal is a regular response, not a failure
    """The request could not be completed."""

    code: ClassVar[str]

    def __init__(self, technical: str | None = None) -> None:
        """Store ``technical``, one sentence for developers without stack traces, SQL or paths."""
        self.message = str(type(self).__doc__).partition("\n")[0]
        self.technical = technical or self.message
        self.details: Mapping[str, object] = {}
        """Values for programs that handle the refusal; JSON-serialisable."""
        super().__init__(self.technical)


class Reason(StrEnum):
    """Why a caller could not be authenticated; the values are error codes of the API."""

    MISSING = "AUTHENTICATION_REQUIRED"
    KEY_INVALID = "INVALID_API_KEY"
    KEY_EXPIRED = "API_KEY_EXPIRED"
    KEY_REVOKED = "API_KEY_DEACTIVATED"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105  a reason, no secret
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105  a reason, no secret


_REASON_MESSAGES: Mapping[Reason, tuple[str, str]] = {
    Reason.MISSING: (
        "Authentication required. Please provide a valid API key.",
        "Missing or invalid authorization header",
    ),
    Reason.KEY_INVALID: ("The API key is not valid.", "API key is malformed or unknown"),
    Reason.KEY_EXPIRED: ("The API key has expired.", "API key is past its expiry"),
    Reason.KEY_REVOKED: ("The API key has been deactivated.", "API key was revoked"),
    Reason.TOKEN_EXPIRED: ("The access token has expired.", "Bearer token is past its expiry"),
    Reason.TOKEN_INVALID: ("The access token is not valid.", "Bearer token could not be verified"),
}


class ErrorCode(StrEnum):
    """The codes of all refusals, those of ``Reason`` included."""

    VALIDATION_ERROR = "VALIDATION_ERROR"
    RESOURCE_NOT_FOUND = "RESOURCE_NOT_FOUND"
    CONFLICT = "CONFLICT"
    OPERATION_NOT_ALLOWED = "OPERATION_NOT_ALLOWED"
    ORGANIZATION_ACCESS_DENIED = "ORGANIZATION_ACCESS_DENIED"
    SPEND_CAP_EXCEEDED = "SPEND_CAP_EXCEEDED"
    RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    AUTHENTICATION_REQUIRED = "AUTHENTICATION_REQUIRED"
    INVALID_API_KEY = "INVALID_API_KEY"
    API_KEY_EXPIRED = "API_KEY_EXPIRED"
    API_KEY_DEACTIVATED = "API_KEY_DEACTIVATED"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105  a code, no secret
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105  a code, no secret


class Unauthenticated(Refusal):
    """Authentication required. Please provide a valid API key."""

    code = Reason.MISSING.value

    def __init__(self, reason: Reason = Reason.MISSING) -> None:
        self.reason = reason
        message, technical = _REASON_MESSAGES[reason]
        super().__init__(technical)
        self.message = message


class Forbidden(Refusal):
    """You are not allowed to do this."""

    code = "OPERATION_NOT_ALLOWED"


class NotAMember(Forbidden):
    """You do not have access to this organization."""

    code = "ORGANIZATION_ACCESS_DENIED"

    def __init__(self, organization_id: str) -> None:
        super().__init__("Caller is not a member of the organization")
        self.details = {"organization_id": organization_id}


class NotFound(Refusal):
    """The requested resource could not be found."""

    code = "RESOURCE_NOT_FOUND"

    def __init__(self, what: str, **ids: str) -> None:
        """Name the kind ("Music generation job"), and the missing ids by their parameters' names."""
        super().__init__(f"{what} not found")
        self.details = ids


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of one input: its path of field names and list indexes, and one sentence."""

    path: tuple[str | int, ...]
    message: str


class InvalidInput(Refusal):
    """The request contains invalid values."""

    code = "VALIDATION_ERROR"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("Request validation failed")
        errors = [{"field": ".".join(map(str, each.path)), "message": each.message} for each in self.problems]
        self.details = {"errors": errors}


class Conflict(Refusal):
    """The request conflicts with the current state of the resource."""

    code = "CONFLICT"


class SpendCapExceeded(Refusal):
    """The spending limit of your organization has been reached."""

    code = "SPEND_CAP_EXCEEDED"

    def __init__(self, window: str, limit_chf: Decimal, spent_chf: Decimal, resets_at: datetime) -> None:
        self.window = window
        self.limit_chf = limit_chf
        self.spent_chf = spent_chf
        self.resets_at = resets_at
        super().__init__(f"Spend cap of the {window} would be passed")
        self.details = {
            "window": window,
            "limit_chf": float(limit_chf),
            "spent_chf": float(spent_chf),
            "resets_at": clock.iso(resets_at),
        }


class RateLimited(Refusal):
    """Too many requests. Please slow down."""

    code = "RATE_LIMIT_EXCEEDED"

    def __init__(self, retry_after: int) -> None:
        """Give ``retry_after`` in whole seconds."""
        self.retry_after = retry_after
        super().__init__("Rate limit exceeded")


class Unavailable(Refusal):
    """The service is temporarily unavailable. Please try again shortly."""

    code = "SERVICE_UNAVAILABLE"

    def __init__(self, technical: str, retry_after: int = 5) -> None:
        """Give ``retry_after`` in whole seconds."""
        self.retry_after = retry_after
        super().__init__(technical)


def first_refusal(group: ExceptionGroup[Exception]) -> Refusal | None:
    """Return the first refusal in a group, at any depth: concurrent calls fail together when a service is gone."""
    for error in group.exceptions:
        found = first_refusal(error) if isinstance(error, ExceptionGroup) else error
        if isinstance(found, Refusal):
            return found
    return None
