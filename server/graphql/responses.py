"""GraphQL over HTTP responses: content negotiation, status and body."""

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
    """Return the preferred response type for an ``Accept`` header, JSON by default; None if none is acceptable."""
    if not accept:
        return JSON
    weights = dict(map(_parse_media_range, accept.split(",")))
    exact = {name: weight for name, weight in weights.items() if name in {GRAPHQL_RESPONSE_JSON, JSON}}
    if any(exact.values()):
        return max(exact, key=lambda name: exact[name])
    any_type = max((weights.get(name, 0.0) for name in ("application/*", "*/*")), default=0.0)
    # many clients that request a stream list no other type
    return JSON if (any_type and JSON not in exact) or weights.keys() & _STREAM_TYPES else None


def result_response(result: ExecutionResult, media_type: str) -> Response:
    """Return the response to an executed operation, or to one that failed before its execution."""
    body: dict[str, Any] = {}
    is_request_error = result.data is None and result.errors and all(error.path is None for error in result.errors)
    if not is_request_error:
        body["data"] = result.data
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        body["extensions"] = result.extensions
    is_bad_request = is_request_error and media_type == GRAPHQL_RESPONSE_JSON
    return _response(body, HTTPStatus.BAD_REQUEST if is_bad_request else HTTPStatus.OK, media_type)


def request_error_response(error: GraphQLRequestError, media_type: str) -> Response:
    headers = {"Allow": "POST"} if error.status is HTTPStatus.METHOD_NOT_ALLOWED else {}
    # clients of automatic persisted queries expect these errors with status 200
    status = HTTPStatus.OK if error.code in _PERSISTED_QUERY_CODES and media_type == JSON else error.status
    return _error_response(str(error), error.code, status, media_type, headers)


def batch_response(responses: Sequence[Response]) -> Response:
    """Return the responses to the operations of a batch, in their order."""
    body = b"[" + b",".join(bytes(response.body) for response in responses) + b"]"
    return Response(body, HTTPStatus.OK, media_type=f"{JSON}; charset=utf-8")


def refusal_response(refusal: Unauthenticated | Unavailable | RateLimited, media_type: str) -> Response:
    """Return the response to a request that was rejected before its document was parsed."""
    if isinstance(refusal, Unauthenticated):
        status, headers = HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": 'Bearer realm="music-studio"'}
    else:
        is_limited = isinstance(refusal, RateLimited)
        status = HTTPStatus.TOO_MANY_REQUESTS if is_limited else HTTPStatus.SERVICE_UNAVAILABLE
        headers = {"Retry-After": str(refusal.retry_after)}
    return _error_response(refusal.message, errors.error_code(refusal), status, media_type, headers)


def _error_response(
    message: str, code: str, status: HTTPStatus, media_type: str, headers: Mapping[str, str]
) -> Response:
    logs.report_error_code(code)
    error = {"message": message, "extensions": {"code": code, "traceId": logs.trace_id.get()}}
    return _response({"errors": [error]}, status, media_type, headers)


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
