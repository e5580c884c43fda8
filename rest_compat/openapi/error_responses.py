"""Error responses of operations in the document."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from core.ids import Kind
from rest_compat.errors import Error, Problem, SpendCapDetails, ValidationDetails
from rest_compat.fields import EXAMPLE_TIME, Schema, example_id, rule
from rest_compat.openapi import json_schema, parameters
from rest_compat.openapi.error_codes import CODES, TABLE, ErrorCode

_SHARED: Final[Mapping[str, Sequence[ErrorCode]]] = {
    "BadRequest": [CODES["BAD_REQUEST"]],
    "NotAuthenticated": [row for row in TABLE if row.type == "authentication_error"],
    "NotAMember": [CODES["ORGANIZATION_ACCESS_DENIED"]],
    "NotAllowed": [CODES["ORGANIZATION_ACCESS_DENIED"], CODES["OPERATION_NOT_ALLOWED"]],
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
    return {name: _response(rows) for name, rows in _SHARED.items()}


def responses(descriptions: Mapping[str, str], not_found: Sequence[tuple[str, str]]) -> Mapping[str, Schema]:
    """Return the error responses of an operation by status.

    ``descriptions`` are those of the operation's error codes, ``not_found`` its causes of 404.
    """
    found = {}
    for status, group in groupby((row for row in TABLE if row.code in descriptions), key=attrgetter("status")):
        rows = [row._replace(description=descriptions[row.code]) for row in group]
        name = next((name for name, shared_rows in _SHARED.items() if shared_rows == rows), None)
        found[str(status)] = {"$ref": f"#/components/responses/{name}"} if name else _response(rows, not_found)
    return found


def _response(rows: Sequence[ErrorCode], not_found: Sequence[tuple[str, str]] = ()) -> Schema:
    status = rows[0].status
    rate_limit = () if status in _WITHOUT_RATE_LIMIT else parameters.RATE_LIMIT_HEADERS
    examples = {row.code: {"summary": row.description, "value": _example(row, not_found)} for row in rows}
    schema = {**json_schema.ref("Error"), "properties": {"error": _error_schema(rows, not_found)}}
    return {
        "description": " ".join(row.description for row in rows),
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
    rules = [rule("code", row.code, fields) for row in rows if (fields := _fields(row))]
    if rows[0].code == "RESOURCE_NOT_FOUND":
        schema["anyOf"] = [_not_found_schema(*cause) for cause in not_found]
    elif rules:
        schema["allOf"] = rules
    return schema


def _fields(row: ErrorCode) -> Mapping[str, Schema]:
    if row.code == "AUTHENTICATION_REQUIRED":
        texts = {"message": {"const": row.message}, "system_message": {"const": row.system_message}}
        return {**texts, "details": {"maxProperties": 0}}
    model = _DETAILS.get(row.code)
    return {"details": json_schema.components(json_schema.definitions(model))[model.__name__]} if model else {}


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
    error: dict[str, Any] = {**row._asdict(), "trace_id": example_id(Kind.REQUEST), "timestamp": EXAMPLE_TIME}
    del error["description"]
    if row.code == "RESOURCE_NOT_FOUND":
        parameter, error["system_message"] = not_found[0]
        error["details"] = {parameter: parameters.PATH[parameter].example}
    elif row.code not in _DETAILS:
        error["details"] = {}
    return {"success": False, "error": error}
