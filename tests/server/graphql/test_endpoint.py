"""GraphQL over HTTP: methods, media types and statuses."""

import codecs
import json

import httpx
import pytest

from server.graphql import responses as answers
from tests.support.processes import configured_server
from tests.support.users import Cast

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL};q=0.9", GRAPHQL),
        (f"{GRAPHQL};q=0, */*", JSON),
        (f"{GRAPHQL}, application/graphql+json, {JSON}, text/event-stream, multipart/mixed", GRAPHQL),
        ("text/event-stream", JSON),
        ("text/html", None),
        (f"{JSON};q=x", None),
        (f"{JSON};q=0, */*", None),
    ],
)
def test_the_preferred_media_type_is_negotiated(accept: str | None, expected: str | None) -> None:
    assert answers.negotiate_media_type(accept) == expected


@pytest.mark.parametrize("kind", [JSON, GRAPHQL])
async def test_a_response_has_the_negotiated_media_type(client: httpx.AsyncClient, cast: Cast, kind: str) -> None:
    headers = {**cast.ada.headers, "Accept": kind}
    answer = await client.post("/graphql", json={"query": "{ viewer { id } }"}, headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, f"{kind}; charset=utf-8")
    assert answer.json() == {"data": {"viewer": {"id": cast.ada.user_id}}}


@pytest.mark.parametrize(("kind", "status"), [(JSON, 200), (GRAPHQL, 400)])
@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ viewer { id }"},
        {"query": "{ viewer { nothing } }"},
        {"query": "query($n: Int!) { __typename @skip(if: true) a: organization(id: $n) { id } }", "variables": {}},
        {"query": "query A { __typename } query B { __typename }", "operationName": "B" * 3},
    ],
    ids=["parsing", "validation", "variables", "operation"],
)
async def test_a_document_that_cannot_be_executed_has_no_data(
    client: httpx.AsyncClient, cast: Cast, body: dict[str, object], kind: str, status: int
) -> None:
    answer = await client.post("/graphql", json=body, headers={**cast.ada.headers, "Accept": kind})
    expected = 400 if body.get("operationName") else status
    assert answer.status_code == expected
    assert answer.json().keys() == {"errors"}
    assert all(error["extensions"]["code"] for error in answer.json()["errors"])


async def test_a_field_error_has_data_and_status_200(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": "{ viewer { id } }"}, headers={"Accept": GRAPHQL})
    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert answer.json()["errors"][0]["extensions"]["code"] == "AUTHENTICATION_REQUIRED"


async def test_a_query_can_be_sent_by_get(client: httpx.AsyncClient, cast: Cast) -> None:
    parameters = {
        "query": "query A($id: ID!) { node(id: $id) { id } } query B { __typename }",
        "variables": f'{{"id": "{cast.ada.organization_id}"}}',
        "operationName": "A",
    }
    answer = await client.get("/graphql", params=parameters, headers=cast.ada.headers)
    assert answer.json() == {"data": {"node": {"id": cast.ada.organization_id}}}


async def test_a_mutation_cannot_be_sent_by_get(client: httpx.AsyncClient, cast: Cast) -> None:
    query = 'mutation { createCollection(input: { organizationId: "x", name: "y" }) { __typename } }'
    answer = await client.get("/graphql", params={"query": query}, headers=cast.ada.headers)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("parameters", [{}, {"query": ""}, {"query": "{ __typename }", "variables": "{"}])
async def test_a_get_without_a_query_is_a_bad_request(client: httpx.AsyncClient, parameters: dict[str, str]) -> None:
    answer = await client.get("/graphql", params=parameters)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_a_subscription_requires_a_stream(client: httpx.AsyncClient, cast: Cast) -> None:
    body = {"query": 'subscription { generationUpdated(id: "x") { id } }'}
    answer = await client.post("/graphql", json=body, headers=cast.ada.headers)
    assert answer.status_code == 400
    assert "WebSocket" in answer.json()["errors"][0]["message"]


async def test_an_unsupported_media_type_is_not_acceptable(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": "{ __typename }"}, headers={"Accept": "application/xml"})
    assert answer.status_code == 406


async def test_a_byte_order_mark_before_json_is_ignored(client: httpx.AsyncClient, server_url: str, cast: Cast) -> None:
    body = codecs.BOM_UTF8 + b'{"query": "query($n: ID!) { node(id: $n) { id } }", "variables": {"n": "x"}}'
    headers = {**cast.ada.headers, "Content-Type": JSON}
    expected = {"data": {"node": None}}
    assert (await client.post("/graphql", content=body, headers=headers)).json() == expected
    parameters = {"query": "query($n: ID!) { node(id: $n) { id } }", "variables": '\ufeff{"n": "x"}'}
    assert (await client.get("/graphql", params=parameters, headers=cast.ada.headers)).json() == expected
    async with configured_server.open_socket(server_url, cast.ada.key) as connection:
        text = json.dumps({"type": "ping"})
        await connection.send(f"\ufeff{text}")
        assert (await configured_server.receive(connection, "pong"))["type"] == "pong"
