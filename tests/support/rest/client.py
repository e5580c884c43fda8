"""A REST client that validates every response against the server's OpenAPI document."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from core.network import tls
from tests.support.users import Person

Entry = Mapping[str, Any]

_LEAK: Final = re.compile(r"Traceback|SELECT |INSERT |UPDATE |sqlalchemy|asyncpg|\.py\b|/(?:home|tmp|var|work)/")
_FORMATS: Final = FormatChecker(formats=())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    if isinstance(value, str):
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return True


@_FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or (value.isascii() and " " not in value and bool(urlsplit(value).hostname))


@pytest.fixture(scope="module")
def document(server_url: str) -> Entry:
    """The OpenAPI document of the server."""
    served: Entry = httpx.get(f"{server_url}/openapi.json", timeout=100, verify=tls.default_context()).json()
    return served


@dataclass(frozen=True, slots=True)
class DescribedOperation:
    """An operation of the OpenAPI document."""

    method: str
    path: str
    entry: Entry

    def matches(self, method: str, path: str) -> bool:
        """Return whether a request matches this operation; HEAD matches GET."""
        template = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(self.path))
        return self.method == ("GET" if method == "HEAD" else method) and bool(re.fullmatch(template, path))


class Contract:
    """Sends requests and asserts that the OpenAPI document describes every response."""

    def __init__(self, client: httpx.AsyncClient, document: Entry) -> None:
        self.client = client
        self.document = document
        self.operations = {described.entry["operationId"]: described for described in _described_operations(document)}

    async def call(
        self,
        operation: str,
        person: Person,
        *,
        path: Entry | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,  # noqa: ANN401  httpx's
    ) -> httpx.Response:
        """Call an operation by name as this user, in the user's organization unless ``path`` contains another."""
        url = self.url(operation, person, **(path or {}))
        method = self.operations[operation].method
        return await self.send(method, url, headers={**person.headers, **(headers or {})}, **options)

    def url(self, operation: str, person: Person, **path: str) -> str:
        """Return the path of an operation with escaped parameters."""
        names = {"organization_id": person.organization_id, **path}
        return self.operations[operation].path.format_map({name: quote(text, safe="") for name, text in names.items()})

    async def send(self, method: str, url: str, *, is_documented: bool = True, **options: Any) -> httpx.Response:  # noqa: ANN401  httpx's
        """Send a request. ``is_documented=False``: the server accepts a body that the schema cannot describe."""
        answer = await self.client.request(method, url, **options)
        self.check(answer)
        if answer.is_success and is_documented:
            self._check_request(answer.request)
        return answer

    def check(self, answer: httpx.Response) -> None:
        """Validate status, headers and body of a response."""
        request = answer.request
        described = self._find(request)
        trace_id = answer.headers["X-Request-Id"]
        assert re.fullmatch("req_[0-9a-f]{12,64}", trace_id)
        if request.method != "HEAD":
            assert answer.headers["Content-Type"] == "application/json"
            assert not _LEAK.search(answer.text), answer.text
        if described is None or answer.status_code == 405:
            assert answer.status_code in {404, 405}, answer.text
            self._check_undescribed(answer)
        else:
            assert str(answer.status_code) in described.entry["responses"], (answer.status_code, answer.text)
            response = self._resolved(described.entry["responses"][str(answer.status_code)])
            self._check_headers(answer, response)
            if request.method != "HEAD":
                self.validate(answer.json(), response["content"]["application/json"]["schema"])
        if answer.is_error and request.method != "HEAD":
            _check_envelope(answer)

    def validate(self, value: object, schema: Entry) -> None:
        """Validate a value against a schema of the document."""
        whole = {**schema, "components": self.document["components"]}
        validator = Draft202012Validator(whole, format_checker=_FORMATS)
        problems = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
        assert problems == [], value

    def _check_undescribed(self, answer: httpx.Response) -> None:
        if answer.status_code == 405:
            assert answer.headers["Allow"]
        if answer.request.method != "HEAD":
            self.validate(answer.json(), {"$ref": "#/components/schemas/Error"})
            code = {404: "RESOURCE_NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}[answer.status_code]
            assert answer.json()["error"]["code"] == code

    def _check_headers(self, answer: httpx.Response, response: Entry) -> None:
        described = {name: self._resolved(header) for name, header in response["headers"].items()}
        for name, header in described.items():
            assert name in answer.headers or not header.get("required"), name
            if name in answer.headers:
                text = answer.headers[name]
                self.validate(int(text) if header["schema"]["type"] == "integer" else text, header["schema"])
        documented = {name for name in self.document["components"]["headers"] if name in answer.headers}
        assert documented <= described.keys()

    def _check_request(self, request: httpx.Request) -> None:
        described = self._find(request)
        body = described.entry.get("requestBody") if described else None
        if body is not None and "application/json" in body["content"] and (request.content or body["required"]):
            self.validate(json.loads(request.content), body["content"]["application/json"]["schema"])

    def _find(self, request: httpx.Request) -> DescribedOperation | None:
        path = request.url.path
        found = [one for one in self.operations.values() if one.matches(request.method, path)]
        # OpenAPI matches literal path segments before templated ones
        return min(found, key=lambda one: one.path.replace("{", "\uffff"), default=None)

    def _resolved(self, value: Entry) -> Entry:
        while "$ref" in value:
            _, _, kind, name = value["$ref"].split("/")
            value = self.document["components"][kind][name]
        return value


def _described_operations(document: Entry) -> Iterator[DescribedOperation]:
    for path, methods in document["paths"].items():
        for method, entry in methods.items():
            if method != "parameters":
                yield DescribedOperation(method.upper(), path, entry)


def _check_envelope(answer: httpx.Response) -> None:
    error = answer.json()["error"]
    assert error["status"] == answer.status_code
    assert error["trace_id"] == answer.headers["X-Request-Id"]
    timestamp = datetime.strptime(error["timestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - timestamp) < timedelta(seconds=60)
    is_retryable = error["code"] in {"RATE_LIMIT_EXCEEDED", "SERVICE_UNAVAILABLE"}
    assert ("Retry-After" in answer.headers) is is_retryable
