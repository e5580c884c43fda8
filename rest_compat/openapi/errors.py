"""The contract's error table: status, code, type, when; and what an example of each says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; ``message`` and ``system_message`` are an example's."""

    status: int
    code: str
    type: str
    when: str
    message: str
    system_message: str


TABLE: Final = (
    Row(
        400,
        "BAD_REQUEST",
        "client_error",
        "The body is not JSON.",
        "The request could not be understood.",
        "Body is not valid JSON: unexpected character at byte 0",
    ),
    Row(
        401,
        "AUTHENTICATION_REQUIRED",
        "authentication_error",
        "No credential was sent, or none that can be read.",
        "Authentication required. Please provide a valid API key.",
        "Missing or invalid authorization header",
    ),
    Row(
        401,
        "INVALID_API_KEY",
        "authentication_error",
        "The API key is malformed or unknown.",
        "The API key is not valid.",
        "API key is malformed or unknown",
    ),
    Row(
        401,
        "API_KEY_EXPIRED",
        "authentication_error",
        "The API key is past its expiry.",
        "The API key has expired.",
        "API key is past its expiry",
    ),
    Row(
        401,
        "API_KEY_DEACTIVATED",
        "authentication_error",
        "The API key was revoked.",
        "The API key has been deactivated.",
        "API key was revoked",
    ),
    Row(
        401,
        "TOKEN_EXPIRED",
        "authentication_error",
        "The bearer token is past its expiry.",
        "The access token has expired.",
        "Bearer token is past its expiry",
    ),
    Row(
        401,
        "TOKEN_INVALID",
        "authentication_error",
        "The bearer token cannot be verified.",
        "The access token is not valid.",
        "Bearer token could not be verified",
    ),
    Row(
        403,
        "ORGANIZATION_ACCESS_DENIED",
        "permission_error",
        "The organization is not the caller's, or does not exist.",
        "You do not have access to this organization.",
        "Caller is not a member of the organization",
    ),
    Row(
        403,
        "OPERATION_NOT_ALLOWED",
        "permission_error",
        "The caller has access but may not do this.",
        "You are not allowed to do this.",
        "Only the creator may delete a track",
    ),
    Row(
        404,
        "RESOURCE_NOT_FOUND",
        "client_error",
        "It is missing, deleted or somebody else's; `details` carry the id that was looked up.",
        "The requested resource could not be found.",
        "Resource not found",
    ),
    Row(
        405,
        "METHOD_NOT_ALLOWED",
        "client_error",
        "The path does not know this method; `Allow` names those that it knows.",
        "This method is not allowed here.",
        "This method is not allowed here.",
    ),
    Row(
        409,
        "CONFLICT",
        "client_error",
        "The request contradicts the present state.",
        "The request conflicts with the current state of the resource.",
        "Idempotency key was used for another request",
    ),
    Row(
        413,
        "PAYLOAD_TOO_LARGE",
        "client_error",
        "The body is over the server's limit.",
        "The request body is too large.",
        "The request body is too large.",
    ),
    Row(
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        "client_error",
        "The body's content type is not JSON.",
        "The request body must be JSON.",
        "Content-Type must be application/json",
    ),
    Row(
        422,
        "VALIDATION_ERROR",
        "client_error",
        "Values break rules; `details.errors` lists every problem at once.",
        "The request contains invalid values.",
        "Request validation failed",
    ),
    Row(
        429,
        "RATE_LIMIT_EXCEEDED",
        "rate_limit_error",
        "Too many requests; `Retry-After` says how long to wait.",
        "Too many requests. Please slow down.",
        "Rate limit exceeded",
    ),
    Row(
        429,
        "SPEND_CAP_EXCEEDED",
        "client_error",
        "The organization's spend cap would be passed; nothing was charged.",
        "The spending limit of your organization has been reached.",
        "Spend cap of the month would be passed",
    ),
    Row(
        500,
        "INTERNAL_ERROR",
        "server_error",
        "A fault of the server. The trace id leads to its log.",
        "An internal error occurred.",
        "Unexpected failure; the trace id leads to the log",
    ),
    Row(
        503,
        "SERVICE_UNAVAILABLE",
        "server_error",
        "The database, the queue or the storage is away; nothing was changed.",
        "The service is temporarily unavailable. Please try again shortly.",
        "Database is not reachable",
    ),
)

ROWS: Final[Mapping[str, Row]] = {row.code: row for row in TABLE}
