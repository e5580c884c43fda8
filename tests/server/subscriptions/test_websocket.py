"""Generations over graphql-transport-ws."""

import json
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.support.graphql.websocket import WATCH, collect_states, connected_socket
from tests.support.rest.generations import submit
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("worker")


async def test_progress_increases_and_ends_with_the_track(
    client: httpx.AsyncClient, server_url: str, cast: Cast
) -> None:
    job_id = await submit(client, cast.ada, "synthwave at 100 bpm", 30)
    async with connected_socket(server_url, {"x-api-key": cast.ada.key}) as connection:
        seen = await collect_states(connection, job_id)

    progress = [state["progress"] for state in seen]
    assert progress == sorted(progress)
    assert len(set(progress)) >= 10
    sequences = [state["sequence"] for state in seen]
    assert sequences == sorted(set(sequences))
    assert {"composing", "rendering", "mixing", "encoding", "storing"} & {state["stage"] for state in seen} >= {
        "rendering",
        "encoding",
    }
    assert seen[-1]["status"] == "SUCCEEDED"
    assert seen[-1]["progress"] == 100
    assert (await client.head(seen[-1]["track"]["playbackUrl"])).status_code == 200


async def test_a_finished_generation_is_sent_once_and_the_subscription_ends(
    client: httpx.AsyncClient, server_url: str, cast: Cast
) -> None:
    job_id = await submit(client, cast.ada, "funk", 2)
    async with connected_socket(server_url, {"Authorization": f"Bearer {cast.ada.key}"}) as connection:
        first = await collect_states(connection, job_id)
        again = await collect_states(connection, job_id)
    assert again == [again[0]]
    assert again[0]["status"] == first[-1]["status"] == "SUCCEEDED"


async def test_after_resumes_after_the_given_state(client: httpx.AsyncClient, server_url: str, cast: Cast) -> None:
    job_id = await submit(client, cast.ada, "jazz trio", 4)
    async with connected_socket(server_url, {"x-api-key": cast.ada.key}) as connection:
        whole = await collect_states(connection, job_id, after=-1)
        middle = whole[len(whole) // 2]["sequence"]
        rest = await collect_states(connection, job_id, after=middle)
    assert [state["sequence"] for state in rest] == [state["sequence"] for state in whole if state["sequence"] > middle]
    assert [state["progress"] for state in rest] == [state["progress"] for state in whole if state["sequence"] > middle]


async def test_another_user_gets_a_not_found_error(client: httpx.AsyncClient, server_url: str, cast: Cast) -> None:
    job_id = await submit(client, cast.ada, "rock", 2)
    for stranger in (cast.bea, cast.cid):
        async with connected_socket(server_url, {"x-api-key": stranger.key}) as connection:
            message = await _first_answer(connection, job_id)
        assert message["payload"]["errors"][0]["extensions"]["code"] == "RESOURCE_NOT_FOUND"


async def test_an_invalid_credential_closes_the_socket(server_url: str, cast: Cast) -> None:
    async with connected_socket(server_url, {"x-api-key": "ak_nonsense"}) as connection:
        with pytest.raises(ConnectionClosed):
            await connection.recv()
        assert connection.close_code == 4403


async def test_the_credential_can_be_in_the_handshake(client: httpx.AsyncClient, server_url: str, cast: Cast) -> None:
    job_id = await submit(client, cast.ada, "rock", 2)
    async with connected_socket(server_url, headers={"X-API-Key": cast.ada.key}) as connection:
        message = await _first_answer(connection, job_id)
    assert message["payload"]["data"]["generationUpdated"]["status"] in {"QUEUED", "RUNNING", "SUCCEEDED"}


async def _first_answer(connection: ClientConnection, job_id: str) -> dict[str, Any]:
    payload = {"query": WATCH, "variables": {"id": job_id}}
    await connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
    while True:
        message: dict[str, Any] = json.loads(await connection.recv())
        if message["type"] in {"next", "error"}:
            return message
