"""Exceptions of the client.

StudioError
├── ConnectionFailedError      the server cannot be reached
├── GenerationEndedError       a generation ended without a track
├── ExportFailedError          an archive could not be made
└── ApiError                   the server rejected the request
    ├── AuthenticationError    the API key is missing, invalid or expired
    ├── NotFoundError
    ├── ForbiddenError
    ├── InvalidInputError      has `problems`
    ├── ConflictError
    ├── SpendCapError          has `window`, `limit_chf`, `spent_chf`, `resets_at`
    └── TemporaryError         rate limit or outage; has `retry_after_seconds`
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

PayloadT = TypeVar("PayloadT")


class StudioError(Exception):
    """Any error of this client. Its text is a complete sentence."""


class ConnectionFailedError(StudioError):
    """The server cannot be reached, or the connection was lost."""


class GenerationEndedError(StudioError):
    """A generation ended without a track: it failed, was refused or cancelled."""

    def __init__(self, message: str, generation_id: str, status: str) -> None:
        super().__init__(message)
        self.generation_id = generation_id
        self.status = status


class ExportFailedError(StudioError):
    """The server could not make an archive."""


class ApiError(StudioError):
    """The server rejected the request. `code` is the server's error code, such as "CONFLICT"."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class AuthenticationError(ApiError):
    """The API key is missing, invalid, expired or revoked."""


class NotFoundError(ApiError):
    """The object does not exist, or you may not read it."""


class ForbiddenError(ApiError):
    """Your role does not allow this."""


class ConflictError(ApiError):
    """The request conflicts with the current state, such as a reused idempotency key."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field of the input; `path` leads to the field, such as ("durationSeconds",)."""

    path: tuple[str, ...]
    message: str


class InvalidInputError(ApiError):
    """Fields of the input are invalid; `problems` names all of them."""

    def __init__(self, message: str, code: str, problems: tuple[Problem, ...] = ()) -> None:
        text = "; ".join(f"{'.'.join(problem.path)}: {problem.message}" for problem in problems)
        super().__init__(text or message, code)
        self.problems = problems


class SpendCapError(ApiError):
    """The spend cap of the organization is reached. `window` is "DAY", "WEEK" or "MONTH"."""

    def __init__(
        self, message: str, code: str, window: str, limit_chf: Decimal, spent_chf: Decimal, resets_at: datetime
    ) -> None:
        super().__init__(message, code)
        self.window = window
        self.limit_chf = limit_chf
        self.spent_chf = spent_chf
        self.resets_at = resets_at


class TemporaryError(ApiError):
    """The rate limit is exceeded, or a service of the server is unavailable. Repeat after `retry_after_seconds`."""

    def __init__(self, message: str, code: str, retry_after_seconds: float = 1) -> None:
        super().__init__(message, code)
        self.retry_after_seconds = retry_after_seconds


_BY_CODE: dict[str, type[ApiError]] = {
    "RESOURCE_NOT_FOUND": NotFoundError,
    "OPERATION_NOT_ALLOWED": ForbiddenError,
    "ORGANIZATION_ACCESS_DENIED": ForbiddenError,
    "CONFLICT": ConflictError,
    "AUTHENTICATION_REQUIRED": AuthenticationError,
    "INVALID_API_KEY": AuthenticationError,
    "API_KEY_EXPIRED": AuthenticationError,
    "API_KEY_DEACTIVATED": AuthenticationError,
    "TOKEN_EXPIRED": AuthenticationError,
    "TOKEN_INVALID": AuthenticationError,
    "VALIDATION_ERROR": InvalidInputError,
    "RATE_LIMIT_EXCEEDED": TemporaryError,
    "SERVICE_UNAVAILABLE": TemporaryError,
}


def error_for(message: str, code: str) -> ApiError:
    """Return the exception for an error code of the server."""
    return _BY_CODE.get(code, ApiError)(message, code)


def from_graphql(errors: Sequence[Mapping[str, Any]], retry_after_seconds: float = 1) -> ApiError:
    """Return the exception for the first of the `errors` of a response."""
    message, extensions = str(errors[0].get("message")), errors[0].get("extensions") or {}
    code = str(extensions.get("code", "INTERNAL_ERROR"))
    if problems := extensions.get("errors"):
        return InvalidInputError(message, code, tuple(_problem_of(each) for each in problems))
    error = error_for(message, code)
    if isinstance(error, TemporaryError):
        error.retry_after_seconds = float(extensions.get("retryAfterSeconds", retry_after_seconds))
    return error


def from_rest(content: bytes, status: int) -> ApiError:
    """Return the exception for an error response of the REST interface."""
    try:
        error = json.loads(content)["error"]
        message, code = str(error["message"]), str(error["code"])
        problems = tuple(_problem_of(each) for each in error["details"].get("errors", ()))
    except (ValueError, KeyError, TypeError):
        return ApiError(f"The server answered {status}.", str(status))
    return InvalidInputError(message, code, problems) if problems else error_for(message, code)


def _problem_of(problem: Mapping[str, Any]) -> Problem:
    """Return a problem with the names of the GraphQL schema; the extensions of an error have those of REST."""
    names = (name.split("_") for name in str(problem["field"]).split("."))
    return Problem(tuple(first + "".join(map(str.title, rest)) for first, *rest in names), str(problem["message"]))


def payload_of(result: object, payload_type: type[PayloadT]) -> PayloadT:
    """Return the result of a mutation if it is a payload, else raise its error."""
    if isinstance(result, payload_type):
        return result
    raise _error_of(result)


def _error_of(result: Any) -> ApiError:  # noqa: ANN401  each mutation has its own types of the same errors
    code, message = str(result.code.value), result.message
    if problems := getattr(result, "problems", None):
        return InvalidInputError(message, code, tuple(Problem(tuple(each.path), each.message) for each in problems))
    if resets_at := getattr(result, "resets_at", None):
        return SpendCapError(message, code, str(result.window.value), result.limit_chf, result.spent_chf, resets_at)
    if (seconds := getattr(result, "retry_after_seconds", None)) is not None:
        return TemporaryError(message, code, seconds)
    return error_for(message, code)
