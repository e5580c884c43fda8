"""What Postgres and Valkey have in common as servers of ours: a free port, a start that may be retried, a stop."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from server.embedded import ports
from server.embedded.errors import StartupError, disk_full_message, mentions_full_disk
from server.embedded.folder import DataFolder
from server.embedded.processes import Command, Process, ProcessExitedError

READY_SECONDS = 120.0
RETRY_SECONDS = 15.0
PAUSE_SECONDS = 0.05


class Daemon(ABC):
    """A server on one data folder; `durable=False` trades safety for speed, for tests.

    `on_exit` hears one sentence, on another thread, when it ends unasked.
    """

    name: str
    transient_errors: tuple[str, ...]

    def __init__(self, folder: DataFolder, on_exit: Callable[[str], None], *, durable: bool = True) -> None:
        self.folder = folder
        self.durable = durable
        self.port = 0
        self._on_exit = on_exit
        self._process: Process | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect, with the password."""

    @property
    def pid(self) -> int | None:
        """The server's process id, or None before the launch."""
        return self._process.pid if self._process else None

    def launch(self) -> None:
        """Start the server without waiting for it."""
        self._run(self.prepare())

    def wait(self) -> None:
        """Wait until the server answers; raise `StartupError` if it does not."""
        give_up_at = time.monotonic() + RETRY_SECONDS
        while True:
            process = self._process
            if process is None:
                raise RuntimeError("launch comes before wait")
            try:
                process.wait_ready(self.is_ready, READY_SECONDS)
            except ProcessExitedError as ended:
                said = str(ended)
                if not self.is_transient(said) or time.monotonic() > give_up_at:
                    raise StartupError(self._why(said)) from ended
                time.sleep(PAUSE_SECONDS)
                self._run(process.command.program)
            else:
                return

    def stop(self) -> None:
        """End the server; what it acknowledged is on disk."""
        if self._process:
            self._process.stop()

    @abstractmethod
    def prepare(self) -> Path:
        """Make what the server needs on disk and give its program."""

    @abstractmethod
    def command(self, program: Path) -> Command:
        """Give the command for one run on `self.port`, with what an earlier run left behind cleared away."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether our run of the server, and no other, answers."""

    def _run(self, program: Path) -> None:
        self.port = ports.find_free()
        self._process = Process(self.command(program), self._on_exit)
        self._process.launch()

    def _why(self, said: str) -> str:
        if mentions_full_disk(said):
            return disk_full_message(self.folder.path)
        log = self.folder.log_file(self.name.lower())
        return f"{self.name} did not start ({self.failure_reason(said).strip().rstrip('.')}); its log is {log}."

    def is_transient(self, said: str) -> bool:
        """Whether another try may succeed after the server ended with these words."""
        return any(words in said for words in self.transient_errors)

    def failure_reason(self, said: str) -> str:
        """Pick the reason out of what the server said before it ended."""
        return (said.strip().splitlines() or ["it said nothing"])[-1]
