"""How an operation's outcome leaves over HTTP: media type, status and body, as GraphQL over HTTP has them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.responses import Response
from strawberry.types import ExecutionResult

from core import logs
from core.errors import RateLimited, Unauthenticated, Unavailable
from schema.types import errors
from server.graphql.requests import JSON, GraphQLRequestError

GRAPHQL_RESPONSE_JSON: Final = "application/graphql-response+json"
_PERSISTED_QUERY_CODES: Final = frozenset({"PERSISTED_QUERY_NOT_FOUND", "PERSISTED_QUERY_NOT_SUPPORTED"})
_STREAM_TYPES: Final = frozenset({"text/event-stream", "multipart/mixed"})


@lru_cache(maxsize=128)
def negotiate_media_type(accept: str | None) -> str | None:
    """The better of our two types for an ``Accept`` header, JSON for who does not mind; None when neither will do."""
    if not accept:
        return JSON
    wanted = dict(map(_parse_media_range, accept.split(",")))
    exact = {name: weight for name, weight in wanted.items() if name in {GRAPHQL_RESPONSE_JSON, JSON}}
    if any(exact.values()):
        return max(exact, key=lambda name: exact[name])
    any_kind = max((wanted.get(name, 0.0) for name in ("application/*", "*/*")), default=0.0)
    # many clients ask for a stream and say nothing of what else they can read
    return JSON if (any_kind and JSON not in exact) or wanted.keys() & _STREAM_TYPES else None


def result_response(result: ExecutionResult, media_type: str) -> Response:
    """The answer to an operation that was tried."""
    body: dict[str, Any] = {}
    is_request_error = result.data is None and result.errors and all(error.path is None for error in result.errors)
    if not is_request_error:
        body["data"] = result.data
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        body["extensions"] = result.extensions
    is_refused = is_request_error and media_type == GRAPHQL_RESPONSE_JSON
    return _response(body, HTTPStatus.BAD_REQUEST if is_refused else HTTPStatus.OK, media_type)


def request_error_response(error: GraphQLRequestError, media_type: str) -> Response:
    """The answer to a request that could not be understood."""
    headers = {"Allow": "POST"} if error.status is HTTPStatus.METHOD_NOT_ALLOWED else {}
    # clients that name documents wait for these two as ordinary answers
    status = HTTPStatus.OK if error.code in _PERSISTED_QUERY_CODES and media_type == JSON else error.status
    return error_response([{"message": str(error), "extensions": _extensions(error.code)}], status, media_type, headers)


def batch_response(responses: Sequence[Response]) -> Response:
    """The answers to a batch, in its order."""
    body = b"[" + b",".join(bytes(response.body) for response in responses) + b"]"
    return Response(body, HTTPStatus.OK, media_type=f"{JSON}; charset=utf-8")


def refusal_response(refusal: Unauthenticated | Unavailable | RateLimited, media_type: str) -> Response:
    """The answer to a caller who is not let in: the document was not looked at."""
    error = {"message": refusal.message, "extensions": _extensions(errors.error_code(refusal))}
    match refusal:
        case Unauthenticated():
            headers = {"WWW-Authenticate": 'Bearer realm="music-studio"'}
            return error_response([error], HTTPStatus.UNAUTHORIZED, media_type, headers)
        case RateLimited():
            status = HTTPStatus.TOO_MANY_REQUESTS
        case Unavailable():
            status = HTTPStatus.SERVICE_UNAVAILABLE
    return error_response([error], status, media_type, {"Retry-After": str(refusal.retry_after)})


def error_response(
    problems: Sequence[Mapping[str, Any]], status: HTTPStatus, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer without data: the document was not executed."""
    return _response({"errors": list(problems)}, status, media_type, headers)


def _extensions(code: str) -> dict[str, Any]:
    logs.report_error_code(code)
    return {"code": code, "traceId": logs.trace_id.get()}


def _response(
    body: Mapping[str, Any], status: HTTPStatus, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(orjson.dumps(body), status, headers, f"{media_type}; charset=utf-8")


def _parse_media_range(entry: str) -> tuple[str, float]:
    name, *parameters = entry.split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    weight = next((value for key, _, value in pairs if key.strip().lower() == "q"), "1")
    try:
        return name.strip().lower(), float(weight)
    except ValueError:
        return name.strip().lower(), 0.0
