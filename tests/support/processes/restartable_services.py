"""Postgres and Valkey that can be killed and restarted on the same port."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from server.embedded import ports
from server.embedded.daemons import Daemon
from server.embedded.folder import DataFolder
from server.embedded.postgres import Postgres
from server.embedded.processes import Process
from server.embedded.valkey import Valkey


class _FixedPortDaemon(Daemon):
    """A service that keeps its port, and is restarted only by the test. ``exits`` are the messages of its exits."""

    def __init__(self, folder: DataFolder) -> None:
        self.exits: list[str] = []
        super().__init__(folder, self.exits.append, self.exits.append)

    def _run(self, program: Path) -> None:
        self.port = self.port or ports.find_free()
        self._process = Process(self.command(program), self.exits.append)
        self._process.launch()

    def kill(self) -> None:
        """Kill the service with SIGKILL."""
        process = self._process
        assert process is not None
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.stop()

    def start(self) -> None:
        self.launch()
        self.wait_ready()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop the service and its child processes with SIGSTOP while the body runs."""
        assert self.pid is not None
        # the parent first, so that it starts no further children
        stopped = [psutil.Process(self.pid)]
        stopped[0].suspend()
        stopped += stopped[0].children(recursive=True)
        for child in stopped[1:]:
            child.suspend()
        try:
            yield
        finally:
            for process in reversed(stopped):
                with suppress(psutil.NoSuchProcess):
                    process.resume()


class RestartablePostgres(_FixedPortDaemon, Postgres):
    """Postgres. A killed one replays its WAL."""


class RestartableValkey(_FixedPortDaemon, Valkey):
    """Valkey with its append-only file."""


@dataclass(frozen=True, slots=True)
class Services:
    """Both services with durable writes, as in production."""

    postgres: RestartablePostgres
    valkey: RestartableValkey


@contextmanager
def running(path: Path) -> Iterator[Services]:
    folder = DataFolder(path)
    folder.prepare()
    services = Services(RestartablePostgres(folder), RestartableValkey(folder))
    try:
        services.valkey.start()
        services.postgres.start()
        yield services
    finally:
        services.postgres.stop()
        services.valkey.stop()
