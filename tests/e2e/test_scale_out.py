"""Several servers and workers share one Postgres and Valkey. Faults are tested in tests/e2e/faults."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import redis

from core.network import tls
from core.settings import Settings
from server.embedded import ports
from tests.support.graphql.client import data
from tests.support.graphql.websocket import collect_states, connected_socket
from tests.support.polling import wait_for, wait_until
from tests.support.processes.process_fork_server import Child
from tests.support.processes.servers import process
from tests.support.rest.generations import finished, submit
from tests.support.users import Cast
from workers.worker_process import is_ready

CANCEL = """
mutation($id: ID!) {
  cancelGeneration(input: { id: $id }) { ... on CancelGenerationPayload { generation { status } } }
}
"""
STATE = "query($id: ID!) { node(id: $id) { ... on Generation { status progress stage } } }"


class Installation:
    """Server and worker processes on a separate Valkey database, so that no other worker takes their jobs."""

    def __init__(self, settings: Settings, folder: Path, running: ExitStack) -> None:
        self.settings = settings
        self._folder = folder
        self._running = running

    def server(self) -> str:
        """Start a server and return its URL."""
        port = ports.find_free()
        log = self._folder / f"server-{port}.log"
        settings = self.settings.model_copy(
            update={"server": self.settings.server.model_copy(update={"port": port, "public_url": None})}
        )
        self._running.enter_context(process(settings, "serve", log=log))
        wait_until(lambda: _is_ready(settings.public_url))
        return settings.public_url

    def read_logs(self) -> str:
        """Return the log of the workers."""
        return (self._folder / "workers.log").read_text(encoding="utf-8")

    def worker(self) -> Child:
        """Start a worker and wait until it is ready."""
        child = self._running.enter_context(process(self.settings, "worker", log=self._folder / "workers.log"))
        wait_until(lambda: child.poll() is not None or is_ready(str(self.settings.redis_url), child.pid))
        assert child.poll() is None, self.read_logs()
        return child


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", verify=tls.default_context()).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def site(settings: Settings, cast: Cast, quiet_redis_url: str, tmp_path: Path) -> Iterator[Installation]:
    """Return an installation whose processes end with the test."""
    with redis.Redis.from_url(quiet_redis_url) as connection:
        connection.flushdb()
    own = settings.model_copy(update={"redis_url": quiet_redis_url, "data_dir": tmp_path})
    own = own.model_copy(update={"signing_keys": ("one secret for all the servers of this installation",)})
    with ExitStack() as running:
        yield Installation(own, tmp_path, running)


async def test_a_job_submitted_to_one_server_is_available_at_another(site: Installation, cast: Cast) -> None:
    first, second = site.server(), site.server()
    site.worker()
    site.worker()
    async with httpx.AsyncClient(base_url=first, timeout=100, verify=tls.default_context()) as client:
        job_ids = [await submit(client, cast.ada, prompt, 3) for prompt in ("lofi", "techno", "rock")]
    async with connected_socket(second, {"x-api-key": cast.ada.key}) as connection:
        ends = [(await collect_states(connection, job_id))[-1] for job_id in job_ids]
    assert [end["status"] for end in ends] == ["SUCCEEDED"] * 3
    async with httpx.AsyncClient(timeout=100, verify=tls.default_context()) as client:
        link = ends[0]["track"]["playbackUrl"]
        assert (await client.get(link)).status_code == 200
        assert (await client.get(link.replace(second, first))).status_code == 200


async def test_a_running_job_can_be_cancelled_and_leaves_no_track(site: Installation, cast: Cast) -> None:
    url = site.server()
    site.worker()
    async with httpx.AsyncClient(base_url=url, timeout=100, verify=tls.default_context()) as client:
        job_id = await submit(client, cast.ada, "cinematic orchestra", 240)
        await _wait_for_render(client, cast, job_id)
        answer = await data(client, cast.ada, CANCEL, id=job_id)
        assert answer["cancelGeneration"]["generation"]["status"] == "RUNNING"
        job = await wait_for(finished(client, cast.ada, f"/v1/music/{cast.ada.organization_id}/generations/{job_id}"))
    assert job["status"] == "cancelled"
    assert job["result_track_id"] is None


async def _wait_for_render(client: httpx.AsyncClient, cast: Cast, job_id: str) -> None:
    """Wait until the render has made progress."""

    async def poll() -> bool | None:
        node = (await data(client, cast.ada, STATE, id=job_id))["node"]
        assert node["status"] in {"QUEUED", "RUNNING"}, "the job ended before the test could reach it"
        return True if node["progress"] >= 2 else None

    await wait_for(poll)
