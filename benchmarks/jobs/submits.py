"""Jobs that one server process accepts per second while the organization has a spend cap on every window."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import orjson
import psutil
from sqlalchemy import text

from benchmarks.api import dataset, load_generator
from benchmarks.api.dataset import ApiUser
from benchmarks.api.implementations import ServerStarter
from benchmarks.api.load_generator import LoadPlan
from core.settings import Settings
from core.spend_windows import Window
from resolvers.organizations import spending
from server.embedded.stack import Stack
from storage import migrations
from storage.postgres.database import Database

CONNECTIONS: Final = 32
CAP: Final = Decimal(1_000_000)
REQUEST: Final = {"engine": "studio", "prompt": "warm lofi beat at 82 bpm with rhodes", "duration_seconds": 60}


@dataclass(frozen=True, slots=True)
class SubmissionRate:
    """Accepted jobs per second from callers of several organizations, latency, and CPU times per job."""

    organizations: int
    per_second: float
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    postgres_cpu_ms: float


async def measure(
    stack: Stack, rows: int = 20_000, seconds: float = 5.0, max_responses: int = load_generator.NO_MAXIMUM
) -> list[SubmissionRate]:
    """Measure one organization, whose submissions are serialized, and ten. Raises ValueError if a job is lost."""
    await asyncio.to_thread(migrations.upgrade_now, Settings(database_url=stack.database_url))
    data = await dataset.create_dataset(stack.database_url, rows, 20)
    database = Database(stack.database_url)
    for user in data.users:
        for window in Window:
            await spending.set_limit_as_operator(database, user.organization_id, window, CAP)
    with ExitStack() as cleanup, tempfile.TemporaryDirectory() as folder:
        limits = {"max_queued": 10**9, "max_queued_per_organization": 10**9}
        server = ServerStarter(cleanup, stack, Path(folder)).start_product(workers=limits)
        rates = []
        for organizations in (1, 10):
            requests = [_request(user) for user in data.users[:organizations]]
            queued_before = await _count_queued(database)
            server_before, postgres_before = server.cpu_seconds, _cpu_seconds_of_postgres(stack)
            result = await load_generator.run_in_subprocess(
                LoadPlan(server.port, requests, CONNECTIONS, seconds, max_responses)
            )
            server_ms = 1000 * (server.cpu_seconds - server_before) / result.responses
            postgres_ms = 1000 * (_cpu_seconds_of_postgres(stack) - postgres_before) / result.responses
            if result.errors or await _count_queued(database) - queued_before < result.responses:
                raise ValueError(f"{result.errors} submissions were rejected, or jobs were lost")
            times = (result.p50_ms, result.p99_ms, server_ms, postgres_ms)
            rates.append(SubmissionRate(organizations, result.per_second, *times))
    await database.close()
    return rates


def _request(user: ApiUser) -> str:
    body = orjson.dumps(REQUEST).decode()
    path, host = f"/v1/music/{user.organization_id}/generations", "127.0.0.1"
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {user.key}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"


def _cpu_seconds_of_postgres(stack: Stack) -> float:
    """Return the CPU time of the embedded Postgres, also of its processes that have ended."""
    postgres = psutil.Process(stack.pids[0])
    times, running = postgres.cpu_times(), [child.cpu_times() for child in postgres.children()]
    ended = times.children_user + times.children_system
    return float(times.user + times.system + ended + sum(each.user + each.system for each in running))


async def _count_queued(database: Database) -> int:
    async with database.transaction() as session:
        return await session.scalar(text("SELECT count(*) FROM generations WHERE status = 'queued'")) or 0


def format_table(rates: Sequence[SubmissionRate]) -> Iterator[str]:
    yield f"| organizations, {CONNECTIONS} connections | accepted per second | p50 | p99 | server CPU | Postgres CPU |"
    yield "|---:|---:|---:|---:|---:|---:|"
    for rate in rates:
        times = (
            f"{rate.p50_ms:.0f} ms | {rate.p99_ms:.0f} ms | {rate.server_cpu_ms:.2f} ms | {rate.postgres_cpu_ms:.2f} ms"
        )
        yield f"| {rate.organizations} | {rate.per_second:.0f} | {times} |"
