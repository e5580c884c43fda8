"""Child processes that end with this one, are monitored and are stopped by signals; orphans of earlier runs."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NoReturn, Protocol

from server.embedded import child_launcher
from server.embedded.errors import KilledDuringStartError, StartupError, translate_os_errors
from server.embedded.os_user import OsUser

log = logging.getLogger(__name__)

POLL_SECONDS = 0.005
MAX_POLL_SECONDS = 0.1
ORPHAN_POLL_SECONDS = 0.01
EXIT_SECONDS = 20.0
PROC = Path("/proc")


class Child(Protocol):
    """A child process: the part of Popen that `Process` uses."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def wait(self) -> int: ...

    def send_signal(self, sig: int, /) -> None: ...


class Startable(Protocol):
    """What `Process` runs: a `Command`, or one that is forked."""

    @property
    def name(self) -> str: ...

    @property
    def log(self) -> Path: ...

    @property
    def stop_signals(self) -> tuple[tuple[signal.Signals, float], ...]: ...

    def start(self, output: BinaryIO) -> Child:
        """Start the child, whose output goes to this file. Raises OSError."""


class ProcessExitedError(Exception):
    """A child exited before it was ready. The message is its output."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run. `stop_signals` are sent one after the other, each with the seconds to wait for the exit.

    It inherits no environment variables: PGPORT or PGDATA would change Postgres's behaviour.
    """

    name: str
    program: Path
    arguments: tuple[str, ...]
    cwd: Path
    log: Path
    user: OsUser | None
    stop_signals: tuple[tuple[signal.Signals, float], ...]
    stdin: bytes = b""
    environment: Mapping[str, str] = field(default_factory=lambda: {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"})

    def argv(self) -> list[str]:
        """Return the command line, which starts `child_launcher` first."""
        uid, gid = (self.user.uid, self.user.gid) if self.user else (-1, -1)
        options = [str(os.getpid()), str(int(self.stop_signals[0][0])), str(uid), str(gid)]
        return [sys.executable, "-ISs", str(child_launcher.__file__), *options, str(self.program), *self.arguments]

    def start(self, output: BinaryIO) -> Child:
        child = subprocess.Popen(  # noqa: S603  programs of this package
            self.argv(),
            cwd=self.cwd,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            # Ctrl-C in a terminal signals only the parent, which stops the children in order
            start_new_session=True,
        )
        if child.stdin:
            try:
                child.stdin.write(self.stdin)
                child.stdin.close()
            except BrokenPipeError:
                log.debug("%s exited before it read its standard input", self.name)
        return child


class Process:
    """One run of a command. `on_exit` is called with a message if it exits unexpectedly after it was ready."""

    def __init__(self, command: Startable, on_exit: Callable[[str], None]) -> None:
        self.command = command
        self._on_exit = on_exit
        self._child: Child | None = None
        self._log_start = 0
        # guards the order of `ready` and `exited`: an exit is either reported or raised by `wait_ready`, never both
        self._lock = threading.Lock()
        self._is_ready = False
        self._is_stopping = threading.Event()
        self._has_exited = threading.Event()

    def launch(self) -> None:
        """Start the child; do not wait until it is ready."""
        spawned = Future[Child]()
        # the kernel sends the parent-death signal when the creating thread ends, so the thread waits for the child
        threading.Thread(target=self._run, args=(spawned,), name=self.command.name, daemon=True).start()
        try:
            self._child = spawned.result()
        except OSError as error:
            raise StartupError(f"{self.command.name} cannot be started: {error.strerror or error}.") from error

    def wait_ready(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `is_ready()`. Raises ProcessExitedError, KilledDuringStartError; StartupError after `seconds`."""
        started = time.monotonic()
        while not is_ready():
            if self._has_exited.is_set():
                self._raise_exited()
            waited = time.monotonic() - started
            if waited > seconds:
                self.stop()
                raise StartupError(
                    f"{self.command.name} was not ready after {seconds:.0f} seconds; its log is {self.command.log}."
                )
            # a poll costs milliseconds of CPU time, which a slow start needs itself
            self._has_exited.wait(min(max(POLL_SECONDS, waited / 20), MAX_POLL_SECONDS))
        with self._lock:
            self._is_ready = not self._has_exited.is_set()
        if not self._is_ready:
            self._raise_exited()

    def stop(self) -> None:
        """Send the stop signals until the child exits. If it ignores them all, kill its process group."""
        child = self._child
        if child is None:
            return
        self._is_stopping.set()
        for number, timeout_seconds in self.command.stop_signals:
            if self._has_exited.is_set():
                return
            child.send_signal(number)
            if self._has_exited.wait(timeout_seconds):
                return
            log.warning("%s did not exit within %s s of %s", self.command.name, timeout_seconds, number.name)
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
            self._has_exited.wait()

    def send_signal(self, number: signal.Signals) -> None:
        if self._child:
            self._child.send_signal(number)

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def read_log(self) -> str:
        """Return what the child wrote to its log in this run."""
        with translate_os_errors(self.command.log.parent), self.command.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode("utf-8", "replace")

    def _run(self, spawned: "Future[Child]") -> None:
        try:
            child = self._spawn()
        except OSError as error:
            spawned.set_exception(error)
            return
        spawned.set_result(child)
        status = child.wait()
        with self._lock:
            self._has_exited.set()
        if self._is_ready and not self._is_stopping.is_set():
            self._on_exit(f"{self.command.name} {describe_exit(status)}; its log is {self.command.log}.")

    def _raise_exited(self) -> NoReturn:
        status = self._child.returncode if self._child else None
        if status is not None and status < 0:
            command = self.command
            raise KilledDuringStartError(f"{command.name} {describe_exit(status)}; its log is {command.log}.")
        raise ProcessExitedError(self.read_log())

    def _spawn(self) -> Child:
        command = self.command
        descriptor = os.open(command.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as output:
            self._log_start = output.tell()
            return command.start(output)


def describe_exit(status: int) -> str:
    if status >= 0:
        return f"exited with status {status}"
    return f"was killed by signal {signal.Signals(-status).name}"


def terminate_orphan(pid_file: Path, program: str, folder: Path, number: signal.Signals) -> None:
    """Signal the `program` that outlived its supervisor in `folder`, then kill it. Requires the lock of the folder.

    Removes a pid file whose pid was reused.
    """
    pid = _read_pid(pid_file)
    if pid is None:
        return
    if pid in running_in(pid, program, folder):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    # children of a dead Postgres notice its exit and end within an instant
    if not _wait_exited(pid, program, folder):
        for remaining in running_in(pid, program, folder):
            with suppress(ProcessLookupError):
                os.kill(remaining, signal.SIGKILL)
        _wait_exited(pid, program, folder)
    if _exists(pid):
        # Postgres would take the process that now has the pid for a server on its folder
        pid_file.unlink(missing_ok=True)


def running_in(pid: int, program: str, folder: Path) -> list[int]:
    """Return the processes of `program` with working directory `folder`. Without /proc only `pid` can be checked."""
    if (PROC / "self" / "cwd").exists():
        entries = [entry for entry in PROC.iterdir() if entry.name.isdecimal()]
        return [int(entry.name) for entry in entries if _is_running_in(entry, program, folder)]
    return [pid] if _is_listed_by_ps(pid, program) else []


def _wait_exited(pid: int, program: str, folder: Path) -> bool:
    deadline = time.monotonic() + EXIT_SECONDS
    while running_in(pid, program, folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(ORPHAN_POLL_SECONDS)
    return True


def _read_pid(pid_file: Path) -> int | None:
    try:
        first = pid_file.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0].strip()
    except FileNotFoundError:
        return None
    return int(first) if first.isdecimal() and int(first) > 1 else None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _is_running_in(process: Path, program: str, folder: Path) -> bool:
    try:
        return (process / "exe").readlink().name.startswith(program) and (process / "cwd").samefile(folder)
    except OSError:
        return False


def _is_listed_by_ps(pid: int, program: str) -> bool:
    ps = shutil.which("ps", path=os.defpath)
    if ps is None:
        return False
    command = [ps, "-o", "comm=", "-p", str(pid)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  the system's ps
    return Path(result.stdout.strip()).name.startswith(program)
