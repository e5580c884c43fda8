"""Focus sessions over graphql-transport-ws, and their playlists."""

import asyncio
import json
from typing import Any

import httpx
import m3u8
from websockets.asyncio.client import ClientConnection

from core.network import tls
from core.settings import Settings
from server.embedded import ports
from storage.postgres.database import Database
from storage.queries import focus
from tests.support.graphql.client import data
from tests.support.graphql.focus_client import end_session, finish_segments, load_session, promote, start_focus_session
from tests.support.graphql.websocket import connected_socket
from tests.support.processes.servers import serving
from tests.support.users import Cast

WATCH = """
subscription($id: ID!, $after: Int) {
  focusSessionUpdated(id: $id, after: $after) {
    sequence
    newSegments { index playbackUrl }
    session { status endReason readyCount nextReadyAt segments { index } }
  }
}
"""

Json = dict[str, Any]


async def subscribe(connection: ClientConnection, session_id: str, after: int | None = None, name: str = "1") -> None:
    payload = {"query": WATCH, "variables": {"id": session_id, "after": after}}
    await connection.send(json.dumps({"id": name, "type": "subscribe", "payload": payload}))


async def update(connection: ClientConnection) -> Json | None:
    """Return the next state, or None at the end of the subscription."""
    while True:
        message = json.loads(await connection.recv())
        if message["type"] == "complete":
            return None
        if message["type"] == "next":
            assert "errors" not in message["payload"], message
            found: Json = message["payload"]["data"]["focusSessionUpdated"]
            return found


def indexes(state: Json | None) -> list[int]:
    assert state is not None
    return [segment["index"] for segment in state["newSegments"]]


