"""What many subscribers of one topic cost a server process.

``python -m benchmarks.subscriptions --sockets 5000`` starts Postgres, Valkey and ``studio serve`` of its own, opens the
sockets from other processes, lets a job of the database go on, and prints a table. ``--hold 600`` goes on for so long.
"""

import argparse
import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import numpy as np
import psutil
import redis
from sqlalchemy import update
from sqlmodel import col

from benchmarks import server_process
from benchmarks.subscriptions.websocket_clients import ReceivedEvents, Subscription, run
from core.jobs import Status
from core.settings import ServerSettings, Settings, SocketSettings
from resolvers.generations import generation_events
from server.embedded import ports
from server.embedded.stack import temporary_stack
from storage import migrations
from storage.postgres.database import Database
from storage.redis.events import EventLog
from storage.tables import Generation
from tests.support import factories, users
from tests.support.users import Person

_ANY: Final = 1_000_000
QUERIES: Final = {
    "generation": "subscription($id: ID!) { generationUpdated(id: $id) { status progress stage sequence } }",
    "activity": "subscription($org: ID!) { activity(organizationId: $org) "
    "{ sequence kind subjectId generations { id status progress stage } } }",
}


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that runs, a job that goes on, and what tells of it."""

    settings: Settings
    server: psutil.Process
    database: Database
    events: EventLog
    ada: Person
    job_id: str


@dataclass(slots=True)
class ClientProcesses:
    """The processes that listen."""

    pipes: list[Connection] = field(default_factory=list)

    def stop(self) -> list[ReceivedEvents]:
        """What each has heard."""
        for pipe in self.pipes:
            pipe.send("stop")
        return [pipe.recv() for pipe in self.pipes]


def main() -> None:
    """Measure and tell."""
    options = _options()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    asyncio.run(_measure(options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.subscriptions", description=__doc__)
    parser.add_argument("--sockets", type=int, default=5000, help="How many subscribe.")
    parser.add_argument("--topic", choices=list(QUERIES), default="generation", help="What they watch.")
    parser.add_argument("--events", type=int, default=40, help="How many events are told.")
    parser.add_argument("--pause", type=float, default=1.0, help="Seconds between two events.")
    parser.add_argument("--hold", type=float, default=0, help="Go on for so many seconds, an event every five.")
    parser.add_argument("--clients", type=int, default=1, help="Processes that hold the sockets.")
    return parser.parse_args()


async def _measure(options: argparse.Namespace) -> None:
    async with _site() as site:
        first = await asyncio.to_thread(_process, site, options.topic, 1)
        before, links = site.server.memory_info().rss, _connections(site)
        began = time.monotonic()
        crowd = await asyncio.to_thread(_gathered, site, options)
        opened = time.monotonic() - began
        held = site.server.memory_info().rss
        print_line(f"{options.sockets} sockets opened in {opened:.1f} s; {options.topic} of one user watched by all")
        spent = _seconds(site)
        told = await _tell(site, options)
        await asyncio.sleep(1)
        spent = _seconds(site) - spent
        heard = await asyncio.to_thread(crowd.stop)
        first.close()
        for line in _lines(options, told, heard):
            print_line(line)
        messages = options.sockets * len(told)
        print_line(f"| server's processor time a message | {spent / messages * 1e6:.0f} µs |")
        print_line(f"| server memory before | {before / 1e6:.1f} MB |")
        print_line(f"| memory a subscriber | {(held - before) / options.sockets / 1000:.1f} kB |")
        after = site.server.memory_info().rss
        print_line(f"| memory a subscriber, after the events | {(after - before) / options.sockets / 1000:.1f} kB |")
        for (what, now), then in zip(_connections(site).items(), links.values(), strict=True):
            print_line(f"| {what} | {now} (with one subscriber {then}) |")


def _gathered(site: RunningServer, options: argparse.Namespace) -> ClientProcesses:
    shares = [len(part) for part in np.array_split(np.arange(options.sockets), options.clients)]
    crowd = ClientProcesses([_process(site, options.topic, share, is_awaited=False) for share in shares])
    for pipe in crowd.pipes:
        pipe.recv()
    return crowd


def _process(site: RunningServer, topic: str, sockets: int, *, is_awaited: bool = True) -> Connection:
    """A process that listens, and the way to ask it."""
    variables = {"generation": {"id": site.job_id}, "activity": {"org": site.ada.organization_id}}[topic]
    server = site.settings.server
    wanted = Subscription(server.host, server.port, site.ada.key, QUERIES[topic], variables, sockets)
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    context.Process(target=run, args=(wanted, far), daemon=True).start()
    if is_awaited:
        near.recv()
    return near


def _seconds(site: RunningServer) -> float:
    times = site.server.cpu_times()
    return times.user + times.system


async def _tell(site: RunningServer, options: argparse.Namespace) -> dict[int, float]:
    """The job goes on; when each event was published, by its number in its feed."""
    told: dict[int, float] = {}
    pause = 5.0 if options.hold else options.pause
    count = int(options.hold // pause) if options.hold else options.events
    feed = site.job_id if options.topic == "generation" else None
    for number in range(count):
        row = await _gone_on(site, number)
        published_at = time.monotonic()
        event = generation_events.generation_event(row)
        await site.events.publish(event)
        told[row.sequence if feed else await site.events.newest_sequence(str(event.feed))] = published_at
        await asyncio.sleep(pause)
        if options.hold and number % 12 == 11:
            print_line(f"{(number + 1) * pause:.0f} s: {site.server.memory_info().rss / 1e6:.1f} MB")
    return told


async def _gone_on(site: RunningServer, number: int) -> Generation:
    """The job with its next event, as the database has it."""
    statement = update(Generation).where(col(Generation.id) == site.job_id, col(Generation.status) == Status.RUNNING)
    values = {"progress": min(40 + number // 2, 99), "stage": f"step {number}", "sequence": Generation.sequence + 1}
    async with site.database.transaction() as session:
        row: Generation | None = await session.scalar(
            statement.values(**values).returning(Generation), execution_options={"populate_existing": True}
        )
    if row is None:
        raise ValueError("the job has ended")
    return row


def _lines(options: argparse.Namespace, told: dict[int, float], heard: list[ReceivedEvents]) -> Iterator[str]:
    """As a table. Raises ValueError for events that came twice, or out of order."""
    delays, whole = [], 0
    for number, published_at in told.items():
        stamps = [stamp for one in heard for stamp in one.arrival_times.get(number, ())]
        whole += len(stamps) == options.sockets
        delays.append(np.array(stamps) - published_at)
    every = np.concatenate(delays) * 1000
    if not all(one.is_increasing for one in heard):
        raise ValueError("a number did not rise")
    yield "| | |"
    yield "|---|---:|"
    yield f"| events that reached every socket | {whole} of {len(told)} |"
    yield f"| sockets lost | {sum(one.lost for one in heard)} |"
    yield f"| delay p50 | {np.percentile(every, 50):.0f} ms |"
    yield f"| delay p99 | {np.percentile(every, 99):.0f} ms |"
    ninety_ninth = [np.percentile(delay, 99) * 1000 for delay in delays if delay.size]
    yield f"| delay p99 of an event: median of the events | {np.median(ninety_ninth):.0f} ms |"
    last = [delay.max() * 1000 for delay in delays if delay.size]
    yield f"| last socket of an event: median, best | {np.median(last):.0f} ms, {min(last):.0f} ms |"


def _connections(site: RunningServer) -> dict[str, int]:
    """Of the server's connections to Redis, how many listen and how many there are."""
    mine = {link.laddr.port for link in site.server.net_connections("tcp")}
    with redis.Redis.from_url(str(site.settings.redis_url)) as connection:
        found = [client for client in connection.client_list() if int(client["addr"].rpartition(":")[2]) in mine]
    return {
        "Redis connections of the server that listen": sum(client["sub"] != "0" for client in found),
        "Redis connections of the server in all": len(found),
    }


def print_line(line: str) -> None:
    """One line of the result."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@asynccontextmanager
async def _site() -> AsyncIterator[RunningServer]:
    with tempfile.TemporaryDirectory() as folder, temporary_stack() as stack:
        settings = Settings(
            data_dir=Path(folder),
            database_url=stack.database_url,
            redis_url=stack.redis_url,
            # as many as come, as often as they come
            server=ServerSettings(port=ports.find_free(), requests_per_minute=_ANY, requests_burst=_ANY),
            sockets=SocketSettings(max_per_caller=_ANY, max_per_address=_ANY),
        )
        database, events = Database(stack.database_url), EventLog(stack.redis_url)
        await migrations.upgrade(database)
        cast = await users.create_cast(database)
        job_id = await factories.put_generation(database, cast.ada, Status.RUNNING)
        with server_process.run_server(settings) as process:
            await server_process.wait_until_ready(settings.public_url)
            yield RunningServer(settings, process, database, events, cast.ada, job_id)
        await events.close()
        await database.close()


if __name__ == "__main__":
    main()
