"""``studio up`` restarts each of its processes that is killed, and accepted jobs finish once."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from core.network import tls
from tests.support.polling import DEADLINE_SECONDS, wait_until
from tests.support.processes import studio_up
from tests.support.processes.servers import UNLIMITED_RATE
from tests.support.processes.studio_up import Up

KILLED = "was killed by signal SIGKILL"
PROCESSES = ("serve", "valkey-server", "postgres", "worker")
NO_LIMIT = {f"MUSIC_STUDIO_SERVER__{name.upper()}": str(value) for name, value in UNLIMITED_RATE.items()}
"""The tests ask until something has happened; Valkey keeps what remains of a limit when it starts again."""


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("supervised")
    running = studio_up.start(folder / "data", folder / "output", settings=NO_LIMIT)
    yield running
    if running.child.poll() is None:
        studio_up.stop(running)


class Client:
    """A REST client that retries until the server answers."""

    def __init__(self, up: Up) -> None:
        self._url = f"http://127.0.0.1:{up.port}/v1/music/{up.printed('organization')}"
        self._headers = {"X-API-Key": up.printed("API key")}

    def request(self, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401  a decoded body
        """Return the body of the first successful response."""
        answers: list[Any] = []

        def is_answered() -> bool:
            try:
                response = httpx.request(
                    method, self._url + path, headers=self._headers, timeout=10, **options, verify=tls.default_context()
                )
            except httpx.TransportError:
                return False
            if response.status_code < httpx.codes.BAD_REQUEST:
                answers.append(response.json())
            return bool(answers)

        wait_until(is_answered)
        return answers[0]

    def find(self, job: str) -> dict[str, Any]:
        found: dict[str, Any] = self.request("GET", f"/generations/{job}")
        return found

    def has_succeeded(self, job: str) -> bool:
        return bool(self.find(job)["status"] == "succeeded")

    def submit(self, key: str) -> str:
        body = {"engine": "studio", "prompt": "techno", "duration_seconds": 2, "idempotency_key": key}
        return str(self.request("POST", "/generations", json=body)["id"])


def test_killed_processes_are_restarted_and_accepted_jobs_finish_once(up: Up, fault_run: int) -> None:
    client, before = Client(up), up.text.count(KILLED)
    jobs: list[str] = []
    for name in PROCESSES:
        jobs.append(client.submit(f"{fault_run}-{name}"))
        process = studio_up.find_process(up, name)
        assert process is not None
        process.kill()
        wait_until(partial(is_replaced, up, name, process.pid))
        jobs.append(client.submit(f"{fault_run}-after-{name}"))
    for job in jobs:
        wait_until(partial(client.has_succeeded, job))
    assert up.child.poll() is None
    assert up.text.count(KILLED) >= before + len(PROCESSES), up.text
    assert len({client.find(job)["result_track_id"] for job in jobs}) == len(jobs)


def is_replaced(up: Up, name: str, pid: int) -> bool:
    """Return whether another process has taken the place of a killed one."""
    process = studio_up.find_process(up, name)
    return process is not None and process.pid != pid


def test_a_first_start_that_is_killed_keeps_its_key(up: Up, tmp_path: Path) -> None:
    up.child.kill()
    up.child.wait()
    second = studio_up.start(up.data_dir, tmp_path / "second", settings=NO_LIMIT)
    path = up.data_dir / "secrets" / "first-key"
    assert f"see {path}" in second.text
    key = path.read_text().strip()
    answer = httpx.post(
        f"http://127.0.0.1:{second.port}/graphql",
        json={"query": "{ viewer { name } }"},
        headers={"X-API-Key": key},
        timeout=100,
        verify=tls.default_context(),
    )
    assert answer.json() == {"data": {"viewer": {"name": "Owner"}}}
    assert studio_up.stop(second) == 0


def test_up_ends_if_server_and_workers_cannot_be_forked_any_more(tmp_path: Path) -> None:
    running = studio_up.start(tmp_path / "data", tmp_path / "output")
    process = studio_up.find_process(running, "fork")
    assert process is not None
    forked = process.children(recursive=True)
    process.kill()
    assert running.child.wait() == 1
    assert "cannot be started: the process that forks it has exited." in running.text
    assert "Traceback" not in running.text
    assert psutil.wait_procs(forked, timeout=DEADLINE_SECONDS)[1] == []
