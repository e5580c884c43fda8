"""The time of last use of API keys is written in the background, for many keys at once."""

import logging
from datetime import datetime, timedelta

import httpx
import pytest
from sqlmodel import col, select

from core import api_keys
from server.embedded import ports
from server.key_uses import KeyUseRecorder
from storage.postgres.database import Database
from storage.tables import ApiKey
from tests.support.graphql.cost import recorded_statements
from tests.support.polling import wait_for
from tests.support.users import Cast, Person

MINUTE = timedelta(minutes=1)


async def find_key(database: Database, person: Person) -> ApiKey:
    async with database.transaction() as session:
        return (await session.scalars(select(ApiKey).where(col(ApiKey.digest) == api_keys.digest(person.key)))).one()


async def find_last_use(database: Database, person: Person) -> datetime | None:
    return (await find_key(database, person)).last_used_at


async def record(database: Database, *people: Person, interval: timedelta = MINUTE) -> None:
    recorder = KeyUseRecorder(database, interval)
    for person in people:
        recorder.record((await find_key(database, person)).id)
    await recorder.aclose()


async def test_a_request_has_the_use_of_its_key_recorded(
    client: httpx.AsyncClient, cast: Cast, database: Database
) -> None:
    assert await find_last_use(database, cast.ada) is None
    response = await client.post("/graphql", json={"query": "{ viewer { id } }"}, headers=cast.ada.headers)
    assert response.is_success
    await wait_for(lambda: find_last_use(database, cast.ada))
    assert await find_last_use(database, cast.bea) is None


async def test_keys_that_are_used_together_share_a_statement(cast: Cast, database: Database) -> None:
    recorder = KeyUseRecorder(database, MINUTE)
    people = [cast.ada, cast.bea]
    keys = [(await find_key(database, person)).id for person in people]
    for key in keys * 2:
        recorder.record(key)
    with recorded_statements() as statements:
        await recorder.aclose()
    assert len(statements) == 1
    first, second = [await find_last_use(database, person) for person in people]
    assert first == second is not None
    assert await find_last_use(database, cast.cid) is None


async def test_a_key_is_written_at_most_once_in_the_interval(cast: Cast, database: Database) -> None:
    await record(database, cast.ada)
    first = await find_last_use(database, cast.ada)
    await record(database, cast.ada)
    assert await find_last_use(database, cast.ada) == first is not None
    await record(database, cast.ada, interval=timedelta())
    second = await find_last_use(database, cast.ada)
    assert second is not None
    assert second > first


async def test_without_a_database_the_failure_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    database = Database(f"postgresql://localhost:{ports.find_free()}/none")
    recorder = KeyUseRecorder(database, MINUTE)
    recorder.record("key_0123456789abcdef01234567")
    with caplog.at_level(logging.WARNING):
        await recorder.aclose()
    assert "last use of keys postponed" in caplog.messages
    await database.close()
