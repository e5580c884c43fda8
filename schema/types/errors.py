"""Refusals as GraphQL: members of a mutation's union where it names them, top-level errors with a code elsewhere."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

import strawberry
from graphql import GraphQLError
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from core import errors, logs
from core.errors import Refusal

log = logging.getLogger(__name__)


_DOCUMENT: Final = "DOCUMENT_INVALID"
"""The code of what parser, validation and variables find wrong."""


@strawberry.interface(description="Why a mutation did nothing.")
class Error:
    """The interface of every refusal."""

    code: str = strawberry.field(description="Constant for programs, as RESOURCE_NOT_FOUND.")
    message: str = strawberry.field(description="A sentence for people.")


@strawberry.type(description="What the mutation names does not exist, or is somebody else's.")
class NotFoundError(Error):
    """From NotFound."""


@strawberry.type(description="One thing wrong with the input.")
class InputProblem:
    """From Problem."""

    path: list[str] = strawberry.field(description="Field names and list indexes that lead to the value.")
    message: str = strawberry.field(description="What is wrong, for people.")


@strawberry.type(description="The input breaks rules; every broken rule is listed.")
class InvalidInputError(Error):
    """From InvalidInput."""

    problems: list[InputProblem] = strawberry.field(description="All problems at once.")


@strawberry.type(description="The caller is known but may not do this.")
class ForbiddenError(Error):
    """From Forbidden and NotAMember."""


@strawberry.type(description="The request contradicts the present state.")
class ConflictError(Error):
    """From Conflict."""


@strawberry.type(description="The organization's spend cap would be passed; nothing was charged.")
class SpendCapError(Error):
    """From SpendCapExceeded."""

    window: str = strawberry.field(description="The window whose cap it is: day, week or month.")
    limit_chf: Decimal = strawberry.field(description="The cap, in CHF.")
    spent_chf: Decimal = strawberry.field(description="Spent and reserved so far, in CHF.")
    resets_at: datetime = strawberry.field(description="When the window starts anew.")


@strawberry.type(description="Too many requests.")
class RateLimitedError(Error):
    """From RateLimited."""

    retry_after_seconds: int = strawberry.field(description="How long to wait.")


@strawberry.type(description="A part that is needed is away; nothing was changed.")
class UnavailableError(Error):
    """From Unavailable."""

    retry_after_seconds: int = strawberry.field(description="How long to wait.")


@strawberry.type(description="The caller showed no valid credential.")
class UnauthenticatedError(Error):
    """From Unauthenticated; always a top-level error, never a member of a union."""


_PLAIN: Final[Mapping[type[Refusal], type[Error]]] = {
    errors.NotFound: NotFoundError,
    errors.Forbidden: ForbiddenError,
    errors.NotAMember: ForbiddenError,
    errors.Conflict: ConflictError,
    errors.Unauthenticated: UnauthenticatedError,
}


def from_refusal(refusal: Refusal) -> Error:
    """The union member for a refusal; total over the refusal tree."""
    code = error_code(refusal)
    logs.report_error_code(code)
    if isinstance(refusal, errors.InvalidInput):
        problems = [InputProblem(path=_path(problem), message=problem.message) for problem in refusal.problems]
        return InvalidInputError(code=code, message=refusal.message, problems=problems)
    if isinstance(refusal, errors.SpendCapExceeded):
        return SpendCapError(
            code=code,
            message=refusal.message,
            window=refusal.window,
            limit_chf=refusal.limit_chf,
            spent_chf=refusal.spent_chf,
            resets_at=refusal.resets_at,
        )
    if isinstance(refusal, errors.RateLimited):
        return RateLimitedError(code=code, message=refusal.message, retry_after_seconds=refusal.retry_after)
    if isinstance(refusal, errors.Unavailable):
        return UnavailableError(code=code, message=refusal.message, retry_after_seconds=refusal.retry_after)
    return _PLAIN[type(refusal)](code=code, message=refusal.message)


def error_code(refusal: Refusal) -> str:
    """The constant that tells programs what was refused and why."""
    return refusal.reason.value if isinstance(refusal, errors.Unauthenticated) else refusal.code


def _path(problem: errors.Problem) -> list[str]:
    return [to_camel_case(str(part)) for part in problem.path]


class _Handler(strawberry.ExceptionHandler):  # type: ignore[type-arg]
    """Turns one kind of refusal into its member, wherever a field's union has it. Typed at run time only."""

    def __init__(self, exception_type: type[Refusal], error_type: type[Error]) -> None:
        self.exception_type = exception_type
        self.error_type = error_type

    def handle(self, exception: Refusal, *, field: StrawberryField, info: strawberry.Info) -> Error:  # noqa: ARG002
        return from_refusal(exception)


def exception_handlers() -> list[_Handler]:
    """One for each error type that a union may name."""
    pairs: Sequence[tuple[type[Refusal], type[Error]]] = (
        (errors.NotFound, NotFoundError),
        (errors.InvalidInput, InvalidInputError),
        (errors.Forbidden, ForbiddenError),
        (errors.Conflict, ConflictError),
        (errors.SpendCapExceeded, SpendCapError),
        (errors.RateLimited, RateLimitedError),
        (errors.Unavailable, UnavailableError),
    )
    return [_Handler(*pair) for pair in pairs]


def format_error(error: GraphQLError) -> GraphQLError:
    """The error as it may leave: refusals with their code and facts, document errors as they are, bugs masked."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return _rewritten(error, error.message, {"code": _DOCUMENT, **(error.extensions or {})})
    if isinstance(cause, Refusal):
        extensions = {"code": error_code(cause), **cause.details}
        return _rewritten(error, cause.message, extensions)
    log.error("field failed", exc_info=cause, extra={"path": error.path})
    return _rewritten(error, "An internal error occurred.", {"code": "INTERNAL_ERROR"})


def _rewritten(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    logs.report_error_code(str(extensions["code"]))
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={**extensions, "traceId": logs.trace_id.get()},
    )
