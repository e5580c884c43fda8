"""Parse requests of the GraphQL over HTTP specification, and detect cross-site request forgery."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.types import Scope

from rest_compat.requests import TooManyValuesError, load_json
from server.graphql.trusted_documents import DocumentNotAllowedError, TrustedDocuments

JSON: Final = "application/json"
_UTF8: Final = frozenset({"utf-8", "utf8"})


class GraphQLRequestError(Exception):
    """A request error. The message is for the developer of the client."""

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, code: str = "BAD_REQUEST") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Operation:
    """A document with the parameters of its execution."""

    query: str
    variables: Mapping[str, Any] | None
    operation_name: str | None
    extensions: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    operations: Sequence[Operation]
    is_batch: bool = False


async def parse_request(
    request: Request, headers: Mapping[str, str], trusted: TrustedDocuments, max_batch: int
) -> ParsedRequest:
    """Parse a GET or POST request. ``max_batch`` is zero if batches are not allowed. Raises GraphQLRequestError."""
    if request.method == "GET":
        return ParsedRequest([parse_operation(_query_parameters(request), trusted)])
    _check_headers(headers)
    body = _load_json(await request.body(), "The body")
    if not isinstance(body, list):
        return ParsedRequest([parse_operation(body, trusted)])
    if not max_batch:
        raise GraphQLRequestError("Batches are not allowed: send one operation per request.")
    if not 0 < len(body) <= max_batch:
        raise GraphQLRequestError(f"A batch must have 1 to {max_batch} operations.")
    return ParsedRequest([parse_operation(entry, trusted) for entry in body], is_batch=True)


def parse_operation(body: Any, trusted: TrustedDocuments) -> Operation:  # noqa: ANN401  JSON
    """Parse the parameters of one operation. Raises GraphQLRequestError."""
    if not isinstance(body, dict):
        raise GraphQLRequestError("The body must be an object with `query`.")
    try:
        query, name = trusted.resolve(body), body.get("operationName")
    except DocumentNotAllowedError as error:
        raise GraphQLRequestError(str(error), code=error.code) from None
    if query is None:
        raise GraphQLRequestError("`query` must be a non-empty string.")
    if name is not None and not isinstance(name, str):
        raise GraphQLRequestError("`operationName` must be a string or null.")
    return Operation(query, _object_or_none(body, "variables"), name or None, _object_or_none(body, "extensions"))


def rebuild_scope(request: Request, operation: Operation) -> tuple[Scope, bytes]:
    """Return the scope and the body of a request for this operation, with the text of a trusted document."""
    parameters = {
        "query": operation.query,
        "variables": operation.variables,
        "operationName": operation.operation_name,
        "extensions": operation.extensions,
    }
    if request.method == "POST":
        return request.scope, orjson.dumps(parameters)
    encoded = {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in parameters.items()
        if value
    }
    return {**request.scope, "query_string": urlencode(encoded).encode()}, b""


def _check_headers(headers: Mapping[str, str]) -> None:
    content_type, is_encoded = headers.get("content-type"), "content-encoding" in headers
    if content_type == JSON and not is_encoded:
        return
    message = Message()
    message["content-type"] = content_type or ""
    charset = message.get_param("charset", "utf-8")
    if content_type is None or message.get_content_type() != JSON:
        raise GraphQLRequestError(f"The content type must be {JSON}.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if not isinstance(charset, str) or charset.lower() not in _UTF8:
        raise GraphQLRequestError("The character set must be UTF-8.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if is_encoded and headers["content-encoding"] != "identity":
        raise GraphQLRequestError("The body must not be compressed.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _query_parameters(request: Request) -> dict[str, Any]:
    parameters: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if parameters.get(name):
            parameters[name] = _load_json(parameters[name].encode(errors="replace"), f"`{name}`")
        else:
            parameters.pop(name, None)
    return parameters


def _load_json(raw: bytes, name: str) -> Any:  # noqa: ANN401  JSON
    try:
        return load_json(raw)
    except orjson.JSONDecodeError as error:
        raise GraphQLRequestError(f"{name} is not valid JSON in UTF-8, or is nested too deeply.") from error
    except TooManyValuesError as error:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        raise GraphQLRequestError(f"{error}.", status, "PAYLOAD_TOO_LARGE") from None


def _object_or_none(body: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise GraphQLRequestError(f"`{name}` must be an object or null.")
    return value
