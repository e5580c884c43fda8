"""Error responses: the status and the JSON envelope of every response that is not a success."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core import clock, errors, logs
from core.errors import Refusal
from rest_compat.models.errors import Error
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

_BAD_REQUEST: Final = ("BAD_REQUEST", "The request could not be understood.")
_HTTP_ERRORS: Final[Mapping[int, tuple[str, str]]] = {
    HTTPStatus.NOT_FOUND: ("RESOURCE_NOT_FOUND", "The requested resource could not be found."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("METHOD_NOT_ALLOWED", "This method is not allowed here."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("PAYLOAD_TOO_LARGE", "The request body is too large."),
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: (
        "RANGE_NOT_SATISFIABLE",
        "The requested range is outside the file.",
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("UNSUPPORTED_MEDIA_TYPE", "The request body must be JSON."),
}


def refusal_response(refusal: Refusal) -> Response:
    headers = {}
    if isinstance(refusal, errors.RateLimited | errors.Unavailable):
        headers["Retry-After"] = str(refusal.retry_after)
    if isinstance(refusal, errors.Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="music-studio"'
    return _response(error_body(refusal), headers)


def http_error_response(error: HTTPException) -> Response:
    """Render an error of the HTTP layer: unknown route, wrong method, oversized or unreadable body."""
    return _response(error_body(error), error.headers)


def internal_error_response() -> Response:
    """Render an unexpected exception without its details."""
    return _response(error_body(None), None)


def error_body(error: Refusal | HTTPException | None) -> Error:
    """Build the envelope of an error, None for an unexpected exception."""
    if isinstance(error, Refusal):
        status, kind = _STATUS[type(error)]
        code = error.reason.value if isinstance(error, errors.Unauthenticated) else error.code
        return _envelope(status, code, kind, error.message, error.technical, error.details)
    if error is not None:
        code, message = _HTTP_ERRORS.get(error.status_code, _BAD_REQUEST)
        technical = error.detail if error.detail != HTTPStatus(error.status_code).phrase else message
        return _envelope(error.status_code, code, "client_error", message, technical, {})
    message, technical = "An internal error occurred.", "Unexpected failure; the trace id leads to the log"
    return _envelope(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", "server_error", message, technical, {})


def _envelope(status: int, code: str, kind: str, message: str, technical: str, details: Mapping[str, object]) -> Error:
    return {
        "success": False,
        "error": {
            "code": code,
            "message": message,
            "system_message": technical,
            "type": kind,
            "status": int(status),
            "details": details,
            "trace_id": logs.trace_id.get() or "",
            "timestamp": clock.iso(clock.now()),
        },
    }


def _response(body: Error, headers: Mapping[str, str] | None) -> Response:
    logs.report_error_code(body["error"]["code"])
    return JsonResponse(body, body["error"]["status"], headers)
