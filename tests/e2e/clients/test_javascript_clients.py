"""Clients of the web, as their authors publish them, against the live server and a real worker."""

import json
from itertools import pairwise
from typing import Any

import httpx
import pytest

from tests.support.node_clients import Clients
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
async def test_a_client_asks_changes_and_watches(
    clients: Clients, client: httpx.AsyncClient, cast: Cast, server_url: str, script: tuple[str, ...]
) -> None:
    told = clients.run(
        *script, STUDIO_URL=server_url, STUDIO_KEY=cast.ada.key, STUDIO_ORGANIZATION=cast.ada.organization_id
    )
    seen: dict[str, Any] = json.loads(told)
    assert [one["id"] for one in seen["viewer"]["organizations"]] == [cast.ada.organization_id]
    assert seen["viewer"]["id"] == cast.ada.user_id
    assert seen["created"]["generation"]["status"] == "QUEUED"
    states = seen["states"]
    assert {state["id"] for state in states} == {seen["created"]["generation"]["id"]}
    assert all(before["sequence"] < state["sequence"] for before, state in pairwise(states))
    assert all(before["progress"] <= state["progress"] for before, state in pairwise(states))
    assert [state["status"] for state in states if state["track"]] == ["SUCCEEDED"]
    assert states[-1]["progress"] == 100
    for url in (states[-1]["track"]["playbackUrl"], *_urls(states[-1]["track"]["cover"])):
        assert (await client.head(url)).status_code == 200


def _urls(cover: dict[str, str]) -> tuple[str, str]:
    return cover["svgUrl"], cover["pngUrl"]
