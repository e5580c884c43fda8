"""``python -m benchmarks.outages``: latency of requests while Valkey or Postgres is frozen (SIGSTOP); prints a table.

Exits with status 1 if ``/readyz`` takes longer than two seconds.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

import httpx

from benchmarks import server_process
from core.settings import ServerSettings, Settings
from server.embedded import ports
from storage import migrations
from storage.postgres.database import Database
from tests.support import users
from tests.support.processes import restartable_services
from tests.support.processes.restartable_services import RestartablePostgres, RestartableValkey
from tests.support.users import Person

READY_SECONDS: Final = 2.0
"""Limit of ``/readyz`` at any time."""
NOTICE_SECONDS: Final = 1.0
"""Time in which a server notices that a service is frozen."""
UNLIMITED: Final = 1_000_000_000
_PAUSE_SECONDS: Final = 0.05

Requests = Mapping[str, httpx.Request]


@dataclass(slots=True)
class Latencies:
    """Seconds of the responses to one kind of request, each with the seconds since the start of a phase."""

    normal: list[float] = field(default_factory=list)
    outage: list[tuple[float, float]] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    def row(self, name: str) -> str:
        """Return a row of the table, in milliseconds."""
        first = [seconds for at, seconds in self.outage if at < NOTICE_SECONDS]
        later = sorted(seconds for at, seconds in self.outage if at >= NOTICE_SECONDS)
        numbers = (median(self.normal), max(first), median(later), later[int(len(later) * 0.99)], later[-1])
        statuses = " ".join(map(str, sorted(self.statuses)))
        return f"| {name} | {statuses} | " + " | ".join(f"{1000 * number:.0f}" for number in numbers) + " |"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outages", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each outage")
    seconds: float = parser.parse_args(arguments).seconds
    with (
        tempfile.TemporaryDirectory() as data,
        restartable_services.running(Path(tempfile.mkdtemp(dir=data))) as services,
    ):
        settings = Settings(
            data_dir=Path(data),
            database_url=services.postgres.url,
            redis_url=services.valkey.url,
            server=ServerSettings(port=ports.find_free(), requests_per_minute=UNLIMITED, requests_burst=UNLIMITED),
        )
        person = asyncio.run(_prepare(settings))
        with server_process.run_server(settings):
            slowest = max(
                asyncio.run(_measure(settings.public_url, person, name, service, seconds))
                for name, service in (("Valkey", services.valkey), ("Postgres", services.postgres))
            )
    return 1 if slowest > READY_SECONDS else 0


async def _prepare(settings: Settings) -> Person:
    database = Database(str(settings.database_url), pooled=False)
    await migrations.upgrade(database)
    cast = await users.create_cast(database)
    await database.close()
    return cast.ada


async def _measure(
    url: str, person: Person, name: str, service: RestartablePostgres | RestartableValkey, seconds: float
) -> float:
    """Print a table; return the seconds of the slowest response of ``/readyz``."""
    await server_process.wait_until_ready(url)
    async with httpx.AsyncClient(base_url=url, headers=person.headers, timeout=60) as client:
        found = {kind: Latencies() for kind in _requests(client, person)}
        await _send_for(client, person, found, seconds / 2, is_outage=False)
        with service.frozen():
            await _send_for(client, person, found, seconds, is_outage=True)
        started = time.monotonic()
        await server_process.wait_until_ready(url)
        recovered = time.monotonic() - started
    lines = [
        f"{name} frozen for {seconds:.0f} s; ready {recovered:.2f} s after it resumes. Milliseconds:",
        "| request | statuses | before, median | first second, slowest | later, median | later, p99 | later, slowest |",
        "|---|---|---|---|---|---|---|",
        *(latencies.row(kind) for kind, latencies in found.items()),
    ]
    sys.stdout.write("\n".join(lines) + "\n\n")
    sys.stdout.flush()
    return max(seconds for _, seconds in found["GET /readyz"].outage)


def _requests(client: httpx.AsyncClient, person: Person) -> Requests:
    jobs = f"/v1/music/{person.organization_id}/generations"
    body = {"engine": "studio", "prompt": "ambient", "duration_seconds": 3}
    return {
        "GET generations": client.build_request("GET", jobs),
        "POST generations": client.build_request("POST", jobs, json=body),
        "GraphQL viewer": client.build_request("POST", "/graphql", json={"query": "{ viewer { id } }"}),
        "GET /healthz": client.build_request("GET", "/healthz"),
        "GET /readyz": client.build_request("GET", "/readyz"),
    }


async def _send_for(
    client: httpx.AsyncClient, person: Person, found: Mapping[str, Latencies], seconds: float, *, is_outage: bool
) -> None:
    """Send requests of each kind one after the other, all kinds at once."""
    began = time.monotonic()

    async def send(kind: str, latencies: Latencies) -> None:
        while (started := time.monotonic()) < began + seconds:
            response = await client.send(_requests(client, person)[kind])
            taken = time.monotonic() - started
            if is_outage:
                latencies.outage.append((started - began, taken))
                latencies.statuses.add(response.status_code)
            else:
                latencies.normal.append(taken)
            await asyncio.sleep(_PAUSE_SECONDS)

    await asyncio.gather(*(send(kind, latencies) for kind, latencies in found.items()))


if __name__ == "__main__":
    sys.exit(main())
