"""Published JavaScript GraphQL clients against a server and a worker."""

import json
from itertools import pairwise
from typing import Any

import httpx
import pytest

from tests.support.processes.node_clients import Clients
from tests.support.users import Cast

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("worker")]


@pytest.mark.parametrize(
    "script",
    [
        ("graphql-ws.mjs",),
        ("graphql-sse.mjs",),
        ("urql.mjs",),
        ("apollo.mjs", "websocket"),
        ("apollo.mjs", "multipart"),
    ],
    ids=" ".join,
)
async def test_a_client_queries_mutates_and_subscribes(
    clients: Clients, client: httpx.AsyncClient, cast: Cast, server_url: str, script: tuple[str, ...]
) -> None:
    output = clients.run(
        *script, STUDIO_URL=server_url, STUDIO_KEY=cast.ada.key, STUDIO_ORGANIZATION=cast.ada.organization_id
    )
    results: dict[str, Any] = json.loads(output)
    assert [organization["id"] for organization in results["viewer"]["organizations"]] == [cast.ada.organization_id]
    assert results["viewer"]["id"] == cast.ada.user_id
    assert results["created"]["generation"]["status"] == "QUEUED"
    states = results["states"]
    assert {state["id"] for state in states} == {results["created"]["generation"]["id"]}
    assert all(before["sequence"] < state["sequence"] for before, state in pairwise(states))
    assert all(before["progress"] <= state["progress"] for before, state in pairwise(states))
    assert [state["status"] for state in states if state["track"]] == ["SUCCEEDED"]
    assert states[-1]["progress"] == 100
    for url in (states[-1]["track"]["playbackUrl"], *_urls(states[-1]["track"]["cover"])):
        assert (await client.head(url)).status_code == 200


def _urls(cover: dict[str, str]) -> tuple[str, str]:
    return cover["svgUrl"], cover["pngUrl"]
