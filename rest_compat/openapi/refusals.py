"""The one envelope, and an operation's answers that are not 2xx."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.ids import Kind
from rest_compat.openapi import errors, json_schema, parameters
from rest_compat.openapi.descriptions import Missing
from rest_compat.openapi.errors import Row
from rest_compat.openapi.json_schema import Schema


def _rows(*codes: str) -> Sequence[Row]:
    return [errors.ROWS[code] for code in codes]


_SHARED: Final[Mapping[str, Sequence[Row]]] = {
    "BadRequest": _rows("BAD_REQUEST"),
    "NotAuthenticated": [row for row in errors.TABLE if row.type == "authentication_error"],
    "NotAMember": _rows("ORGANIZATION_ACCESS_DENIED"),
    "TooLarge": _rows("PAYLOAD_TOO_LARGE"),
    "NotJson": _rows("UNSUPPORTED_MEDIA_TYPE"),
    "InvalidValues": _rows("VALIDATION_ERROR"),
    "TooManyRequests": _rows("RATE_LIMIT_EXCEEDED"),
    "ServerFault": _rows("INTERNAL_ERROR"),
    "Away": _rows("SERVICE_UNAVAILABLE"),
}

_TITLES: Final = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    409: "Conflict",
    413: "Body too large",
    415: "Not JSON",
    422: "Invalid values",
    429: "Too much",
    500: "Server fault",
    503: "Temporarily away",
}

_PROBLEM: Final = json_schema.closed(
    "One thing wrong with the request.",
    {
        "field": {
            "type": "string",
            "description": "Field names and list indexes that lead to the value, joined by dots; empty for the whole.",
        },
        "message": json_schema.text("What is wrong, for people."),
    },
)

_INVALID: Final = json_schema.closed(
    "What is wrong.", {"errors": json_schema.array_of(json_schema.ref("Problem"), "Every problem.", minItems=1)}
)

_SPENT: Final = json_schema.closed(
    "Which cap, and how far it is used.",
    {
        "window": json_schema.one_of(["day", "week", "month"], "The window whose cap it is."),
        "limit_chf": json_schema.number("The cap.", minimum=0),
        "spent_chf": json_schema.number("Spent and reserved so far.", minimum=0),
        "resets_at": json_schema.moment("When the window starts anew."),
    },
)

_RULES: Final[Mapping[str, Mapping[str, Schema]]] = {
    "AUTHENTICATION_REQUIRED": {
        "message": {"const": errors.ROWS["AUTHENTICATION_REQUIRED"].message},
        "system_message": {"const": errors.ROWS["AUTHENTICATION_REQUIRED"].system_message},
        "details": {"maxProperties": 0},
    },
    "VALIDATION_ERROR": {"details": _INVALID},
    "SPEND_CAP_EXCEEDED": {"details": _SPENT},
}
"""What a code says of the envelope's other fields."""

_EXAMPLE_DETAILS: Final[Mapping[str, Mapping[str, Any]]] = {
    "VALIDATION_ERROR": {"errors": [{"field": "duration_seconds", "message": "Must be greater than 0."}]},
    "SPEND_CAP_EXCEEDED": {
        "window": "month",
        "limit_chf": 50.0,
        "spent_chf": 49.9,
        "resets_at": "2026-07-01T00:00:00Z",
    },
}

_UNCOUNTED: Final = frozenset({401, 500})
"""Refused before anybody counted, or after everything broke."""

