"""What a generation tells of its wait."""

from datetime import datetime, timedelta

import httpx
from sqlalchemy import update
from sqlmodel import col

from core import clock
from core.jobs import Status
from storage.postgres.database import Database
from storage.tables import Generation
from tests.support.factories import put
from tests.support.graphql_client import data
from tests.support.users import Cast

STANDING = "query($id: ID!) { node(id: $id) { ... on Generation { status queuePosition estimatedReadyAt } } }"


async def test_only_a_queued_generation_has_a_place(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    waiting = [await put(database, cast.ada, Status.QUEUED) for _ in range(2)]
    for number, generation_id in enumerate(waiting, start=1):
        told = (await data(client, cast.ada, STANDING, id=generation_id))["node"]
        assert told == {"status": "QUEUED", "queuePosition": number, "estimatedReadyAt": None}
    for status in (Status.RUNNING, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.REFUSED):
        generation_id = await put(database, cast.ada, status)
        told = (await data(client, cast.ada, STANDING, id=generation_id))["node"]
        assert told == {"status": status.name, "queuePosition": None, "estimatedReadyAt": None}


async def test_a_place_counts_everybodys_jobs(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    theirs = await put(database, cast.ada, Status.QUEUED)
    await put(database, cast.bea, Status.QUEUED)
    await put(database, cast.cid, Status.QUEUED)
    behind = await put(database, cast.ada, Status.QUEUED)
    first = (await data(client, cast.ada, STANDING, id=theirs))["node"]["queuePosition"]
    assert first in {1, 2, 3}
    assert (await data(client, cast.ada, STANDING, id=behind))["node"]["queuePosition"] == 4


async def test_experience_tells_when_it_may_be_ready(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    done = await put(database, cast.bea, Status.SUCCEEDED)
    now = clock.now()
    async with database.transaction() as session:
        took = {"attempts": 1, "started_at": now - timedelta(seconds=600), "finished_at": now}
        await session.execute(update(Generation).where(col(Generation.id) == done).values(took))
    waiting = await put(database, cast.ada, Status.QUEUED)
    told = datetime.fromisoformat((await data(client, cast.ada, STANDING, id=waiting))["node"]["estimatedReadyAt"])
    # as long as the one before it, since both are two seconds of music
    assert now + timedelta(seconds=599) <= told <= clock.now() + timedelta(seconds=600)
