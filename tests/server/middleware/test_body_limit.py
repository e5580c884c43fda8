"""Limits on request bodies that need a counter, and those that do not."""

from typing import Final

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message

from server.asgi_server.http_protocol import BODY_RECEIVED
from server.middleware.body_limit import BodyLimit

LIMIT: Final = BodyLimit(10, 1.0, 1, ())
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
