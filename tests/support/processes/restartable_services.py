"""Postgres and Valkey that can be killed and restarted on the same port."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.embedded import ports
from server.embedded.daemons import Daemon
from server.embedded.folder import DataFolder
from server.embedded.postgres import Postgres
from server.embedded.processes import Process
from server.embedded.valkey import Valkey


class _FixedPortDaemon(Daemon):
    """A service that keeps its port over restarts."""

    def _run(self, program: Path) -> None:
        self.port = self.port or ports.find_free()
        self._process = Process(self.command(program), self._on_exit)
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
        """Stop the service with SIGSTOP while the body runs."""
        assert self.pid is not None
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)


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
    deaths: list[str] = []
    services = Services(RestartablePostgres(folder, deaths.append), RestartableValkey(folder, deaths.append))
    try:
        services.valkey.start()
        services.postgres.start()
        yield services
    finally:
        services.postgres.stop()
        services.valkey.stop()
