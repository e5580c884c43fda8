"""Error responses of operations in the document."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.ids import Kind
from rest_compat.models.errors import Error, Problem, SpendCapDetails, ValidationDetails
from rest_compat.models.fields import EXAMPLE_TIME, Schema, example_id, rule
from rest_compat.openapi import json_schema, parameters
from rest_compat.openapi.error_codes import CODES, TABLE, ErrorCode

_SHARED: Final[Mapping[str, Sequence[ErrorCode]]] = {
    "BadRequest": [CODES["BAD_REQUEST"]],
    "NotAuthenticated": [row for row in TABLE if row.type == "authentication_error"],
    "NotAMember": [CODES["ORGANIZATION_ACCESS_DENIED"]],
    "TooLarge": [CODES["PAYLOAD_TOO_LARGE"]],
    "NotJson": [CODES["UNSUPPORTED_MEDIA_TYPE"]],
    "InvalidValues": [CODES["VALIDATION_ERROR"]],
    "TooManyRequests": [CODES["RATE_LIMIT_EXCEEDED"]],
    "ServerFault": [CODES["INTERNAL_ERROR"]],
    "Away": [CODES["SERVICE_UNAVAILABLE"]],
}
"""Responses that are the same for all operations, by component."""

_DETAILS: Final[Mapping[str, type[object]]] = {
    "VALIDATION_ERROR": ValidationDetails,
    "SPEND_CAP_EXCEEDED": SpendCapDetails,
}

_MISSING: Final = CODES["AUTHENTICATION_REQUIRED"]
_NOT_FOUND: Final = CODES["RESOURCE_NOT_FOUND"]

_WITHOUT_RATE_LIMIT: Final = frozenset({401, 500})
"""Statuses of requests that fail before the rate limiter counts them, or unexpectedly."""

_HEADERS: Final[Mapping[int, Mapping[str, Schema]]] = {
    401: parameters.header_refs("WWW-Authenticate"),
    429: {"Retry-After": {"$ref": "#/components/headers/Retry-After-Limit"}},
    503: parameters.header_refs("Retry-After"),
}


def schemas() -> dict[str, Any]:
    """Return the components of errors."""
    components = json_schema.components(json_schema.definitions(Error, Problem))
    fields = components["Error"]["properties"]["error"]["properties"]
    fields["code"]["enum"] = [row.code for row in TABLE]
    fields["type"]["enum"] = list(dict.fromkeys(row.type for row in TABLE))
    return components


def shared() -> Mapping[str, Schema]:
    """Return the components of responses that are the same for all operations."""
    return {name: _response(rows, _descriptions(rows), ()) for name, rows in _SHARED.items()}


def responses(descriptions: Mapping[str, str], not_found: Sequence[tuple[str, str]]) -> Mapping[str, Schema]:
    """Return the error responses of an operation by status.

    ``descriptions`` are those of the operation's error codes, ``not_found`` its causes of 404.
    """
    rows = [row for row in TABLE if row.code in descriptions]
    statuses = dict.fromkeys(row.status for row in rows)
    by_status = {status: [row for row in rows if row.status == status] for status in statuses}
    return {str(status): _response_or_ref(rows, descriptions, not_found) for status, rows in by_status.items()}


def _response_or_ref(
    rows: Sequence[ErrorCode], descriptions: Mapping[str, str], not_found: Sequence[tuple[str, str]]
) -> Schema:
    own = {row.code: descriptions[row.code] for row in rows}
    for name, shared_rows in _SHARED.items():
        if shared_rows == rows and _descriptions(rows) == own:
            return {"$ref": f"#/components/responses/{name}"}
    return _response(rows, own, not_found)


def _descriptions(rows: Sequence[ErrorCode]) -> Mapping[str, str]:
    return {row.code: row.description for row in rows}


def _response(
    rows: Sequence[ErrorCode], descriptions: Mapping[str, str], not_found: Sequence[tuple[str, str]]
) -> Schema:
    status = rows[0].status
    rate_limit = () if status in _WITHOUT_RATE_LIMIT else parameters.RATE_LIMIT_HEADERS
    examples = {row.code: {"summary": descriptions[row.code], "value": _example(row, not_found)} for row in rows}
    schema = {**json_schema.ref("Error"), "properties": {"error": _error_schema(rows, not_found)}}
    return {
        "description": " ".join(descriptions.values()),
        "headers": {**parameters.header_refs("X-Request-Id", *rate_limit), **_HEADERS.get(status, {})},
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }


def _error_schema(rows: Sequence[ErrorCode], not_found: Sequence[tuple[str, str]]) -> Schema:
    """Return what the envelope contains for these codes of one status, in addition to its own schema."""
    schema: dict[str, Any] = {
        "properties": {
            "status": {"const": rows[0].status},
            "code": {"enum": [row.code for row in rows]},
            "type": {"enum": list(dict.fromkeys(row.type for row in rows))},
        }
    }
    rules = [rule("code", row.code, _fields(row)) for row in rows if row is _MISSING or row.code in _DETAILS]
    if rows == [_NOT_FOUND]:
        schema["anyOf"] = [_not_found_schema(*cause) for cause in not_found]
    elif rules:
        schema["allOf"] = rules
    return schema


def _fields(row: ErrorCode) -> Mapping[str, Schema]:
    if row is _MISSING:
        texts = {"message": {"const": row.message}, "system_message": {"const": row.system_message}}
        return {**texts, "details": {"maxProperties": 0}}
    model = _DETAILS[row.code]
    return {"details": json_schema.components(json_schema.definitions(model))[model.__name__]}


def _not_found_schema(parameter: str, system_message: str) -> Schema:
    details = {
        "type": "object",
        "description": "The id that was not found.",
        "properties": {parameter: {"type": "string"}},
        "required": [parameter],
        "additionalProperties": False,
    }
    return {"properties": {"system_message": {"const": system_message}, "details": details}}


def _example(row: ErrorCode, not_found: Sequence[tuple[str, str]]) -> Mapping[str, Any]:
    details = row.details if row.code in _DETAILS else {}
    system_message = row.system_message
    if row is _NOT_FOUND:
        parameter, system_message = not_found[0]
        details = {parameter: parameters.PATH[parameter].example}
    return {
        "success": False,
        "error": {
            "code": row.code,
            "message": row.message,
            "system_message": system_message,
            "type": row.type,
            "status": row.status,
            "details": details,
            "trace_id": example_id(Kind.REQUEST),
            "timestamp": EXAMPLE_TIME,
        },
    }
