"""Whatever bytes come as a body, the answer is a clear refusal: never a crash, never half an answer."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.malformed_bodies import BODIES, Body
from tests.support.users import Cast


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
async def test_a_malformed_body_is_refused_as_what_it_is(client: httpx.AsyncClient, cast: Cast, body: Body) -> None:
    headers = {**cast.ada.headers, "Accept": "application/graphql-response+json", **dict(body.headers)}
    if body.content_type is not None:
        headers["Content-Type"] = body.content_type
    answer = await client.post("/graphql", content=body.content, headers=headers)
    assert answer.status_code == body.status, answer.text[:300]
    if answer.status_code != 200:
        told = answer.json()
        assert "data" not in told
        assert told.get("errors") or told["error"]["code"]


async def test_a_body_in_chunks_is_counted_while_it_comes(client: httpx.AsyncClient, cast: Cast) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"query": "'
        while sent < 400:
            sent += 1
            yield b" " * 65_536

    headers = {**cast.ada.headers, "Content-Type": "application/json"}
    try:
        answer = await client.post("/graphql", content=endless(), headers=headers)
    except httpx.TransportError:
        # the server hung up on us while we were still talking
        assert sent < 400
    else:
        assert answer.status_code == 413
        assert answer.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"
