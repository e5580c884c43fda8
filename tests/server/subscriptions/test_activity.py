"""The activity feed over graphql-transport-ws."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection

from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.graphql import focus_client
from tests.support.graphql.client import data
from tests.support.graphql.websocket import connected_socket
from tests.support.rest.generations import submit
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("worker")

FEED = """
subscription($org: ID!, $after: Int) {
  activity(organizationId: $org, after: $after) {
    sequence
    kind
    subjectId
    generations { id status progress }
    subject {
      __typename
      ... on Generation { id status sequence progress track { id title } }
      ... on FocusSession { id sessionStatus: status sequence }
      ... on Track { id title }
      ... on LibraryEntry { tags isFavourite kept: track { id } }
      ... on ShareLink { id isActive track { id } }
    }
  }
}
"""
SAVE = "mutation($id: ID!) { saveTrack(input: { id: $id }) { __typename } }"
UNSAVE = "mutation($id: ID!) { unsaveTrack(input: { id: $id }) { __typename } }"
DELETE = "mutation($id: ID!) { deleteTrack(input: { id: $id }) { __typename } }"
TAG = "mutation($id: ID!, $tags: [String!]!) { tagTrack(input: { id: $id, tags: $tags }) { __typename } }"
FAVOURITE = "mutation($id: ID!) { favouriteTrack(input: { id: $id }) { __typename } }"
RENAME = "mutation($id: ID!, $title: String!) { updateTrack(input: { id: $id, title: $title }) { __typename } }"
SHARE = "mutation($id: ID!) { shareTrack(input: { id: $id }) { ... on SharePayload { token link { id } } } }"
REVOKE = "mutation($id: ID!) { revokeShare(input: { id: $id }) { __typename } }"


class Feed:
    """A subscription on a socket."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def next(self) -> dict[str, Any]:
        """Return the next event."""
        async with asyncio.timeout(150):
            while True:
                message = json.loads(await self._connection.recv())
                assert message["type"] not in {"error", "complete"}, message
                if message["type"] == "next":
                    assert "errors" not in message["payload"], message
                    event: dict[str, Any] = message["payload"]["data"]["activity"]
                    return event

    async def errors(self) -> list[str]:
        """Return the error codes."""
        async with asyncio.timeout(150):
            while (message := json.loads(await self._connection.recv()))["type"] not in {"next", "error"}:
                pass
        payload = message["payload"]
        errors = payload if message["type"] == "error" else payload["errors"]
        return [error["extensions"]["code"] for error in errors]


@asynccontextmanager
async def feed(
    server_url: str, person: Person | None, organization_id: str, after: int | None = None
) -> AsyncIterator[Feed]:
    async with connected_socket(server_url, {"x-api-key": person.key} if person else {}) as connection:
        payload = {"query": FEED, "variables": {"org": organization_id, "after": after}}
        await connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        yield Feed(connection)


async def test_each_change_by_the_caller_is_one_event_with_its_subject(
    client: httpx.AsyncClient, server_url: str, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada, title="Harbour")
    async with feed(server_url, cast.ada, cast.ada.organization_id) as events:
        state = await events.next()
        assert (state["kind"], state["subjectId"], state["subject"], state["generations"]) == ("STATE", None, None, [])
        seen = [state["sequence"]]

        async def next_subject(kind: str, subject_id: str) -> Any:  # noqa: ANN401
            event = await events.next()
            assert (event["kind"], event["subjectId"], event["generations"]) == (kind, subject_id, [])
            assert event["sequence"] > seen[-1]
            seen.append(event["sequence"])
            return event["subject"]

        def entry(**facts: object) -> dict[str, object]:
            return {"__typename": "LibraryEntry", "tags": [], "isFavourite": False, "kept": {"id": track_id}, **facts}

        await data(client, cast.ada, SAVE, id=track_id)
        assert await next_subject("LIBRARY_ENTRY", track_id) == entry()
        await data(client, cast.ada, SAVE, id=track_id)  # no change, no event
        await data(client, cast.ada, TAG, id=track_id, tags=["late"])
        assert await next_subject("LIBRARY_ENTRY", track_id) == entry(tags=["late"])
        await data(client, cast.ada, FAVOURITE, id=track_id)
        assert await next_subject("LIBRARY_ENTRY", track_id) == entry(tags=["late"], isFavourite=True)
        await data(client, cast.ada, RENAME, id=track_id, title="Pier")
        assert await next_subject("TRACK", track_id) == {"__typename": "Track", "id": track_id, "title": "Pier"}

        link_id = (await data(client, cast.ada, SHARE, id=track_id))["shareTrack"]["link"]["id"]
        link = {"__typename": "ShareLink", "id": link_id, "isActive": True, "track": {"id": track_id}}
        assert await next_subject("SHARE_LINK", link_id) == link
        await data(client, cast.ada, REVOKE, id=link_id)
        assert await next_subject("SHARE_LINK", link_id) == {**link, "isActive": False}

        await data(client, cast.ada, UNSAVE, id=track_id)
        assert await next_subject("TRACK_REMOVED", track_id) is None
        await data(client, cast.ada, UNSAVE, id=track_id)  # no change, no event
        await data(client, cast.ada, DELETE, id=track_id)
        assert await next_subject("TRACK_REMOVED", track_id) is None


