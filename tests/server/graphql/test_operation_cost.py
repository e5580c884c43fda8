"""The cost of operations over each transport. A caller has one bucket for GraphQL and REST."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from core.network import tls
from core.settings import Settings
from storage.postgres.database import Database
from tests.support.polling import DEADLINE_SECONDS
from tests.support.processes import configured_server
from tests.support.users import Cast

CHEAP = "{ viewer { id } }"
# organization, library, edges, and three fields in each of 50 edges: 153
DEAR = "query($id: ID!) { organization(id: $id) { library(first: 50) { edges { cursor node { savedAt } } } } }"
NAMES = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.fixture(scope="module")
def strict_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server with 8 tokens per caller, refilled with one per minute. 50 fields cost one token."""
    server: dict[str, object] = {"requests_per_minute": 1, "requests_burst": 8}
    with configured_server.run_server(
        settings, quiet_redis_url, server=server, graphql={"fields_per_token": 50, "max_batch": 3}
    ) as url:
        yield url


@pytest_asyncio.fixture
async def strict(strict_url: str, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the strict server."""
    async with httpx.AsyncClient(base_url=strict_url, timeout=30, verify=tls.default_context()) as client:
        yield client


def left(answer: httpx.Response) -> int:
    return int(answer.headers["X-RateLimit-Remaining"])


async def test_rest_and_graphql_responses_have_the_remaining_tokens(strict: httpx.AsyncClient, cast: Cast) -> None:
    first = await strict.post("/graphql", json={"query": CHEAP}, headers=cast.ada.headers)
    rest = await strict.get(f"/v1/music/{cast.ada.organization_id}/engines", headers=cast.ada.headers)
    invalid = await strict.post("/graphql", json={"query": "{ nothing }"}, headers=cast.ada.headers)
    broken = await strict.post("/graphql", json={"query": "{"}, headers=cast.ada.headers)
    assert [left(answer) for answer in (first, rest, invalid, broken)] == [7, 6, 5, 4]
    assert all(name in first.headers for name in NAMES)


async def test_a_document_costs_tokens_by_its_estimated_fields(strict: httpx.AsyncClient, cast: Cast) -> None:
    variables = {"id": cast.ada.organization_id}
    answer = await strict.post("/graphql", json={"query": DEAR, "variables": variables}, headers=cast.ada.headers)
    assert answer.json()["data"]["organization"]["library"]["edges"] == []
    assert left(answer) == 8 - 4


async def test_a_rejected_document_costs_one_token(strict: httpx.AsyncClient, cast: Cast) -> None:
    query = "{ " + " ".join(f"a{number}: __typename" for number in range(60)) + " }"
    answer = await strict.post("/graphql", json={"query": query}, headers=cast.ada.headers)
    assert answer.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_TOO_LARGE"
    assert left(answer) == 7


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "text/event-stream"])
async def test_a_rate_limited_request_has_retry_after(strict: httpx.AsyncClient, cast: Cast, accept: str) -> None:
    headers = {**cast.ada.headers, "Accept": accept}
    answers = [await strict.post("/graphql", json={"query": CHEAP}, headers=headers) for _ in range(9)]
    assert [answer.status_code for answer in answers] == [200] * 8 + [429]
    assert [left(answer) for answer in answers] == [7, 6, 5, 4, 3, 2, 1, 0, 0]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].json().keys() == {"errors"}
    assert answers[-1].json()["errors"][0]["extensions"]["code"] == "RATE_LIMIT_EXCEEDED"
    other = await strict.post("/graphql", json={"query": CHEAP}, headers=cast.bea.headers)
    assert other.status_code == 200


async def test_a_batch_costs_the_sum_of_its_operations(strict: httpx.AsyncClient, cast: Cast) -> None:
    body = [{"query": CHEAP}, {"query": "{ nothing }"}, {"query": "{ __typename }"}]
    answers = [await strict.post("/graphql", json=body, headers=cast.ada.headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [left(answer) for answer in answers] == [5, 2, 2]
    first, second, third = answers[0].json()
    assert (first, third) == ({"data": {"viewer": {"id": cast.ada.user_id}}}, {"data": {"__typename": "Query"}})
    assert second["errors"][0]["extensions"]["code"] == "DOCUMENT_INVALID"


@pytest.mark.parametrize("count", [0, 4])
async def test_the_size_of_a_batch_is_limited(strict: httpx.AsyncClient, cast: Cast, count: int) -> None:
    answer = await strict.post("/graphql", json=[{"query": CHEAP}] * count, headers=cast.ada.headers)
    assert answer.status_code == 400
    assert "1 to 3" in answer.json()["errors"][0]["message"]


async def test_operations_on_a_socket_have_the_same_cost(
    strict_url: str, strict: httpx.AsyncClient, cast: Cast
) -> None:
    async with configured_server.open_socket(strict_url, cast.ada.key) as connection, asyncio.timeout(DEADLINE_SECONDS):
        await configured_server.subscribe(connection, "1", query=DEAR, variables={"id": cast.ada.organization_id})
        assert (await configured_server.receive(connection, "next"))["payload"]["data"]
        for number in range(2, 6):
            await configured_server.subscribe(connection, str(number), query=CHEAP)
            await configured_server.receive(connection, "complete")
        await configured_server.subscribe(connection, "6", query=CHEAP)
        refused = await configured_server.receive(connection, "error")
        await connection.send('{"type": "ping"}')
        await configured_server.receive(connection, "pong")
    assert refused["id"] == "6"
    extensions = refused["payload"][0]["extensions"]
    assert extensions["code"] == "RATE_LIMIT_EXCEEDED"
    assert 0 < extensions["retryAfterSeconds"] <= 60
    answer = await strict.post("/graphql", json={"query": CHEAP}, headers=cast.ada.headers)
    assert answer.status_code == 429


async def test_anonymous_callers_share_the_bucket_of_their_ip_address(strict: httpx.AsyncClient) -> None:
    answers = [await strict.post("/graphql", json={"query": "{ __typename }"}) for _ in range(9)]
    assert [answer.status_code for answer in answers].count(429) > 0
    assert left(answers[-1]) == 0
