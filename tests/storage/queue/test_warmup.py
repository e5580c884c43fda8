"""The warm-up of claims."""

from datetime import timedelta

from sqlalchemy import text

from core.jobs import Status
from storage.postgres.database import Database
from storage.queue import dispatch, warmup
from tests.support import factories
from tests.support.users import Cast


async def test_the_warm_up_claims_no_job(database: Database, database_url: str, cast: Cast) -> None:
    job_id = await factories.put_generation(database, cast.ada, Status.QUEUED, age=timedelta())
    async with database.transaction() as session:
        await session.execute(text("UPDATE generations SET retry_at = NULL"))
    worker = Database(database_url, pool_size=1)
    for _ in range(2):
        await warmup.warm_up_claims(worker)
    async with worker.transaction() as session:
        row = await dispatch.claim(session, timedelta(seconds=9))
        temporary = await session.scalar(text("SELECT count(*) FROM pg_class WHERE relpersistence = 't'"))
    await worker.close()
    assert row is not None
    assert (row.id, row.fence, row.attempts) == (job_id, 1, 1)
    assert temporary == 0


async def test_a_renewed_connection_is_the_only_one_and_has_claimed_nothing(
    database: Database, database_url: str, cast: Cast
) -> None:
    job_id = await factories.put_generation(database, cast.ada, Status.QUEUED, age=timedelta())
    worker = Database(database_url, pool_size=3)
    pids = []
    for _ in range(2):
        await warmup.renew_connection(worker)
        async with worker.transaction() as session:
            pids.append(await session.scalar(text("SELECT pg_backend_pid()")))
    assert len(set(pids)) == 2
    assert "Connections in pool: 1" in worker.engine.pool.status()
    await worker.close()
    async with database.transaction() as session:
        rows = await session.execute(text("SELECT fence, status FROM generations WHERE id = :id"), {"id": job_id})
    assert tuple(rows.one()) == (0, "queued")
