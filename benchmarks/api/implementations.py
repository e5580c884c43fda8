"""The measured servers: the product's REST and GraphQL APIs, and the reference servers."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks import cores, node_packages
from benchmarks.api import workloads
from benchmarks.api.workloads import Workload
from benchmarks.node_packages import NodeError
from core.settings import PROJECT, ServerSettings, Settings
from server import supervision
from server.embedded import ports
from server.embedded.stack import Stack

_NODE_SERVERS: Final = Path(__file__).parents[1] / "reference_servers" / "node"

NO_LIMIT: Final = 10**9
"""A rate limit that is never reached; requests are counted nevertheless."""


@dataclass(frozen=True, slots=True)
class Implementation:
    """A running server and its workloads."""

    name: str
    port: int
    process: psutil.Process
    workloads: Sequence[Workload]

    @property
    def cpu_seconds(self) -> float:
        """CPU time of its process so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def start_all(stack: Stack, server_cores: frozenset[int]) -> Iterator[list[Implementation]]:
    """Start all servers, on the same cores, Postgres and Valkey; LIMIT is the first."""
    with ExitStack() as cleanup, tempfile.TemporaryDirectory() as folder:
        starter = ServerStarter(cleanup, stack, Path(folder), server_cores)
        rest, graphql = workloads.REST, workloads.GRAPHQL
        product = starter.start_product()
        yield [
            starter.start_reference_server("LIMIT", rest, "bare_starlette"),
            starter.start_reference_server("LIMIT, tuned", rest, "bare_starlette", "tuned"),
            starter.start_reference_server("FastAPI + SQLModel", rest, "fastapi_sqlmodel"),
            starter.start_reference_server("Strawberry + SQLModel", graphql, "strawberry_sqlmodel"),
            *starter.start_node_servers({"Mercurius with jit": "mercurius", "Apollo": "apollo"}, graphql),
            Implementation("Music Studio, REST", product.port, product.process, rest),
            Implementation("Music Studio, GraphQL", product.port, product.process, graphql),
        ]


@dataclass(frozen=True, slots=True)
class ServerStarter:
    """Start servers on a stack; ``cleanup`` stops them."""

    cleanup: ExitStack
    stack: Stack
    folder: Path
    cores: frozenset[int] = frozenset()

    def start_reference_server(
        self, name: str, workloads: Sequence[Workload], module: str, *arguments: str
    ) -> Implementation:
        """Start a module of benchmarks.reference_servers."""
        port = ports.find_free()
        command = [sys.executable, "-m", f"benchmarks.reference_servers.{module}", str(port), *arguments]
        return Implementation(name, port, self._start(command, port, self._database), workloads)

    def start_node_servers(self, modules: Mapping[str, str], workloads: Sequence[Workload]) -> list[Implementation]:
        """Start modules of reference_servers/node by name; none, with a message, without Node or its registry."""
        try:
            node = node_packages.find_node().find_executable()
            packages = self.cleanup.enter_context(node_packages.installed(_NODE_SERVERS, "reference-servers", "ci"))
        except NodeError as error:
            sys.stderr.write(f"Not measured: {', '.join(modules)}. {error}.\n")
            return []
        # a module finds packages only in the folders above it
        folder = Path(shutil.copytree(_NODE_SERVERS, self.folder / "node"))
        (folder / "node_modules").symlink_to(packages / "node_modules")
        servers = []
        for name, module in modules.items():
            port = ports.find_free()
            variables = {**self._database, "NODE_ENV": "production"}
            process = self._start([node, str(folder / f"{module}.mjs"), str(port)], port, variables)
            servers.append(Implementation(name, port, process, workloads))
        return servers

    @property
    def _database(self) -> dict[str, str]:
        return {"DATABASE_URL": self.stack.database_url}

    def start_product(self, **changes: object) -> Implementation:
        """Start the product with logs, metrics and limits; ``changes`` are sections of its settings."""
        port = ports.find_free()
        settings = Settings(
            data_dir=self.folder,
            database_url=self.stack.database_url,
            redis_url=self.stack.redis_url,
            server=ServerSettings(port=port, requests_per_minute=NO_LIMIT, requests_burst=NO_LIMIT),
            **changes,  # type: ignore[arg-type]
        )
        process = self._start(
            [sys.executable, "-m", "server.cli", "serve"], port, supervision.environment_variables(settings)
        )
        return Implementation("Music Studio", port, process, ())

    def _start(self, command: list[str], port: int, variables: dict[str, str]) -> psutil.Process:
        environment = {**os.environ, **variables, "PYTHONPATH": str(PROJECT)}
        log = self.cleanup.enter_context((self.folder / f"{port}.log").open("wb"))
        with cores.pinned(self.cores):
            child = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603  our own command
        self.cleanup.callback(_stop, child)
        _wait(child, port, Path(log.name))
        return psutil.Process(child.pid)


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    child.wait(30)


def _wait(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 300
    while not ports.accepts_connections(port):
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{child.args!r} did not start; its log: {log.read_text()}")
        time.sleep(0.05)


async def send_request(server: Implementation, request: str) -> bytes:
    """Return the body of the response. Raises ValueError for a status other than 200."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise ValueError(f"{server.name}: {head.decode()}")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    body = await reader.readexactly(int(length.partition(b":")[2]))
    writer.close()
    return body