async def test_a_generation_has_events_from_its_creation_to_its_track(
    client: httpx.AsyncClient, server_url: str, cast: Cast
) -> None:
    async with feed(server_url, cast.ada, cast.ada.organization_id) as events:
        assert (await events.next())["kind"] == "STATE"
        job_id = await submit(client, cast.ada, "funk", 2)
        seen: list[dict[str, Any]] = []
        while not seen or seen[-1]["subject"]["status"] in {"QUEUED", "RUNNING"}:
            event = await events.next()
            assert (event["kind"], event["subjectId"], event["subject"]["id"]) == ("GENERATION", job_id, job_id)
            seen.append(event)
    for number in ("sequence", "progress"):
        numbers = [event["subject"][number] for event in seen]
        assert numbers == sorted(numbers)
    sequences = [event["sequence"] for event in seen]
    assert sequences == sorted(set(sequences))
    for event in seen[:-1]:
        now = {"id": job_id, "status": event["subject"]["status"], "progress": event["subject"]["progress"]}
        assert event["generations"] == [now]
    assert seen[-1]["subject"]["status"] == "SUCCEEDED"
    assert seen[-1]["subject"]["track"]["title"]
    assert seen[-1]["generations"] == []


async def test_a_focus_session_has_events_for_its_start_and_its_end(
    client: httpx.AsyncClient, server_url: str, cast: Cast
) -> None:
    async with feed(server_url, cast.ada, cast.ada.organization_id) as events:
        assert (await events.next())["kind"] == "STATE"
        session_id = (await focus_client.start_focus_session(client, cast.ada))["id"]
        begun = await events.next()
        assert (begun["kind"], begun["subjectId"], begun["generations"]) == ("FOCUS_SESSION", session_id, [])
        assert (begun["subject"]["id"], begun["subject"]["sessionStatus"]) == (session_id, "ACTIVE")
        await focus_client.end_session(client, cast.ada, session_id)
        while (event := await events.next())["subject"]["sessionStatus"] == "ACTIVE":
            pass  # a segment became ready meanwhile
        assert (event["subjectId"], event["subject"]["sessionStatus"]) == (session_id, "ENDED")


async def test_events_of_other_users_are_not_visible(
    client: httpx.AsyncClient, server_url: str, database: Database, cast: Cast
) -> None:
    hers, his = await put_track(database, cast.ada), await put_track(database, cast.bea)
    async with feed(server_url, cast.bea, cast.bea.organization_id) as events:
        assert (await events.next())["kind"] == "STATE"
        await data(client, cast.ada, SAVE, id=hers)
        await submit(client, cast.ada, "funk", 2)
        await data(client, cast.bea, SAVE, id=his)
        event = await events.next()
        assert (event["kind"], event["subjectId"], event["generations"]) == ("LIBRARY_ENTRY", his, [])


async def test_after_returns_the_last_missed_change_of_each_object(
    client: httpx.AsyncClient, server_url: str, database: Database, cast: Cast
) -> None:
    one, other = await put_track(database, cast.ada), await put_track(database, cast.ada)
    organization_id = cast.ada.organization_id
    async with feed(server_url, cast.ada, organization_id) as events:
        await events.next()
        await data(client, cast.ada, SAVE, id=one)
        last = (await events.next())["sequence"]
    await data(client, cast.ada, TAG, id=one, tags=["first"])
    await data(client, cast.ada, SAVE, id=other)
    await data(client, cast.ada, TAG, id=one, tags=["second"])
    async with feed(server_url, cast.ada, organization_id, last) as events:
        missed = [await events.next() for _ in range(2)]
        await data(client, cast.ada, UNSAVE, id=other)
        live = await events.next()
    assert [(event["kind"], event["subjectId"]) for event in [*missed, live]] == [
        ("LIBRARY_ENTRY", other),
        ("LIBRARY_ENTRY", one),
        ("TRACK_REMOVED", other),
    ]
    assert missed[1]["subject"]["tags"] == ["second"]
    sequences = [last, *(event["sequence"] for event in [*missed, live])]
    assert sequences == sorted(set(sequences))


async def test_an_unknown_sequence_number_restarts_the_feed(
    client: httpx.AsyncClient, server_url: str, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    await data(client, cast.ada, SAVE, id=track_id)
    for after in (-5, 0, 1, 2**31 - 1):
        async with feed(server_url, cast.ada, cast.ada.organization_id, after) as events:
            assert (await events.next())["kind"] == "STATE"


async def test_the_feed_of_another_organization_is_forbidden(server_url: str, cast: Cast) -> None:
    for organization_id in (cast.cid.organization_id, "org_" + "0" * 24, "nonsense"):
        async with feed(server_url, cast.ada, organization_id) as events:
            assert await events.errors() == ["ORGANIZATION_ACCESS_DENIED"]
    async with feed(server_url, None, cast.ada.organization_id) as events:
        assert await events.errors() == ["AUTHENTICATION_REQUIRED"]
