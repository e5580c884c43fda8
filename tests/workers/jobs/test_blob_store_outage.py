"""A rendering whose files cannot be put away: it is made again later, and nobody is to blame."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from core.jobs import Status
from core.settings import Settings
from engines.registry import EngineRegistry
from storage.postgres.database import Database
from storage.tables import Track, TrackFile
from tests.support import gcs_bucket
from tests.support.gcs_bucket import NAME, Bucket
from tests.support.users import Cast
from tests.support.worker_jobs import row_of, submit_directly
from workers.jobs.generation import run
from workers.services import connect


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with gcs_bucket.running() as found:
        yield found


@pytest.fixture
def alone(settings: Settings, quiet_redis_url: str) -> Settings:
    """Settings whose wake-ups nobody hears, and a job that was given back is due at once."""
    workers = settings.workers.model_copy(update={"retry_seconds": 0.001})
    return settings.model_copy(update={"redis_url": quiet_redis_url, "workers": workers})


@pytest.fixture
def in_bucket(alone: Settings, bucket: Bucket, tmp_path: Path) -> Settings:
    """Settings of a worker whose files go to the bucket."""
    key_file = bucket.account.write(tmp_path / "account.json", f"{bucket.address}/token")
    changes = {"key_file": key_file, "endpoint": bucket.address, "timeout_seconds": 60}
    blobs = alone.blobs.model_copy(update=changes)
    return alone.model_copy(update={"storage": f"gs://{NAME}/studio", "blobs": blobs})


async def kept(database: Database, generation_id: str) -> set[str]:
    """The keys of the files of what a job made."""
    statement = select(col(TrackFile.blob_key)).join(Track, col(Track.id) == col(TrackFile.track_id))
    async with database.transaction() as session:
        return set((await session.scalars(statement.where(col(Track.generation_id) == generation_id))).all())


async def test_a_bucket_that_is_away_costs_a_job_no_attempt_and_nothing_is_lost(
    in_bucket: Settings, bucket: Bucket, database: Database, cast: Cast
) -> None:
    hasty = in_bucket.model_copy(update={"blobs": in_bucket.blobs.model_copy(update={"timeout_seconds": 0.2})})
    bucket.failing_with = 503
    async with connect(hasty, EngineRegistry()) as services:
        job = await submit_directly(services, cast)
        # more often than a job may break
        for _ in range(in_bucket.workers.max_attempts + 1):
            await run(services)
            row = await row_of(database, job.id)
            assert (row.status, row.attempts, row.error_message) == (Status.QUEUED, 0, None)
        assert await kept(database, job.id) == set()
    bucket.failing_with = None
    async with connect(in_bucket, EngineRegistry()) as services:
        await run(services)
    assert (await row_of(database, job.id)).status is Status.SUCCEEDED
    assert {f"studio/{key}" for key in await kept(database, job.id)} == set(bucket.names())


async def test_a_folder_that_is_away_is_waited_for_too(
    alone: Settings, database: Database, cast: Cast, tmp_path: Path
) -> None:
    place = tmp_path / "mount"
    place.touch()
    async with connect(alone.model_copy(update={"storage": str(place)}), EngineRegistry()) as services:
        job = await submit_directly(services, cast)
        await run(services)
        assert (await row_of(database, job.id)).status is Status.QUEUED
        place.unlink()
        await run(services)
    assert (await row_of(database, job.id)).status is Status.SUCCEEDED
    keys = {path.relative_to(place).as_posix() for path in place.glob("sha256/*/*")}
    assert keys == await kept(database, job.id)
