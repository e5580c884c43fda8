"""Who is measured: the product behind each of its doors, the least that can be done, and what others would write."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks.api import workloads
from benchmarks.api.workloads import Workload
from core.settings import PROJECT, ServerSettings, Settings
from server import supervision
from server.embedded import ports
from server.embedded.stack import Stack

NO_LIMIT: Final = 10**9
"""So often may everybody ask: counted all the same."""


@dataclass(frozen=True, slots=True)
class Implementation:
    """A server that runs, and the works that it is asked for."""

    name: str
    port: int
    process: psutil.Process
    workloads: Sequence[Workload]

    @property
    def cpu_seconds(self) -> float:
        """What its process has used until now."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def start_all(stack: Stack) -> Iterator[list[Implementation]]:
    """All of them on the same services. LIMIT is the first."""
    with ExitStack() as running, tempfile.TemporaryDirectory() as folder:
        own = ServerStarter(running, stack, Path(folder))
        rest, graphql = workloads.REST, workloads.GRAPHQL
        product = own.start_product()
        yield [
            own.start_reference_server("LIMIT", rest, "bare_starlette"),
            own.start_reference_server("LIMIT, tuned", rest, "bare_starlette", "tuned"),
            own.start_reference_server("FastAPI + SQLModel", rest, "fastapi_sqlmodel"),
            own.start_reference_server("Strawberry + SQLModel", graphql, "strawberry_sqlmodel"),
            Implementation("Music Studio, REST", product.port, product.process, rest),
            Implementation("Music Studio, GraphQL", product.port, product.process, graphql),
        ]


@dataclass(frozen=True, slots=True)
class ServerStarter:
    """Starts servers on these services; they end with ``running``."""

    running: ExitStack
    stack: Stack
    folder: Path

    def start_reference_server(self, name: str, asked: Sequence[Workload], module: str, *words: str) -> Implementation:
        """One of ours, see benchmarks.reference_servers."""
        port = ports.find_free()
        command = ["-m", f"benchmarks.reference_servers.{module}", str(port), *words]
        return Implementation(
            name, port, self._process(command, port, {"DATABASE_URL": self.stack.database_url}), asked
        )

    def start_product(self, **changes: object) -> Implementation:
        """As it is served: with its log, its counters and its limits. ``changes`` are rooms of its settings."""
        port = ports.find_free()
        settings = Settings(
            data_dir=self.folder,
            database_url=self.stack.database_url,
            redis_url=self.stack.redis_url,
            server=ServerSettings(port=port, requests_per_minute=NO_LIMIT, requests_burst=NO_LIMIT),
            **changes,  # type: ignore[arg-type]
        )
        process = self._process(["-m", "server.cli", "serve"], port, supervision.environment_variables(settings))
        return Implementation("Music Studio", port, process, ())

    def _process(self, words: list[str], port: int, variables: dict[str, str]) -> psutil.Process:
        environment = {**os.environ, **variables, "PYTHONPATH": str(PROJECT)}
        log = self.running.enter_context((self.folder / f"{port}.log").open("wb"))
        child = subprocess.Popen([sys.executable, *words], env=environment, stdout=log, stderr=log)  # noqa: S603  ours
        self.running.callback(_stop, child)
        _wait(child, port, Path(log.name))
        return psutil.Process(child.pid)


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    child.wait(30)


def _wait(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 300
    while not ports.accepts_connections(port):
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{child.args!r} did not start: {log.read_text()}")
        time.sleep(0.05)


async def send_request(contestant: Implementation, request: str) -> bytes:
    """The body of one answer. Raises ValueError for anything but 200."""
    reader, writer = await asyncio.open_connection("127.0.0.1", contestant.port)
    writer.write(request.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise ValueError(f"{contestant.name}: {head.decode()}")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    body = await reader.readexactly(int(length.partition(b":")[2]))
    writer.close()
    return body
