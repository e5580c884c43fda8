"""``python -m benchmarks.subscriptions --sockets 5000``: measure many subscribers of one topic.

Starts Postgres, Valkey and ``studio serve``, opens the sockets from other processes, publishes events of a job and
prints a table. ``--hold 600`` publishes events for 600 seconds.
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
    """A running server with its database and event log, a user and a running job."""

    settings: Settings
    server: psutil.Process
    database: Database
    events: EventLog
    ada: Person
    job_id: str


@dataclass(slots=True)
class ClientProcesses:
    """The client processes with their pipes."""

    pipes: list[Connection] = field(default_factory=list)

    def stop(self) -> list[ReceivedEvents]:
        """Stop the processes and return the events that they received."""
        for pipe in self.pipes:
            pipe.send("stop")
        return [pipe.recv() for pipe in self.pipes]


def main() -> None:
    options = _options()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    asyncio.run(_measure(options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.subscriptions", description=__doc__)
    parser.add_argument("--sockets", type=int, default=5000, help="Number of subscribers.")
    parser.add_argument("--topic", choices=list(QUERIES), default="generation", help="Subscription.")
    parser.add_argument("--events", type=int, default=40, help="Number of events.")
    parser.add_argument("--pause", type=float, default=1.0, help="Seconds between two events.")
    parser.add_argument(
        "--hold",
        type=float,
        default=0,
        help="Duration in seconds, with an event every 5 s; overrides --events and --pause.",
    )
    parser.add_argument("--clients", type=int, default=1, help="Client processes.")
    return parser.parse_args()


async def _measure(options: argparse.Namespace) -> None:
    async with _start_server() as running:
        first = await asyncio.to_thread(_start_client, running, options.topic, 1)
        memory_before, connections_before = running.server.memory_info().rss, _connections(running)
        started_at = time.monotonic()
        clients = await asyncio.to_thread(_open_sockets, running, options)
        opening_seconds = time.monotonic() - started_at
        memory_open = running.server.memory_info().rss
        print_line(
            f"{options.sockets} sockets opened in {opening_seconds:.1f} s, subscribed to {options.topic} of one user"
        )
        cpu_before = _cpu_seconds(running)
        published = await _publish_events(running, options)
        await asyncio.sleep(1)
        cpu_seconds = _cpu_seconds(running) - cpu_before
        received = await asyncio.to_thread(clients.stop)
        first.close()
        for line in _format_delays(options, published, received):
            print_line(line)
        memory_after = running.server.memory_info().rss
        cpu_per_message = cpu_seconds / (options.sockets * len(published))
        per_subscriber = (memory_open - memory_before) / options.sockets
        per_subscriber_after = (memory_after - memory_before) / options.sockets
        print_line(f"| server CPU time per message | {cpu_per_message * 1e6:.0f} µs |")
        print_line(f"| server memory before | {memory_before / 1e6:.1f} MB |")
        print_line(f"| memory per subscriber | {per_subscriber / 1000:.1f} kB |")
        print_line(f"| memory per subscriber, after the events | {per_subscriber_after / 1000:.1f} kB |")
        for (name, count), single in zip(_connections(running).items(), connections_before.values(), strict=True):
            print_line(f"| {name} | {count} (with one subscriber {single}) |")


def _open_sockets(running: RunningServer, options: argparse.Namespace) -> ClientProcesses:
    shares = [len(part) for part in np.array_split(np.arange(options.sockets), options.clients)]
    clients = ClientProcesses([_start_client(running, options.topic, share, is_waiting=False) for share in shares])
    for pipe in clients.pipes:
        pipe.recv()
    return clients


def _start_client(running: RunningServer, topic: str, sockets: int, *, is_waiting: bool = True) -> Connection:
    """Start a client process and return the pipe to it; wait for its sockets if ``is_waiting``."""
    variables = {"generation": {"id": running.job_id}, "activity": {"org": running.ada.organization_id}}[topic]
    server = running.settings.server
    subscription = Subscription(server.host, server.port, running.ada.key, QUERIES[topic], variables, sockets)
    context = multiprocessing.get_context("spawn")
    pipe, child_pipe = context.Pipe()
    context.Process(target=run, args=(subscription, child_pipe), daemon=True).start()
    if is_waiting:
        pipe.recv()
    return pipe


def _cpu_seconds(running: RunningServer) -> float:
    times = running.server.cpu_times()
    return times.user + times.system


async def _publish_events(running: RunningServer, options: argparse.Namespace) -> dict[int, float]:
    """Publish events of the job; return the time of each event by its sequence number in the feed."""
    published: dict[int, float] = {}
    pause = 5.0 if options.hold else options.pause
    count = int(options.hold // pause) if options.hold else options.events
    feed = running.job_id if options.topic == "generation" else None
    for number in range(count):
        row = await _change_job(running, number)
        published_at = time.monotonic()
        event = generation_events.generation_event(row)
        await running.events.publish(event)
        published[row.sequence if feed else await running.events.newest_sequence(str(event.feed))] = published_at
        await asyncio.sleep(pause)
        if options.hold and number % 12 == 11:
            print_line(f"{(number + 1) * pause:.0f} s: {running.server.memory_info().rss / 1e6:.1f} MB")
    return published


async def _change_job(running: RunningServer, number: int) -> Generation:
    """Change the job and return the updated row."""
    statement = update(Generation).where(col(Generation.id) == running.job_id, col(Generation.status) == Status.RUNNING)
    values = {"progress": min(40 + number // 2, 99), "stage": f"step {number}", "sequence": Generation.sequence + 1}
    async with running.database.transaction() as session:
        row: Generation | None = await session.scalar(
            statement.values(**values).returning(Generation), execution_options={"populate_existing": True}
        )
    if row is None:
        raise ValueError("the job is not running any more")
    return row


def _format_delays(
    options: argparse.Namespace, published: dict[int, float], received: list[ReceivedEvents]
) -> Iterator[str]:
    """Yield a table of delays. Raises ValueError for duplicate events or a wrong order."""
    delays, complete = [], 0
    for number, published_at in published.items():
        arrivals = [arrival for events in received for arrival in events.arrival_times.get(number, ())]
        complete += len(arrivals) == options.sockets
        delays.append(np.array(arrivals) - published_at)
    all_delays = np.concatenate(delays) * 1000
    if not all(events.is_increasing for events in received):
        raise ValueError("sequence numbers are not increasing")
    yield "| | |"
    yield "|---|---:|"
    yield f"| events that reached every socket | {complete} of {len(published)} |"
    yield f"| sockets lost | {sum(events.lost for events in received)} |"
    yield f"| delay p50 | {np.percentile(all_delays, 50):.0f} ms |"
    yield f"| delay p99 | {np.percentile(all_delays, 99):.0f} ms |"
    percentiles = [np.percentile(delay, 99) * 1000 for delay in delays if delay.size]
    yield f"| delay p99 of an event: median of the events | {np.median(percentiles):.0f} ms |"
    last = [delay.max() * 1000 for delay in delays if delay.size]
    yield f"| last socket of an event: median, best | {np.median(last):.0f} ms, {min(last):.0f} ms |"


def _connections(running: RunningServer) -> dict[str, int]:
    """Count the server's connections to Redis: subscribed ones, and all."""
    ports_of_server = {link.laddr.port for link in running.server.net_connections("tcp")}
    with redis.Redis.from_url(str(running.settings.redis_url)) as connection:
        clients = [
            client for client in connection.client_list() if int(client["addr"].rpartition(":")[2]) in ports_of_server
        ]
    return {
        "Redis connections of the server, subscribed": sum(client["sub"] != "0" for client in clients),
        "Redis connections of the server, all": len(clients),
    }


def print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@asynccontextmanager
async def _start_server() -> AsyncIterator[RunningServer]:
    with tempfile.TemporaryDirectory() as folder, temporary_stack() as stack:
        settings = Settings(
            data_dir=Path(folder),
            database_url=stack.database_url,
            redis_url=stack.redis_url,
            # no rate limits
            server=ServerSettings(
                port=ports.find_free(), requests_per_minute=_ANY, requests_burst=_ANY, max_connections_per_address=_ANY
            ),
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
