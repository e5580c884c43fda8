"""Measure the CPU milliseconds of each operation in the server, Postgres and Valkey."""

import asyncio
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import httpx
import psutil
from sqlalchemy import select, text, update
from sqlmodel import col

from benchmarks import http_load, server_process
from benchmarks.scale.parameters import CpuDemand
from benchmarks.subscriptions.websocket_clients import Subscription, run
from core.jobs import Status
from core.settings import ServerSettings, Settings, SocketSettings, WorkerSettings
from engines.port import RenderRequest
from engines.registry import EngineRegistry
from resolvers.generations import generation_events
from server.embedded import ports
from server.embedded.stack import temporary_stack
from storage import migrations
from storage.postgres.database import Database
from storage.redis.events import EventLog
from storage.tables import Generation, Track
from tests.support import factories, users
from tests.support.audio import media_files
from tests.support.users import Person
from workers.files import track_files

_ANY: Final = 1_000_000
_SOCKETS: Final = 400
_EVENTS: Final = 20
_IDLE_SECONDS: Final = 15
_SUBSCRIPTION: Final = "subscription($id: ID!) { generationUpdated(id: $id) { status progress stage sequence } }"
_REQUEST: Final = '{"engine": "studio", "prompt": "warm lofi beat", "duration_seconds": 60}'


@dataclass(frozen=True, slots=True)
class ServiceProcesses:
    """A server process with its Postgres and Valkey."""

    server: psutil.Process
    idle: tuple[float, float, float] = (0, 0, 0)
    """CPU seconds per second without requests: server, Postgres, Valkey."""

    def measure_idle(self) -> "ServiceProcesses":
        """Return the processes with their measured idle CPU time."""
        before = self.cpu_seconds()
        time.sleep(_IDLE_SECONDS)
        pairs = zip(before, self.cpu_seconds(), strict=True)
        server, postgres, valkey = ((after - earlier) / _IDLE_SECONDS for earlier, after in pairs)
        return replace(self, idle=(server, postgres, valkey))

    def cpu_seconds(self) -> tuple[float, float, float]:
        """Return the CPU seconds so far: server, Postgres, Valkey."""
        children = psutil.Process().children(recursive=True)
        return _seconds([self.server]), _seconds(_named(children, "postgres")), _seconds(_named(children, "valkey"))


def _named(processes: list[psutil.Process], name: str) -> list[psutil.Process]:
    return [process for process in processes if name in process.name()]


