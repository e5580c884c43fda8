"""Faults while a worker is idle: its next child is forked already and waits for a job with open connections."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
import redis
from sqlalchemy import text

from core.network import tls
from core.settings import Settings
from tests.support.polling import wait_for, wait_until
from tests.support.processes import process_fork_server
from tests.support.processes.installation import Site, is_gone, kill, work_horse_pid
from tests.support.processes.process_fork_server import Child
from tests.support.users import Cast
from workers.jobs import generation


def wait_for_child(worker: Child, settings: Settings) -> int:
    """Wait until the child of an idle worker has connected to both services; return its pid."""
    child = work_horse_pid(worker)
    urls = settings.redis_url, settings.database_url
    wait_until(lambda: all(own_connections(worker, child, url) for url in urls))
    assert len(own_connections(worker, child, settings.database_url)) == 1
    return child


def own_connections(worker: Child, child: int, url: str | None) -> set[int]:
    """Return the local ports of the connections to a service that the child has not inherited from the worker."""
    mine, inherited = (
        {each.laddr.port for each in psutil.Process(pid).net_connections("tcp") if leads_to(each.raddr, url)}
        for pid in (child, worker.pid)
    )
    return mine - inherited


def leads_to(address: object, url: str | None) -> bool:
    return getattr(address, "port", None) == urlsplit(str(url)).port


def assert_quiet(site: Site) -> None:
    """Assert that no child has failed, and that nothing worse than a notice was logged."""
    logged = site.read_logs()
    assert "Work-horse terminated" not in logged
    assert '"level":"error"' not in logged
    assert '"level":"warning"' not in logged


@pytest.mark.parametrize("kind", ["worker", "detached"])
async def test_a_waiting_child_dies_with_its_worker(site: Site, kind: str) -> None:
    worker = site.worker() if kind == "worker" else site.worker(kind)
    child = wait_for_child(worker, site.settings)
    kill(worker.pid)
    # at once by the kernel on Linux, unless detached; elsewhere it reads the end of its pipe
    wait_until(lambda: is_gone(child))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_idle_worker_stops_with_its_child(site: Site, number: signal.Signals) -> None:
    worker = site.worker()
    child = wait_for_child(worker, site.settings)
    worker.send_signal(number)
    assert worker.wait(100) == 0
    assert not psutil.pid_exists(child)
    assert_quiet(site)


async def test_a_child_that_still_connects_does_not_delay_the_end_of_its_worker(site: Site) -> None:
    worker = site.worker()
    child = wait_for_child(worker, site.settings)
    psutil.Process(child).suspend()
    worker.terminate()
    assert worker.wait(100) == 0
    assert not psutil.pid_exists(child)


def test_a_stop_during_the_fork_of_a_child_is_not_lost(site: Site) -> None:
    log = site.folder / "stopped.log"
    environment = process_fork_server.environment(site.settings)
    worker = process_fork_server.shared().fork(["paced", "stopped-at-fork", "worker"], environment, log)
    assert worker.wait(100) == 0
    assert_quiet(site)
    assert "Exception ignored" not in log.read_text()


async def test_a_child_killed_while_it_waits_is_replaced(site: Site, cast: Cast) -> None:
    site.use_long_leases()
    worker = site.worker()
    kill(wait_for_child(worker, site.settings))
    for person in (cast.ada, cast.bea):
        await site.submit(person)
        await site.assert_settled()
    assert_quiet(site)


async def test_a_requeue_signal_before_the_job_is_not_lost(site: Site, cast: Cast) -> None:
    site.use_long_leases()
    worker = site.worker()
    child = wait_for_child(worker, site.settings)
    os.kill(child, generation.REQUEUE_SIGNAL)
    job_id = await site.submit(cast.ada)
    # the child returns the wake-up, and the next one takes the job
    await site.assert_settled()
    assert (await site.load_generation(job_id)).attempts == 1
    assert_quiet(site)
    assert is_gone(child)
    assert worker.poll() is None


async def cut_connections(site: Site, worker: Child, child: int) -> None:
    """End the child's connections at the services."""
    [postgres_port] = own_connections(worker, child, site.settings.database_url)
    async with site.database.transaction() as session:
        terminate = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_port = :port")
        assert await session.scalar(terminate, {"port": postgres_port})
    [redis_port] = own_connections(worker, child, site.settings.redis_url)
    with redis.Redis.from_url(str(site.settings.redis_url)) as connection:
        connection.client_kill(f"127.0.0.1:{redis_port}")


async def restart_services(site: Site, *_: object) -> None:
    for service in (site.services.postgres, site.services.valkey):
        await asyncio.to_thread(service.kill)
        await asyncio.to_thread(service.start)
    await wait_for_server(site)


async def wait_for_server(site: Site) -> None:
    """Wait until the server and the test can use the services again."""
    await site.database.engine.dispose()
    async with httpx.AsyncClient(base_url=site.url, timeout=100, verify=tls.default_context()) as client:

        async def poll() -> bool | None:
            return (await client.get("/readyz")).status_code == 200 or None

        await wait_for(poll)


@pytest.mark.parametrize("fault", [cut_connections, restart_services])
async def test_a_child_whose_connections_are_lost_runs_the_next_job(
    site: Site, cast: Cast, fault: Callable[[Site, Child, int], Awaitable[None]]
) -> None:
    site.use_long_leases()
    worker = site.worker()
    await fault(site, worker, wait_for_child(worker, site.settings))
    job_id = await site.submit(cast.ada)
    await site.assert_settled()
    assert (await site.load_generation(job_id)).attempts == 1
    assert "Work-horse terminated" not in site.read_logs()
    assert worker.poll() is None


async def test_a_child_that_could_not_connect_runs_the_next_job(site: Site, cast: Cast) -> None:
    site.use_long_leases()
    site.services.postgres.kill()
    worker = site.worker()
    child = work_horse_pid(worker)
    wait_until(lambda: own_connections(worker, child, site.settings.redis_url))
    assert not own_connections(worker, child, site.settings.database_url)
    await asyncio.to_thread(site.services.postgres.start)
    await wait_for_server(site)
    job_id = await site.submit(cast.ada)
    await site.assert_settled()
    assert (await site.load_generation(job_id)).attempts == 1
    assert "Work-horse terminated" not in site.read_logs()
    assert worker.poll() is None
