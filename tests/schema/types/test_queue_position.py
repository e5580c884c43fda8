"""Queue positions and estimated times of generations."""

from datetime import datetime, timedelta

import httpx
from sqlalchemy import update
from sqlmodel import col

from core import clock
from core.jobs import Status
from storage.postgres.database import Database
from storage.tables import Generation
from tests.support.factories import put_generation
from tests.support.graphql.client import data
from tests.support.users import Cast

QUERY = "query($id: ID!) { node(id: $id) { ... on Generation { status queuePosition estimatedReadyAt } } }"


async def test_only_a_queued_generation_has_a_queue_position(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    waiting = [await put_generation(database, cast.ada, Status.QUEUED) for _ in range(2)]
    for number, generation_id in enumerate(waiting, start=1):
        response = (await data(client, cast.ada, QUERY, id=generation_id))["node"]
        assert response == {"status": "QUEUED", "queuePosition": number, "estimatedReadyAt": None}
    for status in (Status.RUNNING, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.REFUSED):
        generation_id = await put_generation(database, cast.ada, status)
        response = (await data(client, cast.ada, QUERY, id=generation_id))["node"]
        assert response == {"status": status.name, "queuePosition": None, "estimatedReadyAt": None}


async def test_a_queue_position_counts_the_jobs_of_all_users(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    first_id = await put_generation(database, cast.ada, Status.QUEUED)
    await put_generation(database, cast.bea, Status.QUEUED)
    await put_generation(database, cast.cid, Status.QUEUED)
    last_id = await put_generation(database, cast.ada, Status.QUEUED)
    position = (await data(client, cast.ada, QUERY, id=first_id))["node"]["queuePosition"]
    assert position in {1, 2, 3}
    assert (await data(client, cast.ada, QUERY, id=last_id))["node"]["queuePosition"] == 4


async def test_the_estimate_is_based_on_recent_render_times(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    done = await put_generation(database, cast.bea, Status.SUCCEEDED)
    now = clock.now()
    async with database.transaction() as session:
        timing = {"attempts": 1, "started_at": now - timedelta(seconds=600), "finished_at": now}
        await session.execute(update(Generation).where(col(Generation.id) == done).values(timing))
    waiting = await put_generation(database, cast.ada, Status.QUEUED)
    response = datetime.fromisoformat((await data(client, cast.ada, QUERY, id=waiting))["node"]["estimatedReadyAt"])
    # the render time of the finished one, which has the same duration
    assert now + timedelta(seconds=599) <= response <= clock.now() + timedelta(seconds=600)
