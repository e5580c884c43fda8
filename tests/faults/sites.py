"""An installation of real processes to be hurt, and what must be true of it afterwards."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import httpx
import psutil
import redis
import soundfile
from sqlalchemy import text

from core.jobs import Status
from core.settings import PROJECT, Settings
from server import supervision
from server.embedded import ports
from storage import generations
from storage.blobs.links import Links
from storage.blobs.local import LocalBlobs
from storage.databases import Database
from storage.tables import Generation
from tests.faults.services import Services
from tests.people import Person
from tests.waiting import found, until
from workers import leftovers, presence
from workers.queues import RedisQueue

PRICE = Decimal("0.0100")
"""Of one job of ``SECONDS``, at 0.20 a minute."""

SECONDS = 3
LONG_SECONDS = 15
"""Long enough to be met in the middle."""


@dataclass
class Site:
    """Servers and workers of one installation."""

    services: Services
    settings: Settings
    database: Database
    folder: Path
    url: str = ""
    accepted: list[str] = field(default_factory=list)
    _running: ExitStack = field(default_factory=ExitStack)

    def server(self, *program: str) -> subprocess.Popen[bytes]:
        """Start a server of the test's own; from now on it is the one that is asked."""
        port = ports.free()
        chosen = self.settings.server.model_copy(update={"port": port})
        settings = self.settings.model_copy(update={"server": chosen})
        child = self._start(settings, f"server-{port}", *(program or ("-m", "server.cli")), "serve")
        self.url = f"http://127.0.0.1:{port}"
        return self._ready(child, lambda: _answers(self.url))

    def worker(self, *program: str) -> subprocess.Popen[bytes]:
        """Start a worker and wait until it waits."""
        child = self._start(self.settings, "workers", *(program or ("-m", "server.cli")), "worker")
        return self._ready(child, lambda: presence.is_ready(str(self.settings.redis_url), child.pid))

    def said(self) -> str:
        """What all processes have logged."""
        return "\n".join(path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("*.log")))

    async def submit(self, person: Person, *, seconds: int = SECONDS, prompt: str = "ambient") -> str:
        """A job that the server accepted; its id."""
        wish = {"engine": "studio", "prompt": prompt, "duration_seconds": seconds}
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            url = f"/v1/music/{person.organization_id}/generations"
            answer = await client.post(url, json=wish, headers=person.headers)
        assert answer.status_code == 202, answer.text
        self.accepted.append(str(answer.json()["id"]))
        return self.accepted[-1]

    async def row(self, job_id: str) -> Generation:
        async with self.database.transaction() as session:
            row = await generations.get(session, job_id)
        assert row is not None
        return row

    async def rendering(self, job_id: str, *, fence: int = 1) -> Generation:
        """The row, as soon as real work is under way under at least this number."""

        async def look() -> Generation | None:
            row = await self.row(job_id)
            assert row.status in {Status.QUEUED, Status.RUNNING}, "the job ended before the test could reach it"
            is_at_work = row.status is Status.RUNNING and row.fence >= fence and row.stage != "starting"
            return row if is_at_work and row.progress >= 1 else None

        return await found(look)

    async def claimed(self, job_id: str, fence: int) -> float:
        """Seconds from now until the job is claimed under this number."""
        began = time.monotonic()

        async def look() -> bool | None:
            return (await self.row(job_id)).fence >= fence or None

        await found(look, seconds=120)
        return round(time.monotonic() - began, 1)

    async def status(self, job_id: str, *wanted: Status) -> Generation:
        """The row, as soon as it is in one of these states."""

        async def look() -> Generation | None:
            row = await self.row(job_id)
            return row if row.status in wanted else None

        return await found(look, seconds=90)

    async def settle(self) -> None:
        """Every accepted job has succeeded exactly once, is charged once, can be heard, and nothing is left behind."""
        for job_id in self.accepted:
            row = await self.status(job_id, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)
            assert row.status is Status.SUCCEEDED, self.said()
            await self._check_audio(row)
        async with self.database.transaction() as session:
            tracks = (await session.execute(text("SELECT generation_id, count(*) FROM tracks GROUP BY 1"))).all()
            charged = await session.scalar(text("SELECT sum(cost_chf) FROM generations WHERE status = 'succeeded'"))
            seconds = await session.scalar(text("SELECT sum(duration_seconds) FROM generations"))
            others = await session.scalar(text("SELECT count(*) FROM generations WHERE status <> 'succeeded'"))
        assert sorted((row[0], row[1]) for row in tracks) == sorted((job_id, 1) for job_id in self.accepted)
        assert charged == PRICE * seconds / SECONDS
        assert others == 0
        await self._check_leftovers()

    async def _check_audio(self, row: Generation) -> None:
        async with self.database.transaction() as session:
            statement = text("SELECT blob_key FROM track_files JOIN tracks ON id = track_id WHERE generation_id = :id")
            keys: Sequence[str] = (await session.scalars(statement, {"id": row.id})).all()
        masters = [self.settings.storage_dir / key for key in keys if key.endswith(".mp3")]
        assert len(masters) >= 1
        assert all((self.settings.storage_dir / key).stat().st_size > 0 for key in keys)
        samples, rate = soundfile.read(masters[0])
        assert (len(samples), rate) == (row.duration_seconds * 44_100, 44_100)

    async def _check_leftovers(self) -> None:
        """No wake-up, no folder of a job; and no file but those that rows name, once it was tidied up."""
        queue = RedisQueue(str(self.settings.redis_url), self.settings.workers)

        async def is_quiet() -> bool | None:
            return await queue.waiting() == 0 or None

        await found(is_quiet)
        queue.close()
        blobs = LocalBlobs(self.settings.storage_dir, Links("http://x", b"k"))
        now = self.settings.workers.model_copy(update={"unused_seconds": 0})
        scratch = self.settings.workers.scratch_dir
        assert scratch is not None

        async def is_clean() -> bool | None:
            await leftovers.tidy(self.database, blobs, now)
            return not any(scratch.iterdir()) or None

        await found(is_clean)
        async with self.database.transaction() as session:
            named = set((await session.scalars(text("SELECT blob_key FROM track_files"))).all())
        assert {blob.key async for blob in blobs.walk()} == named

    def close(self) -> None:
        self._running.close()

    def _start(self, settings: Settings, name: str, *words: str) -> subprocess.Popen[bytes]:
        return self._running.enter_context(_process(settings, self.folder / f"{name}.log", *words))

    def _ready(self, child: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> subprocess.Popen[bytes]:
        try:
            until(lambda: child.poll() is not None or is_ready(), seconds=60)
        finally:
            assert is_ready(), self.said()
        return child


def horse(worker: subprocess.Popen[bytes]) -> int:
    """The process in which this worker renders now: it leads a group of its own."""
    children = [child.pid for child in psutil.Process(worker.pid).children()]
    return next(child for child in children if os.getpgid(child) == child)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def is_gone(pid: int) -> bool:
    """Whether the process has ended, waited for or not."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@contextmanager
def _process(settings: Settings, log: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, **supervision.variables(settings), "PYTHONPATH": str(PROJECT)}
    with log.open("ab") as file:
        child = subprocess.Popen([sys.executable, *words], env=environment, stdout=file, stderr=file)  # noqa: S603
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


async def away(seconds: float) -> None:
    """The time for which a part is away: the fault itself, not a wait for something."""
    await asyncio.sleep(seconds)


def flush(settings: Settings) -> None:
    with redis.Redis.from_url(str(settings.redis_url)) as connection:
        connection.flushall()
