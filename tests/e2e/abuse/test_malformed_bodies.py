"""Malformed bodies are answered with a complete error response, never with a crash or a partial response."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.rest.malformed_bodies import BODIES, Body
from tests.support.users import Cast


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
async def test_a_malformed_body_is_answered_with_its_status(client: httpx.AsyncClient, cast: Cast, body: Body) -> None:
    headers = {**cast.ada.headers, "Accept": "application/graphql-response+json", **dict(body.headers)}
    if body.content_type is not None:
        headers["Content-Type"] = body.content_type
    answer = await client.post("/graphql", content=body.content, headers=headers)
    assert answer.status_code == body.status, answer.text[:300]
    if answer.status_code != 200:
        response = answer.json()
        assert "data" not in response
        assert response.get("errors") or response["error"]["code"]


async def test_a_chunked_body_is_limited_while_it_arrives(client: httpx.AsyncClient, cast: Cast) -> None:
    sent = 0

    async def large_body() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"query": "'
        while sent < 400:
            sent += 1
            yield b" " * 65_536

    headers = {**cast.ada.headers, "Content-Type": "application/json"}
    try:
        answer = await client.post("/graphql", content=large_body(), headers=headers)
    except httpx.TransportError:
        # the server closed the connection before the body was complete
        assert sent < 400
    else:
        assert answer.status_code == 413
        assert answer.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"
