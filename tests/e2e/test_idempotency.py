"""A hundred identical requests at once, through either door or both, make one job and get one answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx
import pytest

from storage.postgres.database import Database
from tests.support import factories
from tests.support.graphql_client import data
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

Door = Callable[[httpx.AsyncClient, Person], Awaitable[tuple[bool, dict[str, Any]]]]


async def by_rest(client: httpx.AsyncClient, person: Person) -> tuple[bool, dict[str, Any]]:
    """Whether the answer is a replay, and the job."""
    answer = await client.post(
        f"/v1/music/{person.organization_id}/generations",
        json=factories.generation_body(),
        headers={**person.headers, "Idempotency-Key": "once"},
    )
    assert answer.status_code == 202, answer.text
    return "Idempotency-Replayed" in answer.headers, answer.json()


async def by_graphql(client: httpx.AsyncClient, person: Person) -> tuple[bool, dict[str, Any]]:
    """Whether the answer is a replay, and the job."""
    wish = {
        "organizationId": person.organization_id,
        "engine": "studio",
        "prompt": factories.generation_body()["prompt"],
        "durationSeconds": factories.generation_body()["duration_seconds"],
        "idempotencyKey": "once",
    }
    payload = (await data(client, person, CREATE, input=wish))["createGeneration"]
    return payload["isReplay"], payload["generation"]


@pytest.mark.parametrize("door", [by_rest, by_graphql])
async def test_one_job_and_one_answer_for_all(
    client: httpx.AsyncClient, database: Database, cast: Cast, door: Door
) -> None:
    answers = await asyncio.gather(*(door(client, cast.ada) for _ in range(MANY)))
    assert sum(is_replay for is_replay, _ in answers) == MANY - 1
    assert all(job == answers[0][1] for _, job in answers)
    assert await factories.count_generations(database) == 1


async def test_both_doors_at_once_share_the_job(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    asked: list[Awaitable[tuple[bool, dict[str, Any]]]] = []
    for _ in range(MANY // 2):
        asked += [by_rest(client, cast.ada), by_graphql(client, cast.ada)]
    answers = await asyncio.gather(*asked)
    assert len({job["id"] for _, job in answers}) == 1
    assert sum(is_replay for is_replay, _ in answers) == MANY - 1
    assert await factories.count_generations(database) == 1
