"""What Postgres and Valkey have in common as servers of ours: a free port, a start that may be retried, a stop."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from server.embedded import ports
from server.embedded.errors import CannotStart, no_space, speaks_of_no_space
from server.embedded.folder import Folder
from server.embedded.processes import Command, Ended, Process

READY_SECONDS = 120.0
RETRY_SECONDS = 15.0
PAUSE_SECONDS = 0.05


class Daemon(ABC):
    """A server on one data folder; `durable=False` trades safety for speed, for tests.

    `on_death` hears one sentence, on another thread, when it ends unasked.
    """

    name: str
    passing_troubles: tuple[str, ...]

    def __init__(self, folder: Folder, on_death: Callable[[str], None], *, durable: bool = True) -> None:
        self.folder = folder
        self.durable = durable
        self.port = 0
        self._on_death = on_death
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
        """Wait until the server answers; raise `CannotStart` if it does not."""
        give_up_at = time.monotonic() + RETRY_SECONDS
        while True:
            process = self._process
            if process is None:
                raise RuntimeError("launch comes before wait")
            try:
                process.wait_ready(self.is_ready, READY_SECONDS)
            except Ended as ended:
                said = str(ended)
                if not self.is_passing(said) or time.monotonic() > give_up_at:
                    raise CannotStart(self._why(said)) from ended
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
        self.port = ports.free()
        self._process = Process(self.command(program), self._on_death)
        self._process.launch()

    def _why(self, said: str) -> str:
        if speaks_of_no_space(said):
            return no_space(self.folder.path)
        log = self.folder.log(self.name.lower())
        return f"{self.name} did not start ({self.reason(said).strip().rstrip('.')}); its log is {log}."

    def is_passing(self, said: str) -> bool:
        """Whether another try may succeed after the server ended with these words."""
        return any(words in said for words in self.passing_troubles)

    def reason(self, said: str) -> str:
        """Pick the reason out of what the server said before it ended."""
        return (said.strip().splitlines() or ["it said nothing"])[-1]
