"""Postgres and Valkey together on one data folder: started side by side, stopped in order, only once at a time."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from server.embedded import lock, postgres, valkey
from server.embedded.folder import DataFolder
from server.embedded.lock import Lock
from server.embedded.postgres import Postgres
from server.embedded.valkey import Valkey

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunningStack:
    """A stack another process runs: how to reach its services, and the address its server told."""

    pid: int
    address: str
    database_url: str
    redis_url: str


class Stack:
    """The embedded services of one data folder; give a URL to use a service of your own instead of ours.

    `on_exit` hears one sentence, on another thread, when a service ends unasked. Raises `StartupError`.
    """

    def __init__(
        self,
        data_dir: str | Path,
        *,
        durable: bool = True,
        database_url: str | None = None,
        redis_url: str | None = None,
        on_exit: Callable[[str], None] = log.error,
    ) -> None:
        self.folder = DataFolder(Path(data_dir).expanduser().absolute())
        self._lock = Lock(self.folder.path)
        self._postgres = None if database_url else Postgres(self.folder, on_exit, durable=durable)
        self._valkey = None if redis_url else Valkey(self.folder, on_exit, durable=durable)
        self._given_database_url = database_url
        self._given_redis_url = redis_url
        self._undo = ExitStack()

    @property
    def database_url(self) -> str:
        """Where Postgres listens: postgresql://user:password@host:port/database."""
        return self._postgres.url if self._postgres else str(self._given_database_url)

    @property
    def redis_url(self) -> str:
        """Where Valkey listens: redis://:password@host:port/0."""
        return self._valkey.url if self._valkey else str(self._given_redis_url)

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the services we run."""
        ours = (service.pid for service in (self._postgres, self._valkey) if service)
        return tuple(pid for pid in ours if pid is not None)

    def start(self) -> None:
        """Take the folder and start both services; on a failure nothing is left running."""
        with ExitStack() as undo:
            self._lock.acquire()
            undo.callback(self._lock.release)
            self.folder.prepare()
            services = [service for service in (self._valkey, self._postgres) if service]
            for service in services:
                undo.callback(service.stop)
                service.launch()
            for service in services:
                service.wait()
            self._lock.update(
                postgres_port=self._postgres.port if self._postgres else 0,
                valkey_port=self._valkey.port if self._valkey else 0,
            )
            self._undo = undo.pop_all()

    def announce(self, address: str) -> None:
        """Tell whoever starts on the same folder where we serve."""
        self._lock.update(address=address)

    def stop(self) -> None:
        """Stop both services and let the folder go; harmless when nothing runs."""
        self._undo.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def find_running(data_dir: str | Path) -> RunningStack | None:
    """Give how to reach the stack that runs on `data_dir`, or None; an empty URL means a service of the user's own."""
    folder = DataFolder(Path(data_dir).expanduser().absolute())
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
    """Run a stack for tests in a temporary folder: fast, unsafe, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="music-studio-") as folder, Stack(folder, durable=False) as stack:
        yield stack
