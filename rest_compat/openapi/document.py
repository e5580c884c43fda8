"""The OpenAPI document, generated from the operations and their models."""

from collections.abc import Iterator, Mapping, Sequence
from inspect import getdoc
from pathlib import Path
from typing import Any, Final

from core.version import VERSION
from engines.port import EngineInfo
from resolvers.focus.commands import IdempotencyKey
from rest_compat import routes
from rest_compat.fields import Schema
from rest_compat.openapi import engine_choices, error_codes, error_responses, json_schema, parameters
from rest_compat.operations import Operation, Result

Document = Mapping[str, Any]

_DESCRIPTION: Final = (Path(__file__).parent / "description.md").read_text(encoding="utf-8").strip()

_SECURITY_SCHEMES: Final = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key, `ak_…`."},
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token or an API key. Takes precedence if both headers are sent.",
    },
}

# operations without a body reject large bodies, too
_EVERYWHERE: Final = ("PAYLOAD_TOO_LARGE", "RATE_LIMIT_EXCEEDED", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE")
_WITH_CREDENTIALS: Final = [row.code for row in error_codes.TABLE if row.type == "authentication_error"]
_WITH_BODY: Final = ("BAD_REQUEST", "UNSUPPORTED_MEDIA_TYPE", "VALIDATION_ERROR")


def build(
    public_url: str, engines: Sequence[EngineInfo], operations: Sequence[Operation] = routes.ALL_OPERATIONS
) -> Document:
    """Build the document of a server at ``public_url`` with these engines."""
    definitions = json_schema.definitions(*_models(operations))
    schemas = json_schema.components(definitions)
    for name in schemas.keys() & engine_choices.RESTRICTIONS.keys():
        schemas[name] = engine_choices.RESTRICTIONS[name](schemas[name], engines)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        names = map(parameters.path_parameter, operation.path_parameters)
        path = paths.setdefault(routes.BASE + operation.path, {"parameters": list(names)})
        path[operation.method.lower()] = _operation(operation, definitions)
    tags = [tag for tag in routes.TAGS if any(operation.tag is tag for operation in operations)]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Music Studio", "version": VERSION, "description": _DESCRIPTION},
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": public_url}],
        "security": [{name: []} for name in _SECURITY_SCHEMES],
        "tags": [{"name": tag.name, "description": tag.description} for tag in tags],
        "paths": paths,
        "components": {
            "schemas": {**schemas, **error_responses.schemas()},
            "responses": error_responses.shared(),
            "headers": parameters.HEADERS,
            "securitySchemes": _SECURITY_SCHEMES,
        },
        "x-errors": [
            {"status": row.status, "code": row.code, "type": row.type, "description": row.description}
            for row in error_codes.TABLE
        ],
    }


def _models(operations: Sequence[Operation]) -> Iterator[type[object]]:
    for operation in operations:
        if operation.body:
            yield operation.body.model
        for result in operation.results:
            yield result.model


def _operation(operation: Operation, definitions: Mapping[str, Schema]) -> Mapping[str, Any]:
    not_found = operation.not_found
    if not_found is None:
        causes = [(name, parameters.PATH[name].not_found) for name in operation.path_parameters]
        not_found = [(name, reason) for name, reason in causes if reason]
    entry: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag.name],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": list(_parameters(operation)),
        "responses": {
            **{str(result.status): _result(operation, result, definitions) for result in operation.results},
            **error_responses.responses(_errors(operation, has_404=bool(not_found)), not_found),
        },
    }
    if operation.body is not None:
        entry["requestBody"] = {
            "description": operation.body.description,
            "required": operation.body.is_required,
            "content": {
                "application/json": {
                    "schema": json_schema.ref(operation.body.model.__name__),
                    "example": operation.body.example,
                },
                **{media_type: {} for media_type in operation.body.media_types},
            },
        }
    if operation.is_public:
        entry["security"] = []
    if operation.is_extension:
        entry["x-beyond-contract"] = True
    return entry


def _parameters(operation: Operation) -> Iterator[Mapping[str, Any]]:
    if operation.query:
        for name, field in json_schema.properties(operation.query).items():
            yield _parameter(name, "query", field)
    if operation.is_idempotent:
        field = json_schema.properties(IdempotencyKey)["idempotency_key"]
        description = "Makes retries safe: the same key with the same request returns the resource that already exists."
        yield _parameter("Idempotency-Key", "header", {**field, "description": description})


def _parameter(name: str, place: str, field: Mapping[str, Any]) -> Mapping[str, Any]:
    schema = {key: value for key, value in json_schema.never_null(field).items() if key != "description"}
    return {"name": name, "in": place, "required": False, "schema": schema, "description": field["description"]}


def _errors(operation: Operation, *, has_404: bool) -> Mapping[str, str]:
    """Return the description of each error code that the operation can return."""
    codes = [
        *_EVERYWHERE,
        *(() if operation.is_public else _WITH_CREDENTIALS),
        *(["ORGANIZATION_ACCESS_DENIED"] if "organization_id" in operation.path_parameters else ()),
        *(["RESOURCE_NOT_FOUND"] if has_404 else ()),
        *(_WITH_BODY if operation.body else ()),
        *(["VALIDATION_ERROR"] if operation.query else ()),
    ]
    return {**{code: error_codes.CODES[code].description for code in codes}, **operation.errors}


def _result(operation: Operation, result: Result, definitions: Mapping[str, Schema]) -> Schema:
    name = result.model.__name__
    headers = [
        "X-Request-Id",
        *result.headers,
        *(["Idempotency-Replayed"] if operation.is_idempotent else ()),
        *(() if operation.is_public else parameters.RATE_LIMIT_HEADERS),
    ]
    example = {**json_schema.example(definitions[name], definitions), **result.example}
    return {
        "description": result.description or getdoc(result.model),
        "headers": parameters.header_refs(*headers),
        "content": {
            "application/json": {"schema": json_schema.ref(name), "example": example},
            **{media_type: {"schema": {"type": "string"}} for media_type in result.media_types},
        },
    }
