"""What a GraphQL request over HTTP says, read from any bytes; the GraphQL over HTTP specification names the parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.types import Scope

from server.graphql.trusted_documents import DocumentNotAllowedError, TrustedDocuments

JSON: Final = "application/json"
_UTF8: Final = frozenset({"utf-8", "utf8"})


class GraphQLRequestError(Exception):
    """The request could not be understood; the text is for whoever wrote the client."""

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, code: str = "BAD_REQUEST") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Operation:
    """A document and how it is to be executed."""

    query: str
    variables: Mapping[str, Any] | None
    operation_name: str | None
    extensions: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """What a request asks: one operation, or a batch of them."""

    operations: Sequence[Operation]
    is_batch: bool = False


async def parse_request(request: Request, trusted: TrustedDocuments, max_batch: int) -> ParsedRequest:
    """The operations of a GET or POST. Raises Malformed."""
    if request.method == "GET":
        return ParsedRequest([parse_operation(_query_parameters(request), trusted)])
    _check_headers(request)
    body = _load_json(await request.body(), "The body")
    if not isinstance(body, list):
        return ParsedRequest([parse_operation(body, trusted)])
    if not max_batch:
        raise GraphQLRequestError("Batches are not answered: send one operation a request.")
    if not 0 < len(body) <= max_batch:
        raise GraphQLRequestError(f"A batch must have 1 to {max_batch} operations.")
    return ParsedRequest([parse_operation(one, trusted) for one in body], is_batch=True)


def rebuild_scope(request: Request, operation: Operation) -> tuple[Scope, bytes]:
    """The request's scope and body, with the operation's own text wherever it came from."""
    said = {
        "query": operation.query,
        "variables": operation.variables,
        "operationName": operation.operation_name,
        "extensions": operation.extensions,
    }
    if request.method == "POST":
        return request.scope, orjson.dumps(said)
    parameters = {
        name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in said.items() if value
    }
    return {**request.scope, "query_string": urlencode(parameters).encode()}, b""


def _is_plain_json(headers: Mapping[str, str]) -> bool:
    """What most clients say, and nothing that would have to be looked at."""
    return headers.get("content-type") == JSON and "content-encoding" not in headers


def _check_headers(request: Request) -> None:
    if _is_plain_json(request.headers):
        return
    said = Message()
    said["content-type"] = request.headers.get("content-type", "")
    charset = said.get_param("charset", "utf-8")
    if said.get_content_type() != JSON or "content-type" not in request.headers:
        raise GraphQLRequestError(f"The content type must be {JSON}.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if not isinstance(charset, str) or charset.lower() not in _UTF8:
        raise GraphQLRequestError("The character set must be UTF-8.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if request.headers.get("content-encoding", "identity") != "identity":
        raise GraphQLRequestError("The body must not be compressed.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _query_parameters(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if found.get(name):
            found[name] = _load_json(found[name].encode(errors="replace"), f"`{name}`")
        else:
            found.pop(name, None)
    return found


def _load_json(raw: bytes, what: str) -> Any:  # noqa: ANN401  JSON
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise GraphQLRequestError(f"{what} is not valid JSON in UTF-8, or nests too deeply.") from error


def parse_operation(body: Any, trusted: TrustedDocuments) -> Operation:  # noqa: ANN401  JSON
    """The operation that a body's object describes. Raises Malformed."""
    if not isinstance(body, dict):
        raise GraphQLRequestError("The body must be an object with `query`.")
    try:
        query, name = trusted.resolve(body), body.get("operationName")
    except DocumentNotAllowedError as error:
        raise GraphQLRequestError(str(error), code=error.code) from None
    if query is None:
        raise GraphQLRequestError("`query` must be a string that is not empty.")
    if name is not None and not isinstance(name, str):
        raise GraphQLRequestError("`operationName` must be a string or null.")
    return Operation(query, _object_or_none(body, "variables"), name or None, _object_or_none(body, "extensions"))


def _object_or_none(body: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise GraphQLRequestError(f"`{name}` must be an object or null.")
    return value
