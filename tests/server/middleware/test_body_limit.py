"""Limits on request bodies that need a counter, and those that do not."""

from collections.abc import Iterator
from typing import Final

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message

from core.settings import Settings
from server.asgi_server.http_protocol import BODY_RECEIVED
from server.middleware.body_limit import BodyLimit
from tests.support import raw_http
from tests.support.processes import configured_server

LIMIT: Final = BodyLimit(10, 1.0, 1, ())
BODY: Final = b'{"query": "{ __typename }", "ignored": "' + b"x" * 400 + b'"}'
RECEIVED: Final = {"path": "/graphql", BODY_RECEIVED: True}


async def receive() -> Message:
    return {"type": "http.request", "body": b"x" * 11, "more_body": False}


def test_a_received_body_of_declared_size_needs_no_counter() -> None:
    declared = {b"content-length": b"10"}
    assert LIMIT.wrap(RECEIVED, declared, receive) is receive
    assert LIMIT.wrap({"path": "/graphql"}, declared, receive) is not receive


async def test_a_received_body_without_a_declared_size_is_counted() -> None:
    limited = LIMIT.wrap(RECEIVED, {b"transfer-encoding": b"chunked"}, receive)
    with pytest.raises(HTTPException) as raised:
        await limited()
    assert raised.value.status_code == 413


def test_a_received_body_of_a_declared_size_above_the_limit_is_rejected() -> None:
    with pytest.raises(HTTPException) as raised:
        LIMIT.wrap(RECEIVED, {b"content-length": b"11"}, receive)
    assert raised.value.status_code == 413


@pytest.fixture(scope="module")
def narrow_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server whose longest body arrives together with its head."""
    server: dict[str, object] = {"max_body_bytes": len(BODY)}
    with configured_server.run_server(settings, quiet_redis_url, server=server) as url:
        yield url


def post(body: bytes, *headers: bytes, version: bytes = b"1.1") -> bytes:
    lines = (b"POST /graphql HTTP/" + version, b"Host: localhost", b"Content-Type: application/json", *headers)
    return b"\r\n".join((*lines, b"", body))


def sized(body: bytes, version: bytes = b"1.1") -> bytes:
    return post(body, b"Content-Length: %d" % len(body), version=version)


def chunked(*chunks: bytes) -> bytes:
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
    return post(body, b"Transfer-Encoding: chunked")


@pytest.mark.parametrize(
    ("requests", "statuses"),
    [
        (sized(BODY), [200]),
        (sized(BODY + b" "), [413]),
        (sized(BODY + b" ", b"1.0"), [413]),
        (chunked(BODY), [200]),
        (chunked(BODY, b" "), [413]),
        (chunked(*(b"%c" % byte for byte in BODY), b"  "), [413]),
        (post(b"", b"Content-Length: %d" % (len(BODY) + 1), b"Expect: 100-continue"), [413]),
        (sized(BODY) + sized(BODY) + chunked(BODY, b" "), [200, 200, 413]),
        (chunked(BODY) + sized(BODY + b" "), [200, 413]),
    ],
    ids=range(9),
)
async def test_bodies_that_arrive_with_their_heads_are_limited(
    narrow_url: str, requests: bytes, statuses: list[int]
) -> None:
    reader, writer = await raw_http.connect(narrow_url)
    writer.write(requests)
    assert [(await raw_http.read_response(reader)).status for _ in statuses] == statuses
    writer.close()
