"""Postgres, Valkey and the disk: gone, back again, emptied, full."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from core.jobs import Status
from core.settings import Settings
from tests.support import full_disk
from tests.support.graphql_websocket import collect_states, connected_socket
from tests.support.installation import Site, flush_redis
from tests.support.polling import wait_for, wait_until
from tests.support.users import Cast


async def test_redis_restarted_during_a_rendering(site: Site, cast: Cast) -> None:
    site.use_long_leases()
    worker = site.worker()
    jobs = [await site.submit(cast.ada, is_long=True), await site.submit(cast.cid)]
    await site.wait_rendering(jobs[0])
    site.services.valkey.kill()
    site.services.valkey.start()
    await site.assert_settled()
    assert worker.poll() is None
    assert (await site.load_generation(jobs[0])).attempts == 1


async def test_redis_flushed_while_jobs_wait_and_a_client_watches(site: Site, cast: Cast) -> None:
    worker = site.worker()
    jobs = [await site.submit(cast.ada, is_long=True), await site.submit(cast.cid), await site.submit(cast.bea)]
    await site.wait_rendering(jobs[0])
    async with connected_socket(site.url, {"x-api-key": cast.ada.key}) as connection:
        watching = asyncio.create_task(collect_states(connection, jobs[0]))
        flush_redis(site.settings)
        site.release()
        seen = await watching
    assert seen[-1]["status"] == "SUCCEEDED"
    assert [state["sequence"] for state in seen] == sorted({state["sequence"] for state in seen})
    await site.assert_settled()
    assert worker.poll() is None


async def test_redis_away_for_a_while(site: Site, cast: Cast, pytestconfig: pytest.Config) -> None:
    site.use_long_leases()
    worker = site.worker()
    first = await site.submit(cast.ada, is_long=True)
    await site.wait_rendering(first)
    site.services.valkey.kill()
    # accepted without it
    await site.submit(cast.cid)
    await missed(site)
    # the time itself is the fault
    await asyncio.sleep(pytestconfig.getoption("--away-seconds"))
    site.services.valkey.start()
    await site.assert_settled()
    assert worker.poll() is None
    assert (await site.load_generation(first)).attempts == 1


async def test_a_worker_whose_job_ends_while_redis_is_away_waits_for_it(site: Site, cast: Cast) -> None:
    site.use_long_leases()
    worker = site.worker()
    await site.wait_rendering(await site.submit(cast.ada, is_long=True))
    site.services.valkey.kill()
    site.release()
    wait_until(lambda: site.read_logs().count("Redis is unreachable; reconnecting") > 1 or worker.poll() is not None)
    site.services.valkey.start()
    await site.submit(cast.cid)
    await site.assert_settled()
    assert worker.poll() is None


async def missed(site: Site) -> None:
    """Until the rendering and the recovery beside its worker have noticed that Redis is away."""

    async def look() -> bool | None:
        said = site.read_logs()
        return ("event not published" in said and "recovery postponed" in said) or None

    await wait_for(look)


async def test_postgres_restarted_during_a_rendering(site: Site, cast: Cast) -> None:
    worker = site.worker()
    jobs = [await site.submit(cast.ada, is_long=True), await site.submit(cast.cid)]
    await site.wait_rendering(jobs[0])
    site.services.postgres.kill()
    site.services.postgres.start()
    await site.database.engine.dispose()
    await site.assert_settled()
    assert worker.poll() is None


@pytest.mark.parametrize("kind", ["full", "in the way", "scratch"])
async def test_a_disk_that_takes_no_more_delays_jobs_and_loses_none(site: Site, cast: Cast, kind: str) -> None:
    site.use_long_leases()
    with without_room(site.settings, kind):
        site.worker()
        job_id = await site.submit(cast.ada)

        async def was_given_back() -> bool | None:
            row = await site.load_generation(job_id)
            assert row.status in {Status.QUEUED, Status.RUNNING}, site.read_logs()
            return row.fence >= 2 or None

        await wait_for(was_given_back)
        if kind == "scratch":
            # a folder that goes while somebody works in it would be another fault
            make_room(site.settings)
            await site.assert_settled()
    if kind != "scratch":
        await site.assert_settled()
    assert (await site.load_generation(job_id)).attempts == 1


def make_room(settings: Settings) -> None:
    """Give the disk under the scratch folder as much as it needs."""
    words = ["mount", "-o", "remount,size=1g", str(settings.workers.scratch_dir)]
    subprocess.run(words, check=True)  # noqa: S603  our own words


def without_room(settings: Settings, kind: str) -> AbstractContextManager[None]:
    """Neither for blobs, nor a place for them, nor for the audio while it is made."""
    match kind:
        case "full":
            return full_disk.mount_small_disk(settings.storage_dir, "64k")
        case "scratch":
            assert settings.workers.scratch_dir is not None
            # enough for a short tone, and too little for what becomes of it
            return full_disk.mount_small_disk(settings.workers.scratch_dir, "1100k")
        case _:
            return blocked(settings.storage_dir)


@contextmanager
def blocked(folder: Path) -> Iterator[None]:
    """A file where the folder should be."""
    aside = folder.with_name("aside")
    if folder.exists():
        folder.rename(aside)
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        if aside.exists():
            aside.rename(folder)
