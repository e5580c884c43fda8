"""The OpenAPI document, generated from the operations and their models."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import getdoc
from pathlib import Path
from typing import Any, Final

from core.focus import Goal
from core.version import VERSION
from engines.port import EngineInfo
from resolvers.access import validation
from resolvers.focus.commands import IdempotencyKey
from resolvers.generations.commands import CreateGeneration
from rest_compat import routes
from rest_compat.fields import Schema, rule
from rest_compat.openapi import error_codes, error_responses, json_schema, parameters
from rest_compat.operations import Body, Operation, Result

_FOLDER: Final = Path(__file__).parent
_DESCRIPTION: Final = (_FOLDER / "description.md").read_text(encoding="utf-8").strip()
_COMPONENTS: Final = json.loads((_FOLDER / "components.json").read_bytes())
"""Components that no model defines. Responses can use a header component under another header's name."""

# operations without a body reject large bodies, too
_EVERYWHERE: Final = ("PAYLOAD_TOO_LARGE", "RATE_LIMIT_EXCEEDED", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE")
_WITH_CREDENTIALS: Final = [row.code for row in error_codes.TABLE if row.type == "authentication_error"]
_WITH_BODY: Final = ("BAD_REQUEST", "UNSUPPORTED_MEDIA_TYPE", "VALIDATION_ERROR")


def build(
    public_url: str, engines: Sequence[EngineInfo], operations: Sequence[Operation] = routes.ALL_OPERATIONS
) -> Mapping[str, Any]:
    """Build the document of a server at ``public_url`` with these engines."""
    bodies = [operation.body.model for operation in operations if operation.body and operation.body.model]
    results = [result.model for operation in operations for result in operation.results]
    definitions = json_schema.definitions(*bodies, *results)
    schemas = json_schema.components(definitions)
    for name in schemas.keys() & _RESTRICTIONS.keys():
        schemas[name] = _RESTRICTIONS[name](schemas[name], engines)
    for body in bodies:
        schemas[body.__name__] = json_schema.accept_empty(schemas[body.__name__], validation.fields_with_empty(body))
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
        "security": [{name: []} for name in _COMPONENTS["securitySchemes"]],
        "tags": [{"name": tag.name, "description": tag.description} for tag in tags],
        "paths": paths,
        "components": {
            "schemas": {**schemas, **error_responses.schemas()},
            "responses": error_responses.shared(),
            **_COMPONENTS,
        },
        "x-errors": [
            {"status": row.status, "code": row.code, "type": row.type, "description": row.description}
            for row in error_codes.TABLE
        ],
    }


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
            "content": _request_content(operation.body),
        }
    if operation.is_public:
        entry["security"] = []
    if operation.is_extension:
        entry["x-beyond-contract"] = True
    return entry


def _request_content(body: Body) -> dict[str, Any]:
    files: dict[str, Any] = {media_type: {} for media_type in body.media_types}
    if body.model is None:
        return files
    return {"application/json": {"schema": json_schema.ref(body.model.__name__), "example": body.example}, **files}


def _parameters(operation: Operation) -> Iterator[Mapping[str, Any]]:
    fields = {**json_schema.properties(operation.query)} if operation.query else {}
    if operation.is_idempotent:
        key = json_schema.properties(IdempotencyKey)["idempotency_key"]
        description = "Makes retries safe: the same key with the same request returns the resource that already exists."
        fields["Idempotency-Key"] = {**key, "description": description}
    for name, field in fields.items():
        schema = {**json_schema.never_null(field)}
        description = schema.pop("description")
        place = "header" if name == "Idempotency-Key" else "query"
        yield {"name": name, "in": place, "required": False, "schema": schema, "description": description}


def _errors(operation: Operation, *, has_404: bool) -> Mapping[str, str]:
    """Return the description of each error code that the operation can return."""
    codes = [
        *_EVERYWHERE,
        *(() if operation.is_public else _WITH_CREDENTIALS),
        *(["ORGANIZATION_ACCESS_DENIED"] if "organization_id" in operation.path_parameters else ()),
        *(["OPERATION_NOT_ALLOWED"] if operation.is_change else ()),
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


_HAS_LYRICS: Final = {"properties": {"lyrics": {"type": "string", "pattern": r"\S"}}, "required": ["lyrics"]}


def _create_generation(schema: Schema, engines: Sequence[EngineInfo]) -> Schema:
    fields = schema["properties"]
    engine = {"type": "string", "enum": [info.key for info in engines], "description": fields["engine"]["description"]}
    rules = [
        rule("instrumental", True, {"lyrics": json_schema.EMPTY}),
        {"anyOf": [_HAS_LYRICS, {"properties": {"lyrics_language": json_schema.EMPTY}}]},
        *(rule("engine", info.key, _limits(info)) for info in engines),
    ]
    return {**schema, "properties": {**fields, "engine": engine}, "allOf": rules}


def _create_transformation(schema: Schema, _: Sequence[EngineInfo]) -> Schema:
    """Add the descriptions of inherited fields, which are in the source of the base class."""
    inherited = json_schema.properties(CreateGeneration)
    described = {
        name: {**field, "description": inherited[name]["description"]} if name in inherited else field
        for name, field in schema["properties"].items()
    }
    return {**schema, "properties": described}


def _limits(info: EngineInfo) -> Mapping[str, Schema]:
    duration: dict[str, Schema] = {"duration_seconds": {"maximum": info.max_duration_seconds}}
    return duration if info.supports_lyrics else {**duration, "lyrics": json_schema.EMPTY}


def _start_focus_session(schema: Schema, engines: Sequence[EngineInfo]) -> Schema:
    fields = schema["properties"]
    keys = [*(info.key for info in engines if info.supports_focus), None]
    engine = {"type": ["string", "null"], "enum": keys, "description": fields["engine"]["description"]}
    # other goals ignore a prompt of any type
    ignored = {"description": fields["custom_prompt"]["description"]}
    prompt = {**fields["custom_prompt"], "type": "string"}
    prompt_rule = {
        "if": {"properties": {"goal": {"const": Goal.CUSTOM_PROMPT.value}}, "required": ["goal"]},
        "then": {"properties": {"custom_prompt": prompt}, "required": ["custom_prompt"]},
    }
    return {**schema, "properties": {**fields, "custom_prompt": ignored, "engine": engine}, "allOf": [prompt_rule]}


_RESTRICTIONS: Final[Mapping[str, Callable[[Schema, Sequence[EngineInfo]], Schema]]] = {
    "CreateGeneration": _create_generation,
    "CreateTransformation": _create_transformation,
    "StartFocusSession": _start_focus_session,
}
"""By component: a function that restricts its schema to what the enabled engines support."""
