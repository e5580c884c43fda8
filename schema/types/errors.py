"""Refusals as GraphQL errors: members of a mutation's result union, or top-level errors with a code."""

import logging
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import strawberry
from graphql import GraphQLError
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from core import errors, logs
from core.errors import ErrorCode, Refusal
from core.spend_windows import Window
from schema.limits.field_costs import ListSize

log = logging.getLogger(__name__)

_DOCUMENT_INVALID: Final = "DOCUMENT_INVALID"
"""The code of errors in syntax, validation and variable coercion."""


@strawberry.interface(description="Why a mutation changed nothing.")
class Error:
    code: ErrorCode = strawberry.field(description="A stable, machine-readable code.")
    message: str = strawberry.field(description="A human-readable message.")


@strawberry.type(description="The object does not exist or belongs to another user.")
class NotFoundError(Error):
    """Represents ``errors.NotFound``."""


@strawberry.type(description="A problem with one input value.")
class InputProblem:
    path: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=10)], description="The path to the value: field names and list indexes."
    )
    message: str = strawberry.field(description="A human-readable message.")


@strawberry.type(description="The input is invalid. All problems are listed.")
class InvalidInputError(Error):
    problems: list[InputProblem] = strawberry.field(
        directives=[ListSize(assumed_size=20)], description="The problems, at least one."
    )


@strawberry.type(description="The caller is not permitted to do this.")
class ForbiddenError(Error):
    """Represents ``errors.Forbidden`` and ``errors.NotAMember``."""


@strawberry.type(description="The mutation conflicts with the current state.")
class ConflictError(Error):
    """Represents ``errors.Conflict``."""


@strawberry.type(description="The organization's spend cap would be exceeded. Nothing was charged.")
class SpendCapError(Error):
    window: Window = strawberry.field(description="The window of the cap.")
    limit_chf: Decimal = strawberry.field(description="The cap, in CHF.")
    spent_chf: Decimal = strawberry.field(description="The amount spent and reserved in the window, in CHF.")
    resets_at: datetime = strawberry.field(description="The time when the next window starts.")


@strawberry.type(description="Too many requests.")
class RateLimitedError(Error):
    retry_after_seconds: int = strawberry.field(description="The number of seconds to wait before retrying.")


@strawberry.type(description="A required service is unavailable. Nothing was changed.")
class UnavailableError(Error):
    retry_after_seconds: int = strawberry.field(description="The number of seconds to wait before retrying.")


@strawberry.type(description="The request has no valid credentials.")
class UnauthenticatedError(Error):
    """Represents ``errors.Unauthenticated``. It is always a top-level error, never a union member."""


SubmissionError = InvalidInputError | ForbiddenError | ConflictError | SpendCapError | RateLimitedError
"""The errors of mutations that start paid work."""

_ERROR_TYPES: Final[Mapping[type[Refusal], type[Error]]] = {
    errors.NotFound: NotFoundError,
    errors.InvalidInput: InvalidInputError,
    errors.Forbidden: ForbiddenError,
    errors.NotAMember: ForbiddenError,
    errors.Conflict: ConflictError,
    errors.SpendCapExceeded: SpendCapError,
    errors.RateLimited: RateLimitedError,
    errors.Unavailable: UnavailableError,
    errors.Unauthenticated: UnauthenticatedError,
}


def from_refusal(refusal: Refusal) -> Error:
    """Convert a refusal of any class to its GraphQL type."""
    code = error_code(refusal)
    logs.report_error_code(code)
    details: dict[str, Any] = {}
    match refusal:
        case errors.InvalidInput():
            details["problems"] = [
                InputProblem(path=[to_camel_case(str(part)) for part in problem.path], message=problem.message)
                for problem in refusal.problems
            ]
        case errors.SpendCapExceeded():
            details = {name: getattr(refusal, name) for name in ("limit_chf", "spent_chf", "resets_at")}
            details["window"] = Window(refusal.window)
        case errors.RateLimited() | errors.Unavailable():
            details["retry_after_seconds"] = refusal.retry_after
    return _ERROR_TYPES[type(refusal)](code=ErrorCode(code), message=refusal.message, **details)


def error_code(refusal: Refusal) -> str:
    return refusal.reason.value if isinstance(refusal, errors.Unauthenticated) else refusal.code


class _RefusalHandler(strawberry.ExceptionHandler):  # type: ignore[type-arg]
    """Returns a refusal as its GraphQL type in fields whose union has this type, which is known at run time only."""

    def __init__(self, exception_type: type[Refusal], error_type: type[Error]) -> None:
        self.exception_type = exception_type
        self.error_type = error_type

    def handle(self, exception: Refusal, *, field: StrawberryField, info: strawberry.Info) -> Error:  # noqa: ARG002
        return from_refusal(exception)


def exception_handlers() -> list[_RefusalHandler]:
    """Return a handler for each error type that can be a union member."""
    return [_RefusalHandler(*pair) for pair in _ERROR_TYPES.items()]


def format_error(error: GraphQLError) -> GraphQLError:
    """Return the public form of an error: refusals get a code and details, other exceptions are logged and masked."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return _with_extensions(error, error.message, {"code": _DOCUMENT_INVALID, **(error.extensions or {})})
    if isinstance(cause, Refusal):
        extensions = {"code": error_code(cause), **cause.details}
        return _with_extensions(error, cause.message, extensions)
    log.error("field failed", exc_info=cause, extra={"path": error.path})
    return _with_extensions(error, "An internal error occurred.", {"code": "INTERNAL_ERROR"})


def _with_extensions(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    logs.report_error_code(str(extensions["code"]))
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={**extensions, "traceId": logs.trace_id.get()},
    )
