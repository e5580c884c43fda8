"""Workers that are killed, frozen or terminated, and wake-ups that are delivered twice."""

import sys
from collections.abc import Callable

import psutil
import pytest
import redis
from rq.job import Job
from rq.serializers import JSONSerializer

from core.jobs import Status
from tests.support.polling import wait_until
from tests.support.processes.installation import Site, is_gone, kill, work_horse_pid
from tests.support.users import Cast
from workers.queues import RedisQueue

Record = Callable[[str, object], None]


@pytest.mark.studio_engine
async def test_a_killed_render_is_retried(site: Site, cast: Cast, record_property: Record) -> None:
    worker = site.worker()
    job_id = await site.submit(cast.ada, is_long=True)
    row = await site.wait_rendering(job_id)
    kill(work_horse_pid(worker))
    record_property("seconds_to_the_next_claim", await site.wait_claimed(job_id, row.fence + 1))
    await site.assert_settled()
    assert worker.poll() is None


async def test_the_render_of_a_killed_worker_dies_and_another_worker_retries_it(
    site: Site, cast: Cast, record_property: Record
) -> None:
    worker = site.worker()
    job_id = await site.submit(cast.ada, is_long=True)
    row = await site.wait_rendering(job_id)
    rendering = work_horse_pid(worker)
    site.worker()
    kill(worker.pid)
    if sys.platform == "linux":
        wait_until(lambda: is_gone(rendering))
    record_property("seconds_to_the_next_claim", await site.wait_claimed(job_id, row.fence + 1))
    await site.assert_settled()


async def test_a_render_that_outlives_its_worker_is_not_repeated(site: Site, cast: Cast) -> None:
    worker = site.worker("detached")
    job_id = await site.submit(cast.ada, is_long=True)
    await site.wait_rendering(job_id)
    rendering = work_horse_pid(worker)
    kill(worker.pid)
    worker.wait()
    site.use_long_leases()
    assert not is_gone(rendering)
    site.worker()
    await site.assert_settled()


@pytest.mark.parametrize("target", ["rendering", "worker and rendering"])
async def test_a_worker_frozen_past_its_lease_cannot_complete_its_job(site: Site, cast: Cast, target: str) -> None:
    slow = site.worker()
    job_id = await site.submit(cast.ada, is_long=True)
    row = await site.wait_rendering(job_id)
    rendering = work_horse_pid(slow)
    processes = [psutil.Process(slow.pid), *psutil.Process(slow.pid).children()]
    frozen = processes if target == "worker and rendering" else [psutil.Process(rendering)]
    for process in frozen:
        process.suspend()
    site.worker()
    await site.wait_rendering(job_id, fence=row.fence + 1)
    for process in frozen:
        process.resume()
    await site.assert_settled()
    wait_until(lambda: is_gone(rendering))
    assert slow.poll() is None


@pytest.mark.studio_engine
async def test_a_terminated_worker_requeues_its_job_at_once(site: Site, cast: Cast) -> None:
    worker = site.worker()
    job_id = await site.submit(cast.ada, is_long=True)
    await site.wait_rendering(job_id)
    worker.terminate()
    assert worker.wait(100) == 0
    row = await site.load_generation(job_id)
    assert (row.status, row.lease_expires_at) == (Status.QUEUED, None), site.read_logs()
    site.worker()
    await site.assert_settled()


async def test_a_worker_terminated_while_a_job_starts_requeues_it(site: Site, cast: Cast) -> None:
    worker = site.worker()
    job_id = await site.submit(cast.ada, is_long=True)
    # the signal arrives before the fork, before the claim or during it
    worker.terminate()
    worker.terminate()
    assert worker.wait(100) == 0
    assert (await site.load_generation(job_id)).status is Status.QUEUED, site.read_logs()
    site.worker()
    await site.assert_settled()


async def test_a_wake_up_delivered_twice_renders_once(site: Site, cast: Cast) -> None:
    site.use_long_leases()
    job_id = await site.submit(cast.ada)
    queue = RedisQueue(str(site.settings.redis_url), site.settings.workers)
    with redis.Redis.from_url(str(site.settings.redis_url)) as connection:
        # the recovery loop sends another wake-up if it runs between the commit and the wake-up
        message, *_ = [Job.fetch(name, connection, JSONSerializer) for name in queue.rq_queue.job_ids]
        connection.rpush(queue.rq_queue.key, message.id, message.id)
    queue.close()
    site.worker()
    site.worker()
    await site.assert_settled()
    assert (await site.load_generation(job_id)).attempts == 1
