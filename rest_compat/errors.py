"""Refusals as HTTP: one status and one envelope for every answer that is not 2xx."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core import clock, errors, logs
from core.errors import Refusal
from rest_compat.responses import JsonResponse

_STATUS: Final[Mapping[type[Refusal], tuple[HTTPStatus, str]]] = {
    errors.Unauthenticated: (HTTPStatus.UNAUTHORIZED, "authentication_error"),
    errors.Forbidden: (HTTPStatus.FORBIDDEN, "permission_error"),
    errors.NotAMember: (HTTPStatus.FORBIDDEN, "permission_error"),
    errors.NotFound: (HTTPStatus.NOT_FOUND, "client_error"),
    errors.InvalidInput: (HTTPStatus.UNPROCESSABLE_ENTITY, "client_error"),
    errors.Conflict: (HTTPStatus.CONFLICT, "client_error"),
    errors.SpendCapExceeded: (HTTPStatus.TOO_MANY_REQUESTS, "client_error"),
    errors.RateLimited: (HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_error"),
    errors.Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "server_error"),
}

_PROTOCOL: Final[Mapping[int, tuple[str, str]]] = {
    HTTPStatus.BAD_REQUEST: ("BAD_REQUEST", "The request could not be understood."),
    HTTPStatus.NOT_FOUND: ("RESOURCE_NOT_FOUND", "The requested resource could not be found."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("METHOD_NOT_ALLOWED", "This method is not allowed here."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("PAYLOAD_TOO_LARGE", "The request body is too large."),
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: (
        "RANGE_NOT_SATISFIABLE",
        "The file ends before the part that was asked for.",
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("UNSUPPORTED_MEDIA_TYPE", "The request body must be JSON."),
}


def refusal_response(refusal: Refusal) -> Response:
    """The answer to a refusal; total over the refusal tree."""
    status, kind = _STATUS[type(refusal)]
    code = refusal.reason.value if isinstance(refusal, errors.Unauthenticated) else refusal.code
    headers = {}
    if isinstance(refusal, errors.RateLimited | errors.Unavailable):
        headers["Retry-After"] = str(refusal.retry_after)
    if isinstance(refusal, errors.Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="music-studio"'
    return _envelope(status, code, kind, (refusal.message, refusal.technical), refusal.details, headers)


def http_error_response(error: HTTPException) -> Response:
    """The answer to what HTTP itself refuses: unknown route, wrong method, oversized or unreadable body."""
    code, message = _PROTOCOL.get(error.status_code, ("BAD_REQUEST", "The request could not be understood."))
    technical = error.detail if error.detail != HTTPStatus(error.status_code).phrase else message
    return _envelope(error.status_code, code, "client_error", (message, technical), {}, error.headers)


def internal_error_response() -> Response:
    """The answer to a bug: says nothing but the trace id."""
    texts = ("An internal error occurred.", "Unexpected failure; the trace id leads to the log")
    return _envelope(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", "server_error", texts, {}, None)


def _envelope(
    status: int,
    code: str,
    kind: str,
    texts: tuple[str, str],
    details: Mapping[str, object],
    headers: Mapping[str, str] | None,
) -> Response:
    message, technical = texts
    logs.report_error_code(code)
    body = {
        "success": False,
        "error": {
            "code": code,
            "message": message,
            "system_message": technical,
            "type": kind,
            "status": int(status),
            "details": details,
            "trace_id": logs.trace_id.get(),
            "timestamp": clock.iso(clock.now()),
        },
    }
    return JsonResponse(body, status, headers)
