"""Outages of the blob store: jobs are requeued and no attempt is counted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from core.jobs import Status
from core.settings import Settings
from storage.postgres.database import Database
from storage.tables import Track, TrackFile
from tests.support.jobs import instant_engine
from tests.support.jobs.worker_jobs import load_generation, submit_directly
from tests.support.storage import gcs_bucket
from tests.support.storage.gcs_bucket import NAME, Bucket
from tests.support.users import Cast
from workers.jobs.generation import run
from workers.services import connect


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with gcs_bucket.running() as found:
        yield found


@pytest.fixture
def isolated_settings(settings: Settings, quiet_redis_url: str) -> Settings:
    """Settings with a queue without workers, where requeued jobs are due at once."""
    workers = settings.workers.model_copy(update={"retry_seconds": 0.001})
    return settings.model_copy(update={"redis_url": quiet_redis_url, "workers": workers})


@pytest.fixture
def in_bucket(isolated_settings: Settings, bucket: Bucket, tmp_path: Path) -> Settings:
    """Settings of a worker that stores files in the bucket."""
    key_file = bucket.account.write(tmp_path / "account.json", f"{bucket.address}/token")
    changes = {"key_file": key_file, "endpoint": bucket.address, "timeout_seconds": 60}
    blobs = isolated_settings.blobs.model_copy(update=changes)
    return isolated_settings.model_copy(update={"storage": f"gs://{NAME}/studio", "blobs": blobs})


async def stored_keys(database: Database, generation_id: str) -> set[str]:
    """Return the blob keys of the files of a job's track."""
    statement = select(col(TrackFile.blob_key)).join(Track, col(Track.id) == col(TrackFile.track_id))
    async with database.transaction() as session:
        return set((await session.scalars(statement.where(col(Track.generation_id) == generation_id))).all())


async def test_an_unavailable_bucket_counts_no_attempt_and_loses_no_job(
    in_bucket: Settings, bucket: Bucket, database: Database, cast: Cast
) -> None:
    hasty = in_bucket.model_copy(update={"blobs": in_bucket.blobs.model_copy(update={"timeout_seconds": 0.2})})
    bucket.failing_with = 503
    async with connect(hasty, instant_engine.build_registry()) as services:
        job = await submit_directly(services, cast)
        # more often than the limit of attempts
        for _ in range(in_bucket.workers.max_attempts + 1):
            await run(services)
            row = await load_generation(database, job.id)
            assert (row.status, row.attempts, row.error_message) == (Status.QUEUED, 0, None)
        assert await stored_keys(database, job.id) == set()
    bucket.failing_with = None
    async with connect(in_bucket, instant_engine.build_registry()) as services:
        await run(services)
    assert (await load_generation(database, job.id)).status is Status.SUCCEEDED
    assert {f"studio/{key}" for key in await stored_keys(database, job.id)} == set(bucket.names())


async def test_a_missing_folder_counts_no_attempt(
    isolated_settings: Settings, database: Database, cast: Cast, tmp_path: Path
) -> None:
    place = tmp_path / "mount"
    place.touch()
    async with connect(
        isolated_settings.model_copy(update={"storage": str(place)}), instant_engine.build_registry()
    ) as services:
        job = await submit_directly(services, cast)
        await run(services)
        assert (await load_generation(database, job.id)).status is Status.QUEUED
        place.unlink()
        await run(services)
    assert (await load_generation(database, job.id)).status is Status.SUCCEEDED
    keys = {path.relative_to(place).as_posix() for path in place.glob("sha256/*/*")}
    assert keys == await stored_keys(database, job.id)
