"""Subscriptions over HTTP: content negotiation and the exact bytes of a stream."""

import json
from typing import Any

import httpx
import pytest

from core.jobs import Status
from storage.postgres.database import Database
from tests.support.factories import put_generation
from tests.support.users import Cast

WATCH = "subscription($id: ID!) { generationUpdated(id: $id) { status progress } }"
DONE = {"data": {"generationUpdated": {"status": "SUCCEEDED", "progress": 100}}}
JSON = "application/graphql-response+json"
EVENTS = {"Accept": "text/event-stream"}
APOLLO = {"Accept": "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json,*/*"}


async def watch(client: httpx.AsyncClient, job_id: str, headers: dict[str, str]) -> httpx.Response:
    return await client.post("/graphql", json={"query": WATCH, "variables": {"id": job_id}}, headers=headers)


async def test_events_are_separated_by_line_feeds_and_end_with_complete(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    job_id = await put_generation(database, cast.ada, Status.SUCCEEDED)
    answer = await watch(client, job_id, {**EVENTS, **cast.ada.headers})
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-cache, no-transform"
    payload = json.dumps(DONE, separators=(",", ":"))
    assert answer.content.decode() == f"event: next\ndata: {payload}\n\nevent: complete\ndata: \n\n"


async def test_parts_contain_payloads_and_end_with_the_closing_boundary(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    job_id = await put_generation(database, cast.ada, Status.SUCCEEDED)
    answer = await watch(client, job_id, {**APOLLO, **cast.ada.headers})
    assert answer.headers["content-type"].startswith("multipart/mixed;boundary=graphql;subscriptionSpec=1.0")
    assert payloads(answer.text) == [DONE]
    assert answer.text.endswith("--graphql--\r\n")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (f"{JSON}, application/json, text/event-stream, multipart/mixed", JSON),
        ("application/json;q=0.9, text/event-stream;q=1", "application/json"),
        ("*/*", "application/json"),
    ],
)
async def test_a_query_that_accepts_a_stream_last_gets_json(
    client: httpx.AsyncClient, cast: Cast, accept: str, media_type: str
) -> None:
    headers = {**cast.ada.headers, "Accept": accept}
    answer = await client.post("/graphql", json={"query": "{ viewer { id } }"}, headers=headers)
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert answer.json() == {"data": {"viewer": {"id": cast.ada.user_id}}}


@pytest.mark.parametrize(
    "accept", ["", ";;=,", "multipart/mixed;subscriptionSpec", 'multipart/mixed;boundary="', "text/event-streams"]
)
async def test_an_ambiguous_accept_header_gets_no_stream(client: httpx.AsyncClient, cast: Cast, accept: str) -> None:
    headers = {**cast.ada.headers, "Accept": accept}
    answer = await client.post("/graphql", json={"query": "{ viewer { id } }"}, headers=headers)
    assert answer.status_code in {200, 406}
    assert "json" in answer.headers["content-type"]


@pytest.mark.parametrize("accept", [EVENTS["Accept"], "Text/Event-Stream;charset=utf-8, application/json"])
async def test_a_query_that_prefers_events_gets_one_event(client: httpx.AsyncClient, cast: Cast, accept: str) -> None:
    headers = {**cast.ada.headers, "Accept": accept}
    answer = await client.post("/graphql", json={"query": "{ viewer { id } }"}, headers=headers)
    assert events(answer.text) == [("next", {"data": {"viewer": {"id": cast.ada.user_id}}}), ("complete", None)]


@pytest.mark.parametrize("headers", [EVENTS, APOLLO])
async def test_another_user_gets_an_error_and_the_stream_ends(
    client: httpx.AsyncClient, database: Database, cast: Cast, headers: dict[str, str]
) -> None:
    job_id = await put_generation(database, cast.ada, Status.SUCCEEDED)
    for person, code in (({}, "AUTHENTICATION_REQUIRED"), (cast.cid.headers, "RESOURCE_NOT_FOUND")):
        answer = await watch(client, job_id, {**headers, **person})
        parts = [content for _, content in events(answer.text)] if headers is EVENTS else payloads(answer.text)
        assert [error["extensions"]["code"] for error in parts[0]["errors"]] == [code]
        assert not parts[0].get("data")


async def test_a_mutation_by_get_is_rejected(client: httpx.AsyncClient, cast: Cast) -> None:
    mutation = 'mutation { deleteTrack(input: {id: "mtrack_0"}) { __typename } }'
    answer = await client.get("/graphql", params={"query": mutation}, headers={**EVENTS, **cast.ada.headers})
    assert "deleteTrack" not in answer.text
    assert "errors" in answer.text or answer.status_code == 400


def events(text: str) -> list[tuple[str, Any]]:
    """Return the names and contents of the events."""
    events = []
    for frame in text.strip().split("\n\n"):
        name, data = frame.split("\n")
        content = data.removeprefix("data:").strip()
        events.append((name.removeprefix("event: "), json.loads(content) if content else None))
    return events


def payloads(text: str) -> list[Any]:
    """Return the payloads of the parts. Heartbeats have none."""
    bodies = [part.partition("\r\n\r\n")[2].strip() for part in text.split("--graphql") if "\r\n\r\n" in part]
    return [json.loads(body)["payload"] for body in bodies if json.loads(body)]
