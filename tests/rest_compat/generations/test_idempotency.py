import asyncio

import pytest

from core.jobs import Status
from storage.postgres.database import Database
from tests.support import factories
from tests.support.factories import generation_body
from tests.support.rest.client import Contract
from tests.support.users import Cast

KEY = {"Idempotency-Key": "take-1"}


async def test_requests_without_a_key_create_new_jobs(rest: Contract, cast: Cast, database: Database) -> None:
    answers = [await rest.call("create-generation", cast.ada, json=generation_body()) for _ in range(2)]
    assert answers[0].json()["id"] != answers[1].json()["id"]
    assert await factories.count_generations(database) == 2


@pytest.mark.parametrize("place", ["header", "body"])
async def test_the_same_key_returns_the_same_job(rest: Contract, cast: Cast, database: Database, place: str) -> None:
    headers, body = (KEY, generation_body()) if place == "header" else ({}, generation_body(idempotency_key="take-1"))
    first = await rest.call("create-generation", cast.ada, json=body, headers=headers)
    second = await rest.call("create-generation", cast.ada, json=body, headers=headers)
    assert first.status_code == second.status_code == 202
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json()["id"] == first.json()["id"]
    assert await factories.count_generations(database) == 1


async def test_a_key_is_equivalent_in_header_and_body(rest: Contract, cast: Cast) -> None:
    first = await rest.call("create-generation", cast.ada, json=generation_body(), headers=KEY)
    second = await rest.call("create-generation", cast.ada, json=generation_body(idempotency_key="take-1"))
    assert second.json()["id"] == first.json()["id"]
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_the_header_takes_precedence_over_the_body(rest: Contract, cast: Cast, database: Database) -> None:
    await rest.call("create-generation", cast.ada, json=generation_body(), headers=KEY)
    both = await rest.call("create-generation", cast.ada, json=generation_body(idempotency_key="take-2"), headers=KEY)
    assert both.headers["Idempotency-Replayed"] == "true"
    other = await rest.call("create-generation", cast.ada, json=generation_body(idempotency_key="take-2"))
    assert "Idempotency-Replayed" not in other.headers
    assert await factories.count_generations(database) == 2


async def test_equivalent_bodies_are_the_same_request(rest: Contract, cast: Cast) -> None:
    first = await rest.call("create-generation", cast.ada, json=generation_body(), headers=KEY)
    reordered = dict(reversed(generation_body(mode="creation", instrumental=False, title=None).items()))
    second = await rest.call("create-generation", cast.ada, json=reordered, headers=KEY)
    assert second.json()["id"] == first.json()["id"]


@pytest.mark.parametrize(
    "changes",
    [{"prompt": "another"}, {"duration_seconds": 3}, {"title": "x"}, {"style_tags": ["x"]}, {"mode": "focus"}],
)
async def test_a_key_with_another_request_returns_409(
    rest: Contract, cast: Cast, database: Database, changes: dict[str, object]
) -> None:
    await rest.call("create-generation", cast.ada, json=generation_body(), headers=KEY)
    answer = await rest.call("create-generation", cast.ada, json=generation_body(**changes), headers=KEY)
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert (error["code"], error["type"], error["details"]) == ("CONFLICT", "client_error", {})
    assert await factories.count_generations(database) == 1


async def test_a_key_belongs_to_one_user(rest: Contract, cast: Cast, database: Database) -> None:
    answers = [
        await rest.call("create-generation", person, json=generation_body(), headers=KEY)
        for person in (cast.ada, cast.bea, cast.cid)
    ]
    assert len({answer.json()["id"] for answer in answers}) == 3
    assert ["Idempotency-Replayed" in answer.headers for answer in answers] == [False] * 3
    assert await factories.count_generations(database) == 3


async def test_a_replay_returns_the_current_state(rest: Contract, cast: Cast, database: Database) -> None:
    first = await rest.call("create-generation", cast.ada, json=generation_body(), headers=KEY)
    cancelled = await rest.call("cancel-generation", cast.ada, path={"job_id": first.json()["id"]})
    second = await rest.call("create-generation", cast.ada, json=generation_body(), headers=KEY)
    assert second.status_code == 202
    assert second.json()["id"] == first.json()["id"]
    assert second.json()["status"] in {cancelled.json()["status"], Status.CANCELLED}
    assert await factories.count_generations(database) == 1


async def test_a_rejected_request_does_not_consume_its_key(rest: Contract, cast: Cast, database: Database) -> None:
    refused = await rest.call("create-generation", cast.ada, json=generation_body(duration_seconds=0), headers=KEY)
    assert refused.status_code == 422
    accepted = await rest.call("create-generation", cast.ada, json=generation_body(), headers=KEY)
    assert accepted.status_code == 202
    assert "Idempotency-Replayed" not in accepted.headers
    assert await factories.count_generations(database) == 1


@pytest.mark.parametrize("key", ["x", "x" * 255, "ä é", "a b"])
async def test_a_key_in_the_header_may_have_1_to_255_characters(rest: Contract, cast: Cast, key: str) -> None:
    for is_replay in (False, True):
        headers = {"Idempotency-Key": key.encode("latin-1")}
        answer = await rest.call("create-generation", cast.ada, json=generation_body(), headers=headers)  # type: ignore[arg-type]
        assert answer.status_code == 202
        assert ("Idempotency-Replayed" in answer.headers) is is_replay


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_of_invalid_length_returns_422(rest: Contract, cast: Cast, database: Database, key: str) -> None:
    headers = {"Idempotency-Key": key}
    answer = await rest.call("create-generation", cast.ada, json=generation_body(), headers=headers)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["error"]["details"]["errors"]] == ["idempotency_key"]
    assert await factories.count_generations(database) == 0


async def test_concurrent_identical_requests_create_one_job(rest: Contract, cast: Cast, database: Database) -> None:
    answers = await asyncio.gather(
        *(rest.call("create-generation", cast.ada, json=generation_body(), headers=KEY) for _ in range(20))
    )
    assert [answer.status_code for answer in answers] == [202] * 20
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 19
    assert await factories.count_generations(database) == 1


async def test_concurrent_different_requests_with_one_key_create_one_job(
    rest: Contract, cast: Cast, database: Database
) -> None:
    answers = await asyncio.gather(
        *(
            rest.call("create-generation", cast.ada, json=generation_body(duration_seconds=number), headers=KEY)
            for number in range(1, 11)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 9
    assert await factories.count_generations(database) == 1
