"""A child process of ours: born tied to us, watched while it lives, ended by the right signal."""

import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.embedded import child_launcher
from server.embedded.errors import StartupError, translate_os_errors
from server.embedded.os_user import OsUser

log = logging.getLogger(__name__)

PULSE_SECONDS = 0.005


class ProcessExitedError(Exception):
    """A child ended while we waited for it to be ready."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run and how to end it: `stops` are signals in rising severity with the seconds each is given."""

    name: str
    program: Path
    arguments: tuple[str, ...]
    cwd: Path
    log: Path
    user: OsUser | None
    stop_signals: tuple[tuple[signal.Signals, float], ...]
    stdin: bytes = b""

    def argv(self) -> list[str]:
        """Give the whole command line, through the tether."""
        uid, gid = (self.user.uid, self.user.gid) if self.user else (-1, -1)
        tied = [str(os.getpid()), str(int(self.stop_signals[0][0])), str(uid), str(gid)]
        return [sys.executable, "-ISs", str(child_launcher.__file__), *tied, str(self.program), *self.arguments]

    def environment(self) -> dict[str, str]:
        """Give the variables of the child: none of the caller's, such as PGPORT or PGDATA."""
        return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class Process:
    """One run of a command; `on_exit` hears one sentence when it ends unasked after having been ready."""

    def __init__(self, command: Command, on_exit: Callable[[str], None]) -> None:
        self.command = command
        self._on_exit = on_exit
        self._child: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._is_ready = threading.Event()
        self._is_stopping = threading.Event()
        self._ended = threading.Event()

    def launch(self) -> None:
        """Start the child without waiting for it to be ready."""
        born: queue.SimpleQueue[subprocess.Popen[bytes] | OSError] = queue.SimpleQueue()
        # the kernel ties a child to the thread that made it, so the thread that makes it stays until it ends
        threading.Thread(target=self._live, args=(born,), name=self.command.name, daemon=True).start()
        match born.get():
            case OSError() as error:
                raise StartupError(f"{self.command.name} cannot be started: {error.strerror or error}.") from error
            case child:
                self._child = child

    def wait_ready(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `is_ready`; raise `Ended` if the child ends first, `StartupError` if it takes too long."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if self._ended.is_set():
                raise ProcessExitedError(self.read_log())
            if time.monotonic() > deadline:
                self.stop()
                raise StartupError(
                    f"{self.command.name} was not ready after {seconds:.0f} seconds; its log is {self.command.log}."
                )
            time.sleep(PULSE_SECONDS)
        self._is_ready.set()
        if self._ended.is_set():
            raise ProcessExitedError(self.read_log())

    def stop(self) -> None:
        """End the child, politely first; nothing of it is left when this returns."""
        child = self._child
        if child is None:
            return
        self._is_stopping.set()
        for number, patience in self.command.stop_signals:
            if self._ended.is_set():
                return
            child.send_signal(number)
            if self._ended.wait(patience):
                return
            log.warning("%s did not end within %s s of %s", self.command.name, patience, number.name)
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self._ended.wait()

    @property
    def pid(self) -> int | None:
        """The process id, or None before the launch."""
        return self._child.pid if self._child else None

    def read_log(self) -> str:
        """Give what the child wrote to its log in this run."""
        with translate_os_errors(self.command.cwd), self.command.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode("utf-8", "replace")

    def _live(self, born: "queue.SimpleQueue[subprocess.Popen[bytes] | OSError]") -> None:
        try:
            child = self._spawn()
        except OSError as error:
            born.put(error)
            return
        born.put(child)
        status = child.wait()
        self._ended.set()
        if self._is_ready.is_set() and not self._is_stopping.is_set():
            self._on_exit(f"{self.command.name} {describe_exit(status)}; its log is {self.command.log}.")

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = self.command
        descriptor = os.open(command.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as output:
            self._log_start = output.tell()
            child = subprocess.Popen(  # noqa: S603 - our own tether and a program we looked up
                command.argv(),
                cwd=command.cwd,
                env=command.environment(),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                # Ctrl-C in a terminal goes to us alone, and we end the children in order
                start_new_session=True,
            )
        if child.stdin:
            try:
                child.stdin.write(command.stdin)
                child.stdin.close()
            except BrokenPipeError:
                log.debug("%s ended before it read its settings", command.name)
        return child


def describe_exit(status: int) -> str:
    """Say how a process ended."""
    if status >= 0:
        return f"ended by itself with status {status}"
    return f"was ended by signal {signal.Signals(-status).name}"