async def test_each_segment_is_sent_once_and_the_subscription_ends_with_the_session(
    client: httpx.AsyncClient, server_url: str, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    async with connected_socket(server_url, {"x-api-key": cast.ada.key}) as connection:
        await subscribe(connection, session_id)
        first = await update(connection)
        assert first is not None
        assert (first["sequence"], first["newSegments"], first["session"]["status"]) == (0, [], "ACTIVE")
        for number in range(2):
            await finish_segments(database, settings, session_id)
            state = await update(connection)
            assert indexes(state) == [number]
            assert state is not None
            assert [segment["index"] for segment in state["session"]["segments"]] == list(range(number + 1))
            assert state["session"]["nextReadyAt"] is not None
        await end_session(client, cast.ada, session_id)
        last = await update(connection)
        assert last is not None
        assert (last["session"]["status"], last["session"]["endReason"], last["newSegments"]) == (
            "ENDED",
            "LISTENER",
            [],
        )
        assert await update(connection) is None


async def test_a_reconnected_subscription_resumes_without_loss_or_duplicates(
    client: httpx.AsyncClient, server_url: str, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    await finish_segments(database, settings, session_id)
    async with connected_socket(server_url, {"x-api-key": cast.ada.key}) as connection:
        await subscribe(connection, session_id)
        state = await update(connection)
        assert indexes(state) == [0]
    await finish_segments(database, settings, session_id, 2)
    async with connected_socket(server_url, {"x-api-key": cast.ada.key}) as connection:
        assert state is not None
        await subscribe(connection, session_id, state["sequence"])
        later = await update(connection)
        assert indexes(later) == [1, 2]
        assert later is not None
        await subscribe(connection, session_id, later["sequence"], "2")
        await finish_segments(database, settings, session_id)
        assert indexes(await update(connection)) == [3]


async def test_another_user_gets_a_not_found_error(client: httpx.AsyncClient, server_url: str, cast: Cast) -> None:
    session_id = (await start_focus_session(client, cast.ada))["id"]
    for stranger in (cast.bea, cast.cid):
        async with connected_socket(server_url, {"x-api-key": stranger.key}) as connection:
            await subscribe(connection, session_id)
            while (message := json.loads(await connection.recv()))["type"] not in {"next", "error"}:
                pass
        assert message["payload"]["errors"][0]["extensions"]["code"] == "RESOURCE_NOT_FOUND"


async def playlist(client: httpx.AsyncClient, url: str) -> m3u8.M3U8:
    answer = await client.get(url)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert answer.headers["access-control-allow-origin"] == "*"
    return m3u8.loads(answer.text)


async def test_the_stream_is_a_playlist_that_grows_and_ends_with_the_session(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    url = (await load_session(client, cast.ada, session_id))["streamUrl"]
    await finish_segments(database, settings, session_id)
    first = await playlist(client, url)
    assert (first.is_endlist, first.playlist_type) == (False, "event")
    await finish_segments(database, settings, session_id)
    second = await playlist(client, url)
    assert [len(first.segments), len(second.segments)] == [2, 4]
    assert second.dumps().startswith(first.dumps().rstrip())
    assert second.media_sequence == 0
    assert all(round(chunk.duration) <= second.target_duration for chunk in second.segments)
    assert [chunk.duration for chunk in second.segments] == [14.99429, 0.05224] * 2
    assert [(await client.get(chunk.uri)).text for chunk in second.segments[1:3]] == ["segment 0", "segment 1"]
    await end_session(client, cast.ada, session_id)
    assert (await playlist(client, url)).is_endlist


async def test_the_first_request_of_a_stream_waits_for_a_chunk(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session = await start_focus_session(client, cast.ada, targetMinutes=60)
    waiting = asyncio.create_task(playlist(client, session["streamUrl"]))
    await finish_segments(database, settings, session["id"])
    assert len((await waiting).segments) == 2


async def test_a_stream_without_a_chunk_in_time_is_unavailable(
    settings: Settings, database: Database, cast: Cast
) -> None:
    changes = {"focus": settings.focus.model_copy(update={"stream_wait_seconds": 0})}
    server = settings.server.model_copy(update={"port": ports.find_free()})
    with serving(settings.model_copy(update={**changes, "server": server})) as url:
        async with httpx.AsyncClient(base_url=url, timeout=60, verify=tls.default_context()) as client:
            session = await start_focus_session(client, cast.ada, targetMinutes=60)
            refused = await client.get(session["streamUrl"])
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
            await finish_segments(database, settings, session["id"])
            assert len((await playlist(client, session["streamUrl"])).segments) == 2


async def test_the_chunks_of_a_deleted_segment_are_gone_at_once(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    """Also if another segment has a chunk with the same bytes. Their URLs do not contain the organization."""
    chunks = []
    for _ in range(2):
        session = await start_focus_session(client, cast.ada, targetMinutes=60)
        await finish_segments(database, settings, session["id"])
        kept = (await promote(client, cast.ada, session["id"], 0))["entry"]["track"]["id"]
        chunks.append((kept, (await playlist(client, session["streamUrl"])).segments[0].uri))
    [(deleted, gone), (_, present)] = chunks
    assert httpx.URL(gone).path == httpx.URL(present).path
    assert cast.ada.organization_id not in gone
    await data(client, cast.ada, "mutation($id: ID!) { deleteTrack(input: { id: $id }) { __typename } }", id=deleted)
    assert [(await client.get(url)).status_code for url in (gone, present)] == [404, 200]


async def test_a_playlist_request_keeps_the_session_alive(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session = await start_focus_session(client, cast.ada, targetMinutes=60)
    await finish_segments(database, settings, session["id"], 4)
    before = await _last_listened_at(database, session["id"])
    await playlist(client, session["streamUrl"])
    assert await _last_listened_at(database, session["id"]) > before


async def _last_listened_at(database: Database, session_id: str) -> Any:  # noqa: ANN401  a time
    async with database.transaction() as session:
        row = await focus.lock(session, session_id)
    assert row is not None
    return row.last_listened_at


async def test_a_segment_that_was_deleted_is_a_gap_in_the_stream(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session = await start_focus_session(client, cast.ada, targetMinutes=60)
    await finish_segments(database, settings, session["id"], 2)
    kept = (await promote(client, cast.ada, session["id"], 0))["entry"]["track"]["id"]
    await data(client, cast.ada, "mutation($id: ID!) { deleteTrack(input: { id: $id }) { __typename } }", id=kept)
    assert [chunk.gap_tag for chunk in (await playlist(client, session["streamUrl"])).segments] == [
        True,
        True,
        None,
        None,
    ]


async def test_a_playlist_requires_its_signed_url(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    sessions = [await start_focus_session(client, cast.ada) for _ in range(2)]
    one, other = [httpx.URL(session["streamUrl"]) for session in sessions]
    await finish_segments(database, settings, sessions[0]["id"])
    for wrong in (
        one.copy_set_param("expires", int(one.params["expires"]) + 1),
        one.copy_set_param("expires", "never"),
        one.copy_set_param("signature", "0" * 64),
        one.copy_remove_param("signature"),
        one.copy_with(path=other.path),
    ):
        assert (await client.get(wrong, headers=cast.ada.headers)).status_code == 403, wrong
    elsewhere = one.copy_with(path=one.path.replace(cast.ada.organization_id, cast.cid.organization_id))
    assert (await client.get(elsewhere)).status_code == 404
    assert (await client.options(one)).status_code == 204
    assert (await client.head(one)).status_code == 200
