"""Common base of the embedded services: a free port, retries of the start, and shutdown."""

import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from server.embedded import os_user, ports
from server.embedded.errors import StartupError, disk_full_message, last_line, mentions_full_disk, translate_os_errors
from server.embedded.folder import DataFolder
from server.embedded.processes import Command, Process, ProcessExitedError, terminate_orphan
from server.embedded.restarts import Restarter

READY_SECONDS = 120.0
RETRY_SECONDS = 15.0
PAUSE_SECONDS = 0.05


class Daemon(ABC):
    """A service on one data folder. `durable=False` trades durability for speed, for tests.

    If it exits unexpectedly, it is restarted on the same port. `report` is called with a message then, and `on_failure`
    when restarts keep failing; both on another thread.
    """

    name: str
    pid_file: str
    stop_signals: tuple[tuple[signal.Signals, float], ...]
    transient_errors: tuple[str, ...]

    def __init__(
        self,
        folder: DataFolder,
        report: Callable[[str], None],
        on_failure: Callable[[str], None],
        *,
        durable: bool = True,
    ) -> None:
        self.folder = folder
        self.path = folder.path / self.name.lower()
        self.durable = durable
        self.port = 0
        self._is_port_known = False
        self._program: Path | None = None
        self._process: Process | None = None
        self._restarter = Restarter(self._relaunch, self.wait_ready, report, on_failure)

    @property
    @abstractmethod
    def url(self) -> str:
        """Return the URL with the password."""

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def launch(self) -> None:
        """Start the service; do not wait until it is ready."""
        self._program = self.prepare()
        self._run(self._program)

    def wait_ready(self) -> None:
        """Wait until the service accepts connections. Retries after transient errors; raises StartupError."""
        retry_until = time.monotonic() + RETRY_SECONDS
        while True:
            process, program = self._process, self._program
            if process is None or program is None:
                raise RuntimeError("launch() must be called before wait_ready()")
            try:
                process.wait_ready(self.is_ready, READY_SECONDS)
            except ProcessExitedError as error:
                output = str(error)
                if not self.is_transient(output) or time.monotonic() > retry_until:
                    raise StartupError(self._failure_message(output)) from error
                time.sleep(PAUSE_SECONDS)
                self._run(program)
            else:
                self._is_port_known = True
                return

    def stop(self) -> None:
        self._restarter.stop()
        if self._process:
            self._process.stop()

    @abstractmethod
    def prepare(self) -> Path:
        """Create the service's files and return its program."""

    @abstractmethod
    def arguments(self) -> tuple[str, ...]:
        """Return the program's arguments for a run on `self.port`."""

    def stdin(self) -> bytes:
        return b""

    @abstractmethod
    def is_ready(self) -> bool:
        """Return whether this run of the service, and no other, accepts connections."""

    def is_transient(self, output: str) -> bool:
        """Return whether a retry can succeed after the service exited with this output."""
        return any(message in output for message in self.transient_errors)

    def failure_reason(self, output: str) -> str:
        return last_line(output)

    def command(self, program: Path) -> Command:
        """Terminate orphans of an earlier run and return the command for a run on `self.port`."""
        with translate_os_errors(self.folder.path):
            terminate_orphan(self.path / self.pid_file, program.name, self.path, self.stop_signals[0][0])
        return Command(
            name=self.name,
            program=program,
            arguments=self.arguments(),
            cwd=self.path,
            log=self.folder.log_file(self.name.lower()),
            # Postgres must own its folder; an ordinary user may have created it before root starts it
            user=os_user.owner(self.path),
            stop_signals=self.stop_signals,
            stdin=self.stdin(),
        )

    def _relaunch(self) -> None:
        if self._program:
            self._run(self._program)

    def _run(self, program: Path) -> None:
        # clients have the port from the first time that the service is ready
        if not self._is_port_known:
            self.port = ports.find_free()
        self._process = Process(self.command(program), self._restarter.handle_exit)
        self._process.launch()

    def _failure_message(self, output: str) -> str:
        if mentions_full_disk(output):
            return disk_full_message(self.folder.path)
        log = self.folder.log_file(self.name.lower())
        return f"{self.name} did not start ({self.failure_reason(output).strip().rstrip('.')}); its log is {log}."
