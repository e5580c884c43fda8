"""Run Postgres and Valkey on a data folder, which one process can use at a time."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from server.embedded import lock, postgres, valkey
from server.embedded.folder import DataFolder
from server.embedded.lock import Lock
from server.embedded.postgres import Postgres
from server.embedded.valkey import Valkey

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunningStack:
    """A stack that another process runs. `address` is the URL of its server, or empty."""

    pid: int
    address: str
    database_url: str
    redis_url: str


class Stack:
    """The embedded services of one data folder. A service whose URL is given is not started.

    A service that exits is restarted: `report` is called with a message on another thread, and `on_failure` when the
    restarts keep failing.
    """

    def __init__(
        self,
        data_dir: str | Path,
        *,
        durable: bool = True,
        database_url: str | None = None,
        redis_url: str | None = None,
        report: Callable[[str], None] = log.warning,
        on_failure: Callable[[str], None] = log.error,
    ) -> None:
        self.folder = _data_folder(data_dir)
        self._lock = Lock(self.folder.path)
        self._postgres = None if database_url else Postgres(self.folder, report, on_failure, durable=durable)
        self._valkey = None if redis_url else Valkey(self.folder, report, on_failure, durable=durable)
        self._external_database_url = database_url
        self._external_redis_url = redis_url
        self._exit_stack = ExitStack()

    @property
    def database_url(self) -> str:
        return self._postgres.url if self._postgres else str(self._external_database_url)

    @property
    def redis_url(self) -> str:
        return self._valkey.url if self._valkey else str(self._external_redis_url)

    @property
    def pids(self) -> tuple[int, ...]:
        services = (self._postgres, self._valkey)
        return tuple(service.pid for service in services if service and service.pid is not None)

    def start(self) -> None:
        """Lock the folder and start the services in parallel. If one fails, stop the others."""
        with ExitStack() as exit_stack:
            self._lock.acquire()
            exit_stack.callback(self._lock.release)
            self.folder.prepare()
            services = [service for service in (self._valkey, self._postgres) if service]
            for service in services:
                exit_stack.callback(service.stop)
                service.launch()
            for service in services:
                service.wait_ready()
            self._lock.update(
                postgres_port=self._postgres.port if self._postgres else 0,
                valkey_port=self._valkey.port if self._valkey else 0,
            )
            self._exit_stack = exit_stack.pop_all()

    def announce(self, address: str) -> None:
        """Write the server's URL into the lock file, for other commands on the same folder."""
        self._lock.update(address=address)

    def stop(self) -> None:
        """Stop the services and unlock the folder. Does nothing if they do not run."""
        self._exit_stack.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def find_running(data_dir: str | Path) -> RunningStack | None:
    """Return the stack that runs on `data_dir`, or None. The URL of a service that the stack does not run is empty."""
    folder = _data_folder(data_dir)
    holder = lock.read_holder(folder.path)
    if holder is None:
        return None
    return RunningStack(
        holder.pid,
        holder.address,
        postgres.url(folder, holder.postgres_port) if holder.postgres_port else "",
        valkey.url(folder, holder.valkey_port) if holder.valkey_port else "",
    )


@contextmanager
def temporary_stack() -> Iterator[Stack]:
    """Run a stack without durability in a temporary folder, for tests and benchmarks."""
    with tempfile.TemporaryDirectory(prefix="music-studio-") as folder, Stack(folder, durable=False) as stack:
        yield stack


def _data_folder(path: str | Path) -> DataFolder:
    return DataFolder(Path(path).expanduser().absolute())
