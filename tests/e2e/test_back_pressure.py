"""A full queue: requests are refused with Retry-After, and nothing is written or charged."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from core.network import tls
from core.settings import Settings
from server.embedded import ports
from storage.postgres.database import Database
from tests.support.graphql.client import execute
from tests.support.processes.servers import serving
from tests.support.users import Cast, Person

CREATE = """
mutation($input: CreateGenerationInput!) {
  createGeneration(input: $input) {
    __typename
    ... on CreateGenerationPayload { generation { id } }
    ... on UnavailableError { code message retryAfterSeconds }
  }
}
"""
START = """
mutation($input: StartFocusSessionInput!) {
  startFocusSession(input: $input) { __typename ... on Error { code } }
}
"""
BODY = {"engine": "studio", "prompt": "x", "duration_seconds": 30}


@pytest.fixture(scope="module")
def limited_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """Run a server whose queue holds five jobs, three per organization."""
    server = settings.server.model_copy(update={"port": ports.find_free()})
    workers = settings.workers.model_copy(update={"max_queued": 5, "max_queued_per_organization": 3})
    changes = {"server": server, "workers": workers, "redis_url": quiet_redis_url}
    with serving(settings.model_copy(update=changes)) as url:
        yield url


@pytest_asyncio.fixture
async def limited_client(limited_url: str, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of that server."""
    async with httpx.AsyncClient(base_url=limited_url, timeout=100, verify=tls.default_context()) as client:
        yield client


async def submit(client: httpx.AsyncClient, person: Person, key: str | None = None) -> httpx.Response:
    headers = {**person.headers, **({"Idempotency-Key": key} if key else {})}
    return await client.post(f"/v1/music/{person.organization_id}/generations", json=BODY, headers=headers)


async def count(database: Database) -> int:
    async with database.transaction() as session:
        return await session.scalar(text("SELECT count(*) FROM generations")) or 0


async def test_rest_and_graphql_refuse_a_job_of_an_organization_whose_queue_is_full(
    limited_client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    for _ in range(3):
        assert (await submit(limited_client, cast.ada)).status_code == 202
    rest = await submit(limited_client, cast.bea)
    assert rest.status_code == 503
    assert rest.headers["retry-after"] == "30"
    assert rest.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
    assert rest.json()["error"]["system_message"] == "Job queue is full"

    fields = {"organizationId": cast.ada.organization_id, "prompt": "x", "durationSeconds": 30}
    graphql = (await execute(limited_client, cast.ada, CREATE, input=fields))["data"]["createGeneration"]
    assert graphql == {
        "__typename": "UnavailableError",
        "code": "SERVICE_UNAVAILABLE",
        "message": "The service is temporarily unavailable. Please try again shortly.",
        "retryAfterSeconds": 30,
    }
    assert await count(database) == 3
    assert (await submit(limited_client, cast.cid)).status_code == 202


async def test_the_queue_of_the_whole_installation_is_limited(
    limited_client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    for person in (cast.ada, cast.ada, cast.ada, cast.cid, cast.cid):
        assert (await submit(limited_client, person)).status_code == 202
    assert (await submit(limited_client, cast.cid)).status_code == 503
    assert await count(database) == 5


async def test_an_idempotent_replay_is_answered_when_the_queue_is_full(
    limited_client: httpx.AsyncClient, cast: Cast
) -> None:
    first = await submit(limited_client, cast.ada, "take-1")
    for _ in range(2):
        await submit(limited_client, cast.ada)
    assert (await submit(limited_client, cast.ada)).status_code == 503
    again = await submit(limited_client, cast.ada, "take-1")
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])


async def test_concurrent_requests_cannot_exceed_the_limit(
    limited_client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    answers = await asyncio.gather(*(submit(limited_client, cast.ada) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [202] * 3 + [503] * 9
    assert await count(database) == 3


async def test_a_cancelled_job_frees_its_place_in_the_queue(limited_client: httpx.AsyncClient, cast: Cast) -> None:
    jobs = [(await submit(limited_client, cast.ada)).json()["id"] for _ in range(3)]
    assert (await submit(limited_client, cast.ada)).status_code == 503
    await limited_client.post(
        f"/v1/music/{cast.ada.organization_id}/generations/{jobs[0]}/cancel", headers=cast.ada.headers
    )
    assert (await submit(limited_client, cast.ada)).status_code == 202


async def test_a_focus_session_is_refused_when_the_queue_is_full(
    limited_client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    for _ in range(3):
        await submit(limited_client, cast.ada)
    fields = {"organizationId": cast.ada.organization_id, "goal": "FOCUS", "targetMinutes": 10}
    answer = (await execute(limited_client, cast.ada, START, input=fields))["data"]["startFocusSession"]
    assert answer == {"__typename": "UnavailableError", "code": "SERVICE_UNAVAILABLE"}
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM focus_sessions")) == 0
