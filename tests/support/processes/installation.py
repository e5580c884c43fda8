"""An installation of server and worker processes for fault tests, and its invariants."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import httpx
import psutil
import redis
import soundfile
from sqlalchemy import text

from core.jobs import Status
from core.network import tls
from core.settings import Settings
from engines.studio.info import STUDIO_INFO
from server.embedded import ports
from storage.blobs.local import LocalBlobs
from storage.blobs.signed_urls import UrlSigner
from storage.postgres.database import Database
from storage.tables import Generation
from tests.support.jobs import paced_engine
from tests.support.polling import wait_for, wait_until
from tests.support.processes import process_fork_server
from tests.support.processes.process_fork_server import Child, ForkServer
from tests.support.processes.restartable_services import Services
from tests.support.users import Person
from workers import worker_process
from workers.loops import recovery
from workers.queues import RedisQueue

COST_CHF_PER_MINUTE = Decimal("0.20")
SECONDS = 3
COST_CHF = COST_CHF_PER_MINUTE * SECONDS / 60
LONG_SECONDS = 12
"""A duration of studio music whose render is long enough to be interrupted."""

LONG_LEASE_SECONDS = 200.0
"""Longer than a busy machine delays the heartbeat of a healthy worker."""


@dataclass
class Site:
    """Servers and workers of one installation."""

    services: Services
    fork_server: ForkServer
    settings: Settings
    database: Database
    folder: Path
    engine: str = STUDIO_INFO.key
    url: str = ""
    accepted: list[str] = field(default_factory=list)
    _running: ExitStack = field(default_factory=ExitStack)

    def sibling(self, folder: Path, engine: str) -> "Site":
        """Return the same server with separate workers."""
        return Site(self.services, self.fork_server, self.settings, self.database, folder, engine, self.url)

    def server(self, *words: str, **settings: float) -> Child:
        """Start a server with these server settings; later requests go to it."""
        port = ports.find_free()
        chosen = self.settings.server.model_copy(update={"port": port, **settings})
        child = self._start(self.settings.model_copy(update={"server": chosen}), f"server-{port}", *words, "serve")
        self.url = f"http://127.0.0.1:{port}"
        return self._ready(child, lambda: _is_healthy(self.url))

    def worker(self, *words: str) -> Child:
        """Start a worker and wait until it is ready."""
        child = self._start(self.settings, "workers", *words, "worker")
        return self._ready(child, lambda: worker_process.is_ready(str(self.settings.redis_url), child.pid))

    def use_long_leases(self) -> None:
        """Give later workers leases that do not expire on a busy machine."""
        workers = self.settings.workers.model_copy(update={"lease_seconds": LONG_LEASE_SECONDS})
        self.settings = self.settings.model_copy(update={"workers": workers})

    def read_logs(self) -> str:
        """Return the logs of all processes."""
        return "\n".join(path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("*.log")))

    async def submit(self, person: Person, *, is_long: bool = False) -> str:
        """Submit a job and return its id. A long one renders slowly or is held until ``release``."""
        is_held = is_long and self.engine == paced_engine.PACED_INFO.key
        if is_held:
            self._hold_file.touch()
        seconds = LONG_SECONDS if is_long and not is_held else SECONDS
        prompt = str(self._hold_file) if is_held else "ambient"
        body = {"engine": self.engine, "prompt": prompt, "duration_seconds": seconds}
        async with httpx.AsyncClient(base_url=self.url, timeout=100, verify=tls.default_context()) as client:
            url = f"/v1/music/{person.organization_id}/generations"
            answer = await client.post(url, json=body, headers=person.headers)
        assert answer.status_code == 202, answer.text
        self.accepted.append(str(answer.json()["id"]))
        return self.accepted[-1]

    def release(self) -> None:
        """Resume the held jobs."""
        self._hold_file.unlink(missing_ok=True)

    async def load_generation(self, job_id: str) -> Generation:
        async with self.database.transaction() as session:
            row = await session.get(Generation, job_id)
        assert row is not None
        return row

    async def wait_rendering(self, job_id: str, *, fence: int = 1) -> Generation:
        """Wait until the render has made progress with at least this fencing number; return the row."""

        async def poll() -> Generation | None:
            row = await self.load_generation(job_id)
            assert row.status in {Status.QUEUED, Status.RUNNING}, "the job ended before the test could reach it"
            is_rendering = row.status is Status.RUNNING and row.fence >= fence and row.stage != "starting"
            return row if is_rendering and row.progress >= 1 else None

        return await wait_for(poll)

    async def wait_claimed(self, job_id: str, fence: int) -> float:
        """Wait until the job is claimed with this fencing number; return the seconds that it took."""
        began = time.monotonic()

        async def poll() -> bool | None:
            return (await self.load_generation(job_id)).fence >= fence or None

        await wait_for(poll)
        return round(time.monotonic() - began, 1)

    async def wait_status(self, job_id: str, *wanted: Status) -> Generation:
        """Wait until the job has one of these statuses; return the row."""

        async def poll() -> Generation | None:
            row = await self.load_generation(job_id)
            return row if row.status in wanted else None

        try:
            return await wait_for(poll)
        except AssertionError as error:
            raise AssertionError(f"{await self.load_generation(job_id)!r}\n{self.read_logs()}") from error

    async def assert_settled(self) -> None:
        """Assert that every accepted job succeeded once, was charged once, is playable and left nothing behind."""
        self.release()
        for job_id in self.accepted:
            row = await self.wait_status(job_id, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)
            assert row.status is Status.SUCCEEDED, self.read_logs()
            await self._check_audio(row)
        async with self.database.transaction() as session:
            tracks = (await session.execute(text("SELECT generation_id, count(*) FROM tracks GROUP BY 1"))).all()
            charged = await session.scalar(text("SELECT sum(cost_chf) FROM generations WHERE status = 'succeeded'"))
            seconds = await session.scalar(text("SELECT sum(duration_seconds) FROM generations"))
            others = await session.scalar(text("SELECT count(*) FROM generations WHERE status <> 'succeeded'"))
        assert sorted((row[0], row[1]) for row in tracks) == sorted((job_id, 1) for job_id in self.accepted)
        assert charged == COST_CHF * seconds / SECONDS
        assert others == 0
        await self._check_cleanup()

    async def _check_audio(self, row: Generation) -> None:
        async with self.database.transaction() as session:
            statement = text("SELECT blob_key FROM track_files JOIN tracks ON id = track_id WHERE generation_id = :id")
            keys: Sequence[str] = (await session.scalars(statement, {"id": row.id})).all()
        masters = [self.settings.storage_dir / key for key in keys if key.endswith(".mp3")]
        assert len(masters) >= 1
        assert all((self.settings.storage_dir / key).stat().st_size > 0 for key in keys)
        samples, rate = soundfile.read(masters[0])
        assert (len(samples), rate) == (row.duration_seconds * 44_100, 44_100)

    async def _check_cleanup(self) -> None:
        """Assert that no wake-up, no scratch folder and, after a cleanup, no unreferenced blob remains."""
        queue = RedisQueue(str(self.settings.redis_url), self.settings.workers)

        async def is_quiet() -> bool | None:
            return await queue.count_waiting() == 0 or None

        await wait_for(is_quiet)
        queue.close()
        blobs = LocalBlobs(self.settings.storage_dir, UrlSigner("http://x", b"k"))
        now = self.settings.workers.model_copy(update={"unused_seconds": 0})
        scratch = self.settings.workers.scratch_dir
        assert scratch is not None

        async def is_clean() -> bool | None:
            has_led = await recovery.remove_unused(self.database, blobs, now) is not None
            return (has_led and not any(scratch.iterdir())) or None

        await wait_for(is_clean)
        async with self.database.transaction() as session:
            named = set((await session.scalars(text("SELECT blob_key FROM track_files"))).all())
        assert {blob.key async for blob in blobs.walk()} == named

    def close(self) -> None:
        self.release()
        self._running.close()

    @property
    def _hold_file(self) -> Path:
        return self.folder / "held"

    def _start(self, settings: Settings, name: str, *words: str) -> Child:
        environment = process_fork_server.environment(settings)
        child = self.fork_server.fork(("paced", *words), environment, self.folder / f"{name}.log")
        self._running.callback(_kill_and_wait, child)
        return child

    def _ready(self, child: Child, is_ready: Callable[[], bool]) -> Child:
        try:
            wait_until(lambda: child.poll() is not None or is_ready())
        finally:
            assert is_ready(), self.read_logs()
        return child


def _kill_and_wait(child: Child) -> None:
    """Kill the process at once, because all assertions have run."""
    child.kill()
    child.wait()


def work_horse_pid(worker: Child) -> int:
    """Return the pid of the worker's child that runs jobs or waits for one. It leads its own process group."""

    def find() -> list[int]:
        children = [child.pid for child in psutil.Process(worker.pid).children()]
        return [child for child in children if os.getpgid(child) == child and not is_gone(child)]

    wait_until(find)
    return find()[0]


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def is_gone(pid: int) -> bool:
    """Return whether the process has ended, even as a zombie."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def _is_healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", verify=tls.default_context()).status_code == 200
    except httpx.HTTPError:
        return False


def flush_redis(settings: Settings) -> None:
    with redis.Redis.from_url(str(settings.redis_url)) as connection:
        connection.flushall()
