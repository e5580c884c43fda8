"""Error responses: their models, and the status and envelope of every response that is not a success."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Final, Literal

from starlette.exceptions import HTTPException
from starlette.responses import Response
from typing_extensions import TypedDict

from core import clock, errors, logs
from core.errors import Refusal
from core.spend_windows import Window
from rest_compat import fields
from rest_compat.fields import Text, doc
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

_HTTP_ERRORS: Final[Mapping[int, tuple[str, str]]] = {
    HTTPStatus.NOT_FOUND: ("RESOURCE_NOT_FOUND", "The requested resource could not be found."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("METHOD_NOT_ALLOWED", "This method is not allowed here."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("PAYLOAD_TOO_LARGE", "The request body is too large."),
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: ("RANGE_NOT_SATISFIABLE", "The requested range is outside the file."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("UNSUPPORTED_MEDIA_TYPE", "The request body must be JSON."),
}


class _Error(TypedDict):
    code: Annotated[str, doc("Constant for programs.")]
    message: Annotated[Text, doc("What went wrong, for display.")]
    system_message: Annotated[Text, doc("What went wrong, for developers. Never a stack trace, SQL or a path.")]
    type: Annotated[str, doc("Category of the error.")]
    status: Annotated[int, doc("HTTP status of the response.", ge=400, le=599)]
    details: Annotated[Mapping[str, object], doc("Values for programs that handle the error, or `{}`.")]
    trace_id: Annotated[Text, doc("The `X-Request-Id` of the response.", pattern="^req_")]
    timestamp: Annotated[fields.Timestamp, doc("Time of the error.")]


class Error(TypedDict):
    """The body of every response with a status of 400 or above."""

    success: Annotated[Literal[False], doc("Always `false`.")]
    error: Annotated[_Error, doc("The error.")]


class Problem(TypedDict):
    """A problem of one value in the request."""

    field: Annotated[str, doc("Field names and list indexes joined by dots; empty for the whole request.")]
    message: Annotated[Text, doc("The problem, for display.")]


class ValidationDetails(TypedDict):
    """The invalid values."""

    errors: Annotated[list[Problem], doc("Every problem of the request.", min_length=1)]


class SpendCapDetails(TypedDict):
    """The spend cap that the request would exceed."""

    window: Annotated[Window, doc("Window of the cap.")]
    limit_chf: Annotated[fields.Chf, doc("The cap in CHF.")]
    spent_chf: Annotated[fields.Chf, doc("Cost that is charged or reserved, in CHF.")]
    resets_at: Annotated[fields.Timestamp, doc("End of the current window.")]


def error_response(error: Refusal | HTTPException | None) -> Response:
    """Render an error of the product or of HTTP (unknown route, unreadable body), or None: an unexpected exception."""
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if isinstance(error, errors.RateLimited | errors.Unavailable):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="music-studio"'
    body = error_body(error)
    logs.report_error_code(body["error"]["code"])
    return JsonResponse(body, body["error"]["status"], headers)


def error_body(error: Refusal | HTTPException | None) -> Error:
    """Build the envelope of an error, None for an unexpected exception."""
    details: Mapping[str, object] = {}
    if isinstance(error, Refusal):
        status, kind = _STATUS[type(error)]
        code = error.reason.value if isinstance(error, errors.Unauthenticated) else error.code
        message, technical, details = error.message, error.technical, error.details
    elif error is not None:
        status, kind = HTTPStatus(error.status_code), "client_error"
        code, message = _HTTP_ERRORS.get(status, ("BAD_REQUEST", "The request could not be understood."))
        technical = error.detail if error.detail != status.phrase else message
    else:
        status, kind, code = HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", "INTERNAL_ERROR"
        message, technical = "An internal error occurred.", "Unexpected failure; the trace id leads to the log"
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
            "timestamp": clock.now(),
        },
    }