_HEADERS: Final[Mapping[int, Mapping[str, Schema]]] = {
    401: {"WWW-Authenticate": {"$ref": "#/components/headers/WWW-Authenticate"}},
    429: {"Retry-After": {"$ref": "#/components/headers/Retry-After-Limit"}},
    503: {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
}


def schemas() -> Mapping[str, Schema]:
    """The envelope, and one problem of a 422."""
    fault = {
        "code": json_schema.one_of([row.code for row in errors.TABLE], "A constant for programs."),
        "message": json_schema.text("A sentence that is safe to show to a person."),
        "system_message": json_schema.text("A sentence for developers; never a stack trace, SQL or a path."),
        "type": json_schema.one_of(list(dict.fromkeys(row.type for row in errors.TABLE)), "The kind of error."),
        "status": json_schema.integer("The HTTP status once more.", minimum=400, maximum=599),
        "details": {"type": "object", "description": "What a program needs to react; `{}` when there is nothing."},
        "trace_id": json_schema.text(
            "The `X-Request-Id` of the answer, and the id in the server's log.", pattern="^req_"
        ),
        "timestamp": json_schema.moment("When it was refused."),
    }
    envelope = {
        "success": {"type": "boolean", "const": False, "description": "Always false."},
        "error": json_schema.closed("What was refused, and why.", fault),
    }
    return {"Error": json_schema.closed("Every answer that is not 2xx.", envelope), "Problem": _PROBLEM}


def shared() -> Mapping[str, Schema]:
    """The answers that mean the same everywhere, by component name."""
    return {name: _response(rows, _meanings(rows), ()) for name, rows in _SHARED.items()}


def responses(codes: Mapping[str, str], missing: Sequence[Missing]) -> Mapping[str, Schema]:
    """By status, what an operation answers when it refuses with one of these codes; each comes with its reason."""
    rows = [row for row in errors.TABLE if row.code in codes]
    by_status = {status: [row for row in rows if row.status == status] for status in (row.status for row in rows)}
    return {str(status): _response_or_ref(here, codes, missing) for status, here in by_status.items()}


def _response_or_ref(rows: Sequence[Row], codes: Mapping[str, str], missing: Sequence[Missing]) -> Schema:
    reasons = {row.code: codes[row.code] for row in rows}
    for name, shared_rows in _SHARED.items():
        if shared_rows == rows and _meanings(rows) == reasons:
            return {"$ref": f"#/components/responses/{name}"}
    return _response(rows, reasons, missing)


def _meanings(rows: Sequence[Row]) -> Mapping[str, str]:
    return {row.code: row.when for row in rows}


def _response(rows: Sequence[Row], reasons: Mapping[str, str], missing: Sequence[Missing]) -> Schema:
    status = rows[0].status
    return {
        "description": f"{_TITLES[status]}. " + " ".join(f"`{row.code}`: {reasons[row.code]}" for row in rows),
        "headers": {
            **{name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *_allowance(status))},
            **_HEADERS.get(status, {}),
        },
        "content": {
            "application/json": {
                "schema": {**json_schema.ref("Error"), "properties": {"error": _fault(rows, missing)}},
                "examples": {row.code: {"value": _example(row, missing)} for row in rows},
            }
        },
    }


def _allowance(status: int) -> Sequence[str]:
    """Headers of what is answered to a caller who was known and counted."""
    return () if status in _UNCOUNTED else parameters.ALLOWANCE


def _fault(rows: Sequence[Row], missing: Sequence[Missing]) -> Schema:
    """What the envelope holds for these rows, which are of one status, beyond what it always holds."""
    properties: dict[str, Schema] = {
        "status": {"const": rows[0].status},
        "code": {"enum": [row.code for row in rows]},
        "type": {"enum": list(dict.fromkeys(row.type for row in rows))},
    }
    if rows == _rows("RESOURCE_NOT_FOUND"):
        return {"properties": properties, "anyOf": [_looked_up(one) for one in missing]}
    rules = [json_schema.when("code", row.code, _RULES[row.code], {}) for row in rows if row.code in _RULES]
    return {"properties": properties, "allOf": rules} if rules else {"properties": properties}


def _looked_up(missing: Missing) -> Schema:
    details = json_schema.closed("What was looked up.", {missing.parameter: {"type": "string"}})
    return {"properties": {"system_message": {"const": missing.system_message}, "details": details}}


def _example(row: Row, missing: Sequence[Missing]) -> Mapping[str, Any]:
    details = _EXAMPLE_DETAILS.get(row.code, {})
    system_message = row.system_message
    if row.code == "RESOURCE_NOT_FOUND":
        details = {missing[0].parameter: parameters.PATH[missing[0].parameter][1]}
        system_message = missing[0].system_message
    error = {
        "code": row.code,
        "message": row.message,
        "system_message": system_message,
        "type": row.type,
        "status": row.status,
        "details": details,
        "trace_id": json_schema.example_id(Kind.REQUEST),
        "timestamp": json_schema.EXAMPLE_MOMENT,
    }
    return {"success": False, "error": error}
