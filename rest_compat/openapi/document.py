"""The OpenAPI document: the route table's rows with what the nouns say about them."""

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any, Final

from core.version import VERSION
from engines.port import EngineInfo
from rest_compat import routes
from rest_compat.openapi import (
    collections,
    engines,
    errors,
    focus,
    generations,
    json_schema,
    parameters,
    receipts,
    refusals,
    sharing,
    tracks,
    usage,
)
from rest_compat.openapi.descriptions import Body, Description, Noun, Success
from rest_compat.openapi.json_schema import Schema
from rest_compat.routes import Operation

Document = Mapping[str, Any]

_ABOUT: Final = """\
Music on request, for callers that speak REST. The same things can be done, more comfortably, at `/graphql`.

**Ids** begin with what they name: `org_` an organization, `mgen_` a generation, `mtrack_` a track, `mlib_` a \
library entry, `mcoll_` a collection, `mfocus_` a focus session, `mslink_` a share link. Whatever is \
missing, malformed or somebody else's is answered alike: not found.

**Times** are ISO 8601 in UTC with `Z`, in whole seconds. Durations are seconds, money is a number in CHF.

**Bodies** are JSON. A field that is not known is refused; a query parameter that is not known is ignored.

**Lists** take `limit` and `offset`, and echo them.

**Haste** has its bounds: `X-RateLimit-Remaining` tells how many requests you may make right now, and whoever makes \
more is answered 429 with `Retry-After`.

**Repeating** is safe: what was refused had no effect. Send `Idempotency-Key` to make sure that a repeated request \
starts nothing new; a key is remembered for 24 hours at least.\
"""

_SECURITY_SCHEMES: Final = {
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "A key of this server, as `ak_…`.",
    },
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token, or a key. When both headers are sent, this one wins.",
    },
}

# also a body that an operation would not look at may be too large
_ALWAYS: Final = ("PAYLOAD_TOO_LARGE", "RATE_LIMIT_EXCEEDED", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE")
_OF_CALLERS: Final = (
    "AUTHENTICATION_REQUIRED",
    "INVALID_API_KEY",
    "API_KEY_EXPIRED",
    "API_KEY_DEACTIVATED",
    "TOKEN_EXPIRED",
    "TOKEN_INVALID",
)
_OF_BODIES: Final = ("BAD_REQUEST", "UNSUPPORTED_MEDIA_TYPE", "VALIDATION_ERROR")


def nouns(cards: Sequence[EngineInfo]) -> Sequence[Noun]:
    """What the document is about, in the order of the contract; then what is beyond it."""
    return [
        engines.noun(),
        generations.noun(cards),
        tracks.noun(),
        collections.noun(),
        focus.noun(cards),
        sharing.noun(),
        usage.noun(),
        receipts.noun(),
    ]


def build(
    public_url: str, cards: Sequence[EngineInfo], operations: Sequence[Operation] = routes.ALL_OPERATIONS
) -> Document:
    """The document of an installation at this address with these engines. KeyError: an operation is not described."""
    names = {operation.name for operation in operations}
    described = [noun for noun in nouns(cards) if names & noun.operations.keys()]
    schemas = {name: schema for noun in described for name, schema in noun.schemas.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Music Studio", "version": VERSION, "description": _ABOUT},
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": public_url}],
        "security": [{name: []} for name in _SECURITY_SCHEMES],
        "tags": [{"name": noun.title, "description": noun.text} for noun in described],
        "paths": _paths(described, operations),
        "components": {
            "schemas": {**schemas, **refusals.schemas()},
            "responses": refusals.shared(),
            "headers": parameters.HEADERS,
            "securitySchemes": _SECURITY_SCHEMES,
        },
        "x-errors": [
            {"status": row.status, "code": row.code, "type": row.type, "description": row.when} for row in errors.TABLE
        ],
    }


def _paths(described: Sequence[Noun], operations: Sequence[Operation]) -> Mapping[str, Any]:
    told = {name: (noun.title, one) for noun in described for name, one in noun.operations.items()}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        tag, description = told[operation.name]
        path = paths.setdefault(routes.BASE + operation.path, {"parameters": _path_parameters(operation)})
        path[operation.method.lower()] = _operation(operation, tag, description)
    return paths


def _path_parameters(operation: Operation) -> Sequence[Mapping[str, Any]]:
    return [parameters.path(name) for name in _names(operation)]


def _names(operation: Operation) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(operation.path) if name]


def _operation(operation: Operation, tag: str, description: Description) -> Mapping[str, Any]:
    entry: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [tag],
        "summary": description.summary,
        "description": description.text,
        "parameters": [parameters.written(parameter) for parameter in description.parameters],
        "responses": {
            **{str(success.status): _success(operation, success) for success in description.successes},
            **refusals.responses(_reasons(operation, description), description.missing),
        },
    }
    if description.body is not None:
        entry["requestBody"] = _body(description.body)
    if operation.is_public:
        entry["security"] = []
    if operation in routes.EXTENSIONS:
        entry["x-beyond-contract"] = True
    return entry


def _reasons(operation: Operation, description: Description) -> Mapping[str, str]:
    """The codes that this operation can meet, each with its reason."""
    codes = list(_ALWAYS)
    if not operation.is_public:
        codes += _OF_CALLERS
    if "organization_id" in _names(operation):
        codes.append("ORGANIZATION_ACCESS_DENIED")
    if description.missing:
        codes.append("RESOURCE_NOT_FOUND")
    if description.body is not None:
        codes += _OF_BODIES
    if any(parameter.place == "query" for parameter in description.parameters):
        codes.append("VALIDATION_ERROR")
    return {**{code: errors.ROWS[code].when for code in codes}, **description.refusals}


def _success(operation: Operation, success: Success) -> Schema:
    headers = ("X-Request-Id", *success.headers, *(() if operation.is_public else parameters.ALLOWANCE))
    return {
        "description": success.description,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {
            "application/json": {"schema": json_schema.ref(success.component), "example": success.example},
            **{media_type: {"schema": {"type": "string"}} for media_type in success.also},
        },
    }


def _body(body: Body) -> Mapping[str, Any]:
    return {
        "description": body.description,
        "required": body.is_required,
        "content": {
            "application/json": {"schema": json_schema.ref(body.component), "example": body.example},
            **{media_type: {} for media_type in body.also},
        },
    }
