"""Outages and restarts of Postgres and Valkey, a flushed Valkey, full disks."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from core.jobs import Status
from core.settings import Settings
from tests.support.graphql.websocket import collect_states, connected_socket
from tests.support.polling import wait_for, wait_until
from tests.support.processes.installation import Site, flush_redis
from tests.support.storage import full_disk
from tests.support.users import Cast


async def test_a_render_survives_a_restart_of_redis(site: Site, cast: Cast) -> None:
    site.use_long_leases()
    worker = site.worker()
    jobs = [await site.submit(cast.ada, is_long=True), await site.submit(cast.cid)]
    await site.wait_rendering(jobs[0])
    site.services.valkey.kill()
    site.services.valkey.start()
    await site.assert_settled()
    assert worker.poll() is None
    assert (await site.load_generation(jobs[0])).attempts == 1


async def test_jobs_and_subscriptions_survive_a_flush_of_redis(site: Site, cast: Cast) -> None:
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


async def test_jobs_survive_an_outage_of_redis(site: Site, cast: Cast, pytestconfig: pytest.Config) -> None:
    site.use_long_leases()
    worker = site.worker()
    first = await site.submit(cast.ada, is_long=True)
    await site.wait_rendering(first)
    site.services.valkey.kill()
    # jobs are accepted without Redis
    await site.submit(cast.cid)
    await wait_for_outage_logs(site)
    # the length of the outage is what is tested
    await asyncio.sleep(pytestconfig.getoption("--away-seconds"))
    site.services.valkey.start()
    await site.assert_settled()
    assert worker.poll() is None
    assert (await site.load_generation(first)).attempts == 1


async def test_a_worker_whose_job_ends_during_an_outage_reconnects_to_redis(site: Site, cast: Cast) -> None:
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


async def wait_for_outage_logs(site: Site) -> None:
    """Wait until the render and the recovery loop have logged that Redis is unreachable."""

    async def poll() -> bool | None:
        logged = site.read_logs()
        return ("event not published" in logged and "recovery postponed" in logged) or None

    await wait_for(poll)


@pytest.mark.studio_engine
async def test_a_render_survives_a_restart_of_postgres(site: Site, cast: Cast) -> None:
    worker = site.worker()
    jobs = [await site.submit(cast.ada, is_long=True), await site.submit(cast.cid)]
    await site.wait_rendering(jobs[0])
    site.services.postgres.kill()
    site.services.postgres.start()
    await site.database.engine.dispose()
    await site.assert_settled()
    assert worker.poll() is None


@pytest.mark.parametrize("kind", ["full", "in the way", "scratch"])
async def test_a_full_disk_delays_jobs_and_loses_none(site: Site, cast: Cast, kind: str) -> None:
    site.use_long_leases()
    with exhaust_disk(site.settings, kind):
        site.worker()
        job_id = await site.submit(cast.ada)

        async def poll_requeued() -> bool | None:
            row = await site.load_generation(job_id)
            assert row.status in {Status.QUEUED, Status.RUNNING}, site.read_logs()
            return row.fence >= 2 or None

        await wait_for(poll_requeued)
        if kind == "scratch":
            # removing the folder while a job uses it would be another fault
            enlarge_scratch_disk(site.settings)
            await site.assert_settled()
    if kind != "scratch":
        await site.assert_settled()
    assert (await site.load_generation(job_id)).attempts == 1


def enlarge_scratch_disk(settings: Settings) -> None:
    """Enlarge the disk of the scratch folder."""
    words = ["mount", "-o", "remount,size=1g", str(settings.workers.scratch_dir)]
    subprocess.run(words, check=True)  # noqa: S603  a fixed command


def exhaust_disk(settings: Settings, kind: str) -> AbstractContextManager[None]:
    """Make the blob store full, replace it with a file, or make the scratch folder full."""
    match kind:
        case "full":
            return full_disk.mount_small_disk(settings.storage_dir, "64k")
        case "scratch":
            assert settings.workers.scratch_dir is not None
            # enough for the audio of a short tone, too little for its encoded files
            return full_disk.mount_small_disk(settings.workers.scratch_dir, "1100k")
        case _:
            return blocked(settings.storage_dir)


@contextmanager
def blocked(folder: Path) -> Iterator[None]:
    """Put a file in place of the folder."""
    backup = folder.with_name("backup")
    if folder.exists():
        folder.rename(backup)
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        if backup.exists():
            backup.rename(folder)
