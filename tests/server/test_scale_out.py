"""Several servers and workers on one Postgres and Valkey."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil
import pytest
import redis

from core.settings import Settings, WorkerSettings
from server.embedded import ports
from tests.conftest import process
from tests.graphql import data
from tests.people import Cast
from tests.server.test_first_track import finished, submit
from tests.server.test_subscriptions import socket, states
from tests.waiting import found, until
from workers.presence import is_ready

CANCEL = """
mutation($id: ID!) {
  cancelGeneration(input: { id: $id }) { ... on CancelGenerationPayload { generation { status } } }
}
"""
STATE = "query($id: ID!) { node(id: $id) { ... on Generation { status progress stage } } }"


class Installation:
    """Servers and workers as processes on a Valkey database of their own, so that no other worker takes their jobs."""

    def __init__(self, settings: Settings, folder: Path, running: ExitStack) -> None:
        self.settings = settings
        self._folder = folder
        self._running = running

    def server(self) -> str:
        """Start a server; its address."""
        port = ports.free()
        log = self._folder / f"server-{port}.log"
        settings = self.settings.model_copy(
            update={"server": self.settings.server.model_copy(update={"port": port, "public_url": None})}
        )
        self._running.enter_context(process(settings, "serve", log=log))
        until(lambda: _answers(settings.public_url))
        return settings.public_url

    def said(self) -> str:
        """What the workers have logged."""
        return (self._folder / "workers.log").read_text(encoding="utf-8")

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a worker and wait until it waits."""
        child = self._running.enter_context(process(self.settings, "worker", log=self._folder / "workers.log"))
        until(lambda: child.poll() is not None or is_ready(str(self.settings.redis_url), child.pid), seconds=60)
        assert child.poll() is None, self.said()
        return child


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def installation(settings: Settings, cast: Cast, quiet_redis_url: str, tmp_path: Path) -> Iterator[Installation]:
    """An installation with short leases; its processes end with the test."""
    with redis.Redis.from_url(quiet_redis_url) as connection:
        connection.flushdb()
    workers = WorkerSettings(lease_seconds=2, heartbeat_seconds=0.3, recovery_seconds=0.3)
    own = settings.model_copy(update={"redis_url": quiet_redis_url, "workers": workers, "data_dir": tmp_path})
    own = own.model_copy(update={"signing_key": "one secret for all the servers of this installation"})
    with ExitStack() as running:
        yield Installation(own, tmp_path, running)


async def test_a_job_submitted_at_one_server_is_watched_and_fetched_at_the_other(
    installation: Installation, cast: Cast
) -> None:
    first, second = installation.server(), installation.server()
    installation.worker()
    installation.worker()
    async with httpx.AsyncClient(base_url=first, timeout=30) as client:
        job_ids = [await submit(client, cast.ada, prompt, 3) for prompt in ("lofi", "techno", "rock")]
    async with socket(second, {"x-api-key": cast.ada.key}) as connection:
        ends = [(await states(connection, job_id))[-1] for job_id in job_ids]
    assert [end["status"] for end in ends] == ["SUCCEEDED"] * 3
    async with httpx.AsyncClient(timeout=30) as client:
        link = ends[0]["track"]["playbackUrl"]
        assert (await client.get(link)).status_code == 200
        assert (await client.get(link.replace(second, first))).status_code == 200


async def test_a_running_job_is_cancelled_soon_and_leaves_no_track(installation: Installation, cast: Cast) -> None:
    url = installation.server()
    installation.worker()
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        job_id = await submit(client, cast.ada, "cinematic orchestra", 240)
        await _rendering(client, cast, job_id)
        answer = await data(client, cast.ada, CANCEL, id=job_id)
        assert answer["cancelGeneration"]["generation"]["status"] == "RUNNING"
        job = await found(finished(client, cast.ada, f"/v1/music/{cast.ada.organization_id}/generations/{job_id}"))
    assert job["status"] == "cancelled"
    assert job["result_track_id"] is None


@pytest.mark.parametrize("victim", ["worker", "rendering"])
async def test_a_job_whose_worker_is_killed_is_finished_by_another(
    installation: Installation, cast: Cast, victim: str
) -> None:
    url = installation.server()
    worker = installation.worker()
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        job_id = await submit(client, cast.ada, "ambient", 90)
        await _rendering(client, cast, job_id)
        os.kill(worker.pid if victim == "worker" else _child_of(worker.pid), signal.SIGKILL)
        if victim == "worker":
            installation.worker()
        job = await found(finished(client, cast.ada, f"/v1/music/{cast.ada.organization_id}/generations/{job_id}"))
    assert job["status"] == "succeeded"


async def test_a_worker_that_is_told_to_stop_hands_its_job_back(installation: Installation, cast: Cast) -> None:
    url = installation.server()
    worker = installation.worker()
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        job_id = await submit(client, cast.ada, "deep house", 120)
        await _rendering(client, cast, job_id)
        worker.terminate()
        assert worker.wait(20) == 0
        node = (await data(client, cast.ada, STATE, id=job_id))["node"]
        assert node["status"] == "QUEUED", installation.said()
        installation.worker()
        job = await found(finished(client, cast.ada, f"/v1/music/{cast.ada.organization_id}/generations/{job_id}"))
    assert job["status"] == "succeeded"


async def test_a_job_accepted_while_the_queue_is_empty_of_it_is_found_again(
    installation: Installation, cast: Cast
) -> None:
    url = installation.server()
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        job_id = await submit(client, cast.ada, "funk", 2)
        with redis.Redis.from_url(str(installation.settings.redis_url)) as connection:
            connection.flushdb()
        installation.worker()
        job = await found(finished(client, cast.ada, f"/v1/music/{cast.ada.organization_id}/generations/{job_id}"))
    assert job["status"] == "succeeded"


async def _rendering(client: httpx.AsyncClient, cast: Cast, job_id: str) -> None:
    """Wait until real work is under way."""

    async def look() -> bool | None:
        node = (await data(client, cast.ada, STATE, id=job_id))["node"]
        assert node["status"] in {"QUEUED", "RUNNING"}, "the job ended before the test could reach it"
        return True if node["progress"] >= 2 else None

    await found(look)


def _child_of(pid: int) -> int:
    """The process that renders: it leads a group of its own."""
    children = [child.pid for child in psutil.Process(pid).children()]
    return next(child for child in children if os.getpgid(child) == child)
