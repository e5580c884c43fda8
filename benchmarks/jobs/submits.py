"""How many jobs one server process accepts in a second while the organization has a cap on each window."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import orjson
from sqlalchemy import text

from benchmarks.api import dataset, load_generator
from benchmarks.api.dataset import ApiUser
from benchmarks.api.implementations import ServerStarter
from benchmarks.api.load_generator import LoadPlan
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
    """Accepted in a second, by callers of so many organizations, and what each cost the server."""

    organizations: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float


async def measure(stack: Stack, rows: int = 20_000, seconds: float = 5.0, most: int = 2**31) -> list[SubmissionRate]:
    """One organization, whose submits wait for each other, and ten. Raises ValueError for a job that is lost."""
    await asyncio.to_thread(migrations.upgrade_now, stack.database_url)
    world = await dataset.create_dataset(stack.database_url, rows, 20)
    database = Database(stack.database_url)
    for person in world.users:
        for window in Window:
            await spending.set_limit_as_operator(database, person.organization_id, window, CAP)
    with ExitStack() as running, tempfile.TemporaryDirectory() as folder:
        many = {"max_queued": 10**9, "max_queued_per_organization": 10**9}
        server = ServerStarter(running, stack, Path(folder)).start_product(workers=many)
        found = []
        for organizations in (1, 10):
            requests = [_request(person) for person in world.users[:organizations]]
            before, cpu = await _waiting(database), server.cpu_seconds
            result = await load_generator.run_in_subprocess(LoadPlan(server.port, requests, CONNECTIONS, seconds, most))
            spent = 1000 * (server.cpu_seconds - cpu) / result.responses
            if result.errors or await _waiting(database) - before < result.responses:
                raise ValueError(f"{result.errors} were refused, or some were lost")
            found.append(SubmissionRate(organizations, result.per_second, result.p50_ms, result.p99_ms, spent))
    await database.close()
    return found


def _request(person: ApiUser) -> str:
    body = orjson.dumps(REQUEST).decode()
    path, host = f"/v1/music/{person.organization_id}/generations", "127.0.0.1"
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {person.key}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"


async def _waiting(database: Database) -> int:
    async with database.transaction() as session:
        return await session.scalar(text("SELECT count(*) FROM generations WHERE status = 'queued'")) or 0


def format_table(found: Sequence[SubmissionRate]) -> Iterator[str]:
    """As a table."""
    yield f"| organizations that submit, {CONNECTIONS} connections | accepted a second | p50 | p99 | server CPU |"
    yield "|---:|---:|---:|---:|---:|"
    for speed in found:
        times = f"{speed.p50_ms:.0f} ms | {speed.p99_ms:.0f} ms | {speed.cpu_ms:.2f} ms"
        yield f"| {speed.organizations} | {speed.per_second:.0f} | {times} |"
