"""What each work costs each part, in milliseconds of a processor: real processes, asked from another one."""

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
from tests.support import factories, media_files, users
from tests.support.users import Person
from workers.files import track_files as encoded

_ANY: Final = 1_000_000
_SOCKETS: Final = 400
_EVENTS: Final = 20
_REST_SECONDS: Final = 15
_WATCH: Final = "subscription($id: ID!) { generationUpdated(id: $id) { status progress stage sequence } }"
_WISH: Final = '{"engine": "studio", "prompt": "warm lofi beat", "duration_seconds": 60}'


@dataclass(frozen=True, slots=True)
class ServiceProcesses:
    """The processes behind one server."""

    server: psutil.Process
    idle: tuple[float, float, float] = (0, 0, 0)
    """What they spend of themselves, a second."""

    def measure_idle(self) -> "ServiceProcesses":
        """With what they spend while nobody asks them."""
        before = self.cpu_seconds()
        time.sleep(_REST_SECONDS)
        spent = zip(before, self.cpu_seconds(), strict=True)
        server, postgres, valkey = ((after - earlier) / _REST_SECONDS for earlier, after in spent)
        return replace(self, idle=(server, postgres, valkey))

    def cpu_seconds(self) -> tuple[float, float, float]:
        """Seconds of a processor since their starts: the server, Postgres, Valkey."""
        mine = psutil.Process().children(recursive=True)
        return _seconds([self.server]), _seconds(_named(mine, "postgres")), _seconds(_named(mine, "valkey"))


def _named(processes: list[psutil.Process], name: str) -> list[psutil.Process]:
    return [process for process in processes if name in process.name()]


def _seconds(processes: list[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)


class _Monitor:
    """Hears of nothing; see engines.port.Monitor."""

    def report(self, stage: str, fraction: float) -> None:
        """See Monitor."""


def measure_render() -> tuple[float, int, int]:
    """What a track of one minute costs: seconds of a processor, bytes of its master, bytes of all its files."""
    began, request = time.process_time(), RenderRequest(prompt="warm lofi beat", duration_seconds=60, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        made = EngineRegistry().load("studio").render(request, Path(folder), _Monitor())
        written = encoded.encode(made, Path(folder), _Monitor())
        sizes = {file.path.name: file.path.stat().st_size for file in written}
    return time.process_time() - began, sizes["master.mp3"], sum(sizes.values())


def measure_demands(seconds: float) -> dict[str, CpuDemand]:
    """Each work by its name in Demands."""
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
        ada, track_id, job_id, link = asyncio.run(_filled(settings, source))
        with server_process.run_server(settings) as process:
            asyncio.run(server_process.wait_until_ready(settings.public_url))
            parts, music = (
                ServiceProcesses(process).measure_idle(),
                f"{settings.public_url}/v1/music/{ada.organization_id}",
            )
            shared = httpx.post(f"{music}/tracks/{track_id}/share", headers=ada.headers).raise_for_status().json()
            key = f"X-API-Key: {ada.key}\r\n"

            def asked(url: str, headers: str = "", body: str | None = None) -> CpuDemand:
                with _counted(parts) as tell:
                    load = http_load.measure(url, process, seconds, headers=headers, body=body)
                return tell(load.count)

            found = {
                "job": asked(f"{music}/generations/{job_id}", key),
                "page": asked(f"{music}/tracks?limit=50", key),
                "submit": asked(f"{music}/generations", key, _WISH),
                "part": asked(link, "Range: bytes=0-65535\r\n"),
                "share": asked(f"{settings.public_url}/v1/music/shared/{shared['token']}"),
            }
            return found | _sockets(settings, parts, ada, job_id)


@contextmanager
def _counted(parts: ServiceProcesses) -> Iterator[Callable[[int], CpuDemand]]:
    """The costs of what is done meanwhile, for each of so many; told after the end, without what idling would cost."""
    began_at, began = time.monotonic(), parts.cpu_seconds()
    ended: list[float] = []

    def tell(count: int) -> CpuDemand:
        return CpuDemand(*(round(max(each, 0) / count * 1000, 3) for each in ended))

    yield tell
    took = time.monotonic() - began_at
    spent = zip(began, parts.cpu_seconds(), parts.idle, strict=True)
    ended.extend(after - before - idle * took for before, after, idle in spent)


def _sockets(settings: Settings, parts: ServiceProcesses, ada: Person, job_id: str) -> dict[str, CpuDemand]:
    server = settings.server
    wanted = Subscription(server.host, server.port, ada.key, _WATCH, {"id": job_id}, _SOCKETS)
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    with _counted(parts) as opened:
        child = context.Process(target=run, args=(wanted, far), daemon=True)
        child.start()
        near.recv()
    with _counted(parts) as told:
        asyncio.run(_go_on(settings, job_id))
    _stop(near)
    child.join()
    event, messages = told(_EVENTS), told(_EVENTS * _SOCKETS)
    return {
        "socket": opened(_SOCKETS),
        "message": replace(messages, postgres=0, valkey=0),
        "event": replace(event, server=0),
    }


def _stop(pipe: Connection) -> None:
    pipe.send("stop")
    pipe.recv()


async def _go_on(settings: Settings, job_id: str) -> None:
    """Events of the job, in the database and then in the feed."""
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


async def _filled(settings: Settings, source: Path) -> tuple[Person, str, str, str]:
    """Somebody with fifty tracks in the library, one of which has a file, a job that runs, and a link to the file."""
    database = Database(str(settings.database_url), pooled=False)
    await migrations.upgrade(database)
    ada = (await users.create_cast(database)).ada
    blob = await media_files.put_track_file(database, settings, ada, source)
    for _ in range(49):
        await factories.put_track(database, ada)
    async with database.transaction() as session:
        await session.execute(text(_SAVED), {"user": ada.user_id})
        track_id = await session.scalar(select(col(Track.id)).order_by(col(Track.created_at)).limit(1))
    job_id = await factories.put_generation(database, ada, Status.RUNNING)
    await database.close()
    return ada, str(track_id), job_id, media_files.build_link(settings, ada, blob, seconds=3600)


_SAVED: Final = """
INSERT INTO library_entries (id, organization_id, user_id, track_id, source, created_at, tags, about, is_favourite)
SELECT 'mlib_' || substr(id, 8), organization_id, :user, id, 'own', now(), '[]', '', false FROM tracks
"""