def _seconds(processes: list[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes]
    return sum(time.user + time.system for time in times)


class _NullMonitor:
    def report(self, stage: str, fraction: float) -> None:
        """Discard the report."""


def measure_render() -> tuple[float, int, int]:
    """Return CPU seconds, bytes of the master and bytes of all files for a track of one minute."""
    started_at, request = time.process_time(), RenderRequest(prompt="warm lofi beat", duration_seconds=60, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        result = EngineRegistry().load("studio").render(request, Path(folder), _NullMonitor())
        files = track_files.encode(result, Path(folder), _NullMonitor())
        sizes = {file.path.name: file.path.stat().st_size for file in files}
    return time.process_time() - started_at, sizes["master.mp3"], sum(sizes.values())


def measure_demands(seconds: float) -> dict[str, CpuDemand]:
    """Return the CPU demand of each operation, by its name in parameters.MEASURED."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    with tempfile.TemporaryDirectory() as folder, temporary_stack() as stack:
        settings = Settings(
            data_dir=Path(folder),
            database_url=stack.database_url,
            redis_url=stack.redis_url,
            server=ServerSettings(
                port=ports.find_free(), requests_per_minute=_ANY, requests_burst=_ANY, share_resolves_per_minute=_ANY
            ),
            sockets=SocketSettings(max_per_caller=_ANY, max_per_address=_ANY),
            workers=WorkerSettings(max_queued=_ANY, max_queued_per_organization=_ANY),
        )
        (source := Path(folder) / "source.mp3").write_bytes(bytes(1_500_000))
        user, track_id, job_id, file_url = asyncio.run(_create_data(settings, source))
        with server_process.run_server(settings) as process:
            asyncio.run(server_process.wait_until_ready(settings.public_url))
            music = f"{settings.public_url}/v1/music/{user.organization_id}"
            processes = ServiceProcesses(process).measure_idle()
            shared = httpx.post(f"{music}/tracks/{track_id}/share", headers=user.headers).raise_for_status().json()
            key = f"X-API-Key: {user.key}\r\n"

            def measure(url: str, headers: str = "", body: str | None = None) -> CpuDemand:
                with _cpu_time(processes) as demand_for:
                    load = http_load.measure(url, process, seconds, headers=headers, body=body)
                return demand_for(load.count)

            demands = {
                "job": measure(f"{music}/generations/{job_id}", key),
                "page": measure(f"{music}/tracks?limit=50", key),
                "submit": measure(f"{music}/generations", key, _REQUEST),
                "part": measure(file_url, "Range: bytes=0-65535\r\n"),
                "share": measure(f"{settings.public_url}/v1/music/shared/{shared['token']}"),
            }
            return demands | _measure_sockets(settings, processes, user, job_id)


@contextmanager
def _cpu_time(processes: ServiceProcesses) -> Iterator[Callable[[int], CpuDemand]]:
    """Measure the CPU time of the body, less the idle time; the yielded function divides it by a count afterwards."""
    started_at, before = time.monotonic(), processes.cpu_seconds()
    totals: list[float] = []

    def demand_for(count: int) -> CpuDemand:
        return CpuDemand(*(round(max(total, 0) / count * 1000, 3) for total in totals))

    yield demand_for
    duration = time.monotonic() - started_at
    rows = zip(before, processes.cpu_seconds(), processes.idle, strict=True)
    totals.extend(end - start - idle * duration for start, end, idle in rows)


def _measure_sockets(
    settings: Settings, processes: ServiceProcesses, user: Person, job_id: str
) -> dict[str, CpuDemand]:
    server = settings.server
    subscription = Subscription(server.host, server.port, user.key, _SUBSCRIPTION, {"id": job_id}, _SOCKETS)
    context = multiprocessing.get_context("spawn")
    pipe, child_pipe = context.Pipe()
    with _cpu_time(processes) as opening:
        child = context.Process(target=run, args=(subscription, child_pipe), daemon=True)
        child.start()
        pipe.recv()
    with _cpu_time(processes) as publishing:
        asyncio.run(_publish_events(settings, job_id))
    _stop(pipe)
    child.join()
    event, messages = publishing(_EVENTS), publishing(_EVENTS * _SOCKETS)
    return {
        "socket": opening(_SOCKETS),
        "message": replace(messages, postgres=0, valkey=0),
        "event": replace(event, server=0),
    }


def _stop(pipe: Connection) -> None:
    pipe.send("stop")
    pipe.recv()


async def _publish_events(settings: Settings, job_id: str) -> None:
    """Change the job and publish its events."""
    database, events = Database(str(settings.database_url)), EventLog(str(settings.redis_url))
    for _ in range(_EVENTS):
        statement = update(Generation).where(col(Generation.id) == job_id).values(sequence=Generation.sequence + 1)
        async with database.transaction() as session:
            row: Generation | None = await session.scalar(
                statement.returning(Generation), execution_options={"populate_existing": True}
            )
        if row is not None:
            await events.publish(generation_events.generation_event(row))
        await asyncio.sleep(0.1)
    await events.close()
    await database.close()


async def _create_data(settings: Settings, source: Path) -> tuple[Person, str, str, str]:
    """Create a user with fifty saved tracks; return user, track and running job, and the URL of the track's file."""
    database = Database(str(settings.database_url), pooled=False)
    await migrations.upgrade(database)
    user = (await users.create_cast(database)).ada
    blob = await media_files.put_track_file(database, settings, user, source)
    for _ in range(49):
        await factories.put_track(database, user)
    async with database.transaction() as session:
        await session.execute(text(_SAVED), {"user": user.user_id})
        track_id = await session.scalar(select(col(Track.id)).order_by(col(Track.created_at)).limit(1))
    job_id = await factories.put_generation(database, user, Status.RUNNING)
    await database.close()
    return user, str(track_id), job_id, media_files.build_link(settings, user, blob, seconds=3600)


_SAVED: Final = """
INSERT INTO library_entries (id, organization_id, user_id, track_id, source, created_at, tags, about, is_favourite)
SELECT 'mlib_' || substr(id, 8), organization_id, :user, id, 'own', now(), '[]', '', false FROM tracks
"""
