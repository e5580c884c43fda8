"""A hundred concurrent identical requests over REST, GraphQL or both create one job."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx
import pytest

from storage.postgres.database import Database
from tests.support import factories
from tests.support.graphql.client import data
from tests.support.users import Cast, Person

CREATE: Final = """
mutation($input: CreateGenerationInput!) {
  createGeneration(input: $input) {
    ... on CreateGenerationPayload { isReplay generation { id status progress engine mode createdAt seed costChf } }
    ... on Error { code }
  }
}
"""
MANY: Final = 100

Submit = Callable[[httpx.AsyncClient, Person], Awaitable[tuple[bool, dict[str, Any]]]]


async def submit_rest(client: httpx.AsyncClient, person: Person) -> tuple[bool, dict[str, Any]]:
    """Return whether the response is a replay, and the job."""
    answer = await client.post(
        f"/v1/music/{person.organization_id}/generations",
        json=factories.generation_body(),
        headers={**person.headers, "Idempotency-Key": "once"},
    )
    assert answer.status_code == 202, answer.text
    return "Idempotency-Replayed" in answer.headers, answer.json()


async def submit_graphql(client: httpx.AsyncClient, person: Person) -> tuple[bool, dict[str, Any]]:
    """Return whether the response is a replay, and the job."""
    command = {
        "organizationId": person.organization_id,
        "engine": "studio",
        "prompt": factories.generation_body()["prompt"],
        "durationSeconds": factories.generation_body()["duration_seconds"],
        "idempotencyKey": "once",
    }
    payload = (await data(client, person, CREATE, input=command))["createGeneration"]
    return payload["isReplay"], payload["generation"]


@pytest.mark.parametrize("submit", [submit_rest, submit_graphql])
async def test_concurrent_requests_create_one_job_and_get_the_same_answer(
    client: httpx.AsyncClient, database: Database, cast: Cast, submit: Submit
) -> None:
    answers = await asyncio.gather(*(submit(client, cast.ada) for _ in range(MANY)))
    assert sum(is_replay for is_replay, _ in answers) == MANY - 1
    assert all(job == answers[0][1] for _, job in answers)
    assert await factories.count_generations(database) == 1


async def test_concurrent_requests_over_rest_and_graphql_share_one_job(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    requests: list[Awaitable[tuple[bool, dict[str, Any]]]] = []
    for _ in range(MANY // 2):
        requests += [submit_rest(client, cast.ada), submit_graphql(client, cast.ada)]
    answers = await asyncio.gather(*requests)
    assert len({job["id"] for _, job in answers}) == 1
    assert sum(is_replay for is_replay, _ in answers) == MANY - 1
    assert await factories.count_generations(database) == 1
