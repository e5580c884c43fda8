"""Recovery sends lost wake-ups again; cleanup removes unused files only."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
import redis
from sqlalchemy import text

from core.jobs import Status
from core.settings import Settings, WorkerSettings
from storage.blobs.local import LocalBlobs
from storage.blobs.signed_urls import UrlSigner
from storage.maintenance import orphans
from storage.postgres.database import Database
from storage.queue import dispatch
from tests.support import factories
from tests.support.jobs.queued_jobs import put_queued
from tests.support.users import Cast
from workers import scratch
from workers.loops import recovery
from workers.queues import RedisQueue

pytestmark = pytest.mark.usefixtures("no_server")

OLD: Final = 7200.0


@pytest_asyncio.fixture
async def queue(settings: Settings, quiet_redis_url: str) -> AsyncIterator[RedisQueue]:
    """An empty queue without workers."""
    with redis.Redis.from_url(quiet_redis_url) as connection:
        connection.flushdb()
    queue = RedisQueue(quiet_redis_url, settings.workers)
    yield queue
    queue.close()


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs", UrlSigner("http://x", b"k"))


@pytest.fixture
def worker_settings(tmp_path: Path) -> WorkerSettings:
    """A worker_settings period of an hour, and a scratch folder of its own."""
    return WorkerSettings(unused_seconds=3600, scratch_dir=tmp_path)


async def test_missing_wake_ups_are_sent(database: Database, cast: Cast, queue: RedisQueue) -> None:
    assert await recovery.sweep(database, queue) == 0
    for prompt in "abc":
        await put_queued(database, cast.ada, prompt)
    await queue.wake()
    assert await recovery.sweep(database, queue) == 2
    assert await queue.count_waiting() == 3
    assert await recovery.sweep(database, queue) == 0


async def test_a_running_job_needs_no_wake_up_until_its_lease_expires(
    database: Database, cast: Cast, queue: RedisQueue
) -> None:
    await put_queued(database, cast.ada, "x")
    async with database.transaction() as session:
        assert await dispatch.claim(session, timedelta(minutes=1)) is not None
    assert await recovery.sweep(database, queue) == 0
    async with database.transaction() as session:
        await session.execute(text("UPDATE generations SET lease_expires_at = now() - interval '1 second'"))
    assert await recovery.sweep(database, queue) == 1


async def test_only_wake_ups_that_nothing_explains_are_reported_as_lost(
    database: Database, cast: Cast, queue: RedisQueue, caplog: pytest.LogCaptureFixture
) -> None:
    lost = "lost wake-ups sent again"

    redis_client, received = queue.rq_queue.connection, queue.rq_queue.started_job_registry.key

    async def change(assignment: str) -> None:
        redis_client.flushdb()
        async with database.transaction() as session:
            await session.execute(text(f"UPDATE generations SET {assignment}"))  # noqa: S608  of this test

    # it may be on its way
    await put_queued(database, cast.ada, "x")
    await change("created_at = now()")
    assert await recovery.sweep(database, queue) == 1
    # retries have none
    await change("created_at = now() - interval '1 minute', retry_at = now()")
    assert await recovery.sweep(database, queue) == 1
    # a worker has received it and is about to claim the job
    await change("retry_at = NULL")
    redis_client.zadd(received, {"job:execution": time.time() + 60})
    assert await recovery.sweep(database, queue) == 1
    assert lost not in caplog.messages
    redis_client.flushdb()
    assert await recovery.sweep(database, queue) == 1
    assert lost in caplog.messages


async def test_one_process_at_a_time_sends_wake_ups(database: Database, cast: Cast, queue: RedisQueue) -> None:
    for prompt in "abcdefgh":
        await put_queued(database, cast.ada, prompt)
    assert sum(await asyncio.gather(*(recovery.sweep(database, queue) for _ in range(8)))) == 8
    assert await queue.count_waiting() == 8


async def test_superfluous_wake_ups_are_accepted(database: Database, cast: Cast, queue: RedisQueue) -> None:
    await queue.wake(5)
    await put_queued(database, cast.ada, "x")
    assert await recovery.sweep(database, queue) == 0
    assert await queue.count_waiting() == 5


async def test_an_unreferenced_blob_is_removed_after_the_grace_period(
    database: Database, blobs: LocalBlobs, worker_settings: WorkerSettings, tmp_path: Path
) -> None:
    old, young = await put(blobs, tmp_path, b"old", age=OLD), await put(blobs, tmp_path, b"young")
    assert await recovery.remove_unused(database, blobs, worker_settings) == 1
    assert await keys(blobs) == {young}
    assert old != young


async def test_one_process_at_a_time_removes_files(
    database: Database, blobs: LocalBlobs, worker_settings: WorkerSettings, tmp_path: Path
) -> None:
    await put(blobs, tmp_path, b"old", age=OLD)
    async with database.transaction() as session:
        assert await orphans.try_lock(session)
        assert await recovery.remove_unused(database, blobs, worker_settings) is None
    assert await recovery.remove_unused(database, blobs, worker_settings) == 1


async def test_a_referenced_blob_is_not_removed(
    database: Database, cast: Cast, blobs: LocalBlobs, worker_settings: WorkerSettings, tmp_path: Path
) -> None:
    key = await put(blobs, tmp_path, b"music", age=OLD)
    await track(database, cast, key)
    assert await recovery.remove_unused(database, blobs, worker_settings) == 0
    assert await keys(blobs) == {key}


async def test_a_blob_that_is_stored_again_is_not_removed(
    database: Database, blobs: LocalBlobs, worker_settings: WorkerSettings, tmp_path: Path
) -> None:
    key = await put(blobs, tmp_path, b"music", age=OLD)
    assert await put(blobs, tmp_path, b"music") == key
    assert await recovery.remove_unused(database, blobs, worker_settings) == 0
    assert await keys(blobs) == {key}


async def test_files_of_a_deleted_track_are_removed_unless_another_track_has_them(
    database: Database, cast: Cast, blobs: LocalBlobs, worker_settings: WorkerSettings, tmp_path: Path
) -> None:
    own, shared = await put(blobs, tmp_path, b"own", age=OLD), await put(blobs, tmp_path, b"shared", age=OLD)
    first, second = await track(database, cast, own), await track(database, cast, shared)
    third = await track(database, cast, shared)
    await delete(database, [first, second], timedelta(minutes=30))
    assert await recovery.remove_unused(database, blobs, worker_settings) == 0
    await delete(database, [first, second], timedelta(hours=2))
    assert await recovery.remove_unused(database, blobs, worker_settings) == 1
    assert await keys(blobs) == {shared}
    await delete(database, [third], timedelta(hours=2))
    assert await recovery.remove_unused(database, blobs, worker_settings) == 1
    assert await keys(blobs) == set()


def test_every_column_with_blob_keys_is_checked() -> None:
    assert "track_files.blob_key" in {str(column) for column in orphans.blob_key_columns()}


def test_an_abandoned_folder_is_removed_and_a_locked_one_is_not(tmp_path: Path) -> None:
    left = tmp_path / "music-studio-job-left"
    with scratch.folder(tmp_path) as used:
        left.mkdir()
        (left / "audio").write_bytes(b"x" * 1000)
        (left / ".held").touch()
        age(left / ".held")
        age(used / ".held")
        assert scratch.remove_abandoned(tmp_path) == 1
        assert list(tmp_path.iterdir()) == [used]
    assert list(tmp_path.iterdir()) == []


def test_other_folders_are_not_removed(tmp_path: Path) -> None:
    (tmp_path / "music-studio-job-without-lock").mkdir()
    (tmp_path / "other").mkdir()
    assert scratch.remove_abandoned(tmp_path) == 0
    assert len(list(tmp_path.iterdir())) == 2


async def put(blobs: LocalBlobs, folder: Path, content: bytes, *, age: float = 0) -> str:
    """Store a blob as if it were ``age`` seconds old and return its key."""
    with source(folder, content) as path:
        key = (await blobs.put(path, ".mp3")).key
    if age:
        moment = (folder / "blobs" / key).stat().st_mtime - age
        os.utime(folder / "blobs" / key, (moment, moment))
    return key


@contextmanager
def source(folder: Path, content: bytes) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


def age(path: Path) -> None:
    moment = path.stat().st_mtime - OLD
    os.utime(path, (moment, moment))


async def keys(blobs: LocalBlobs) -> set[str]:
    return {blob.key async for blob in blobs.walk()}


async def track(database: Database, cast: Cast, key: str) -> str:
    """Create a track whose master is this blob and return its id."""
    job_id = await factories.put_generation(database, cast.ada, Status.SUCCEEDED)
    async with database.transaction() as session:
        parameters = {"id": job_id, "key": key}
        statement = "SELECT id FROM tracks WHERE generation_id = :id"
        track_id: str = (await session.scalars(text(statement), parameters)).one()
        update = "UPDATE track_files SET blob_key = :key WHERE track_id = :track_id"
        await session.execute(text(update), {**parameters, "track_id": track_id})
    return track_id


async def delete(database: Database, track_ids: list[str], ago: timedelta) -> None:
    async with database.transaction() as session:
        statement = text("UPDATE tracks SET deleted_at = now() - CAST(:ago AS interval) WHERE id = ANY(:ids)")
        await session.execute(statement, {"ago": ago, "ids": track_ids})
