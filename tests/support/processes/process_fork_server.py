"""Fork commands of the command line from a process that has already imported everything."""

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from core.settings import PROJECT, Settings
from server import supervision
from tests.support.polling import DEADLINE_SECONDS, wait_until


class Child:
    """A forked process with an interface like Popen."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.exit_status: int | None = None

    def poll(self) -> int | None:
        """Return its exit status, or the signal as a negative number; None while it runs."""
        return self.exit_status

    def wait(self, seconds: float = DEADLINE_SECONDS) -> int:
        wait_until(lambda: self.exit_status is not None, seconds)
        assert self.exit_status is not None
        return self.exit_status

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """The client's side of a connection."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(address)
        self._started: list[Child] = []
        # only running processes, because pids are reused
        self._alive: dict[int, Child] = {}
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read_events, daemon=True)
        self._reader.start()

    def fork(self, words: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
        """Fork a process that runs `forking_process.main` with these words; its log file exists. Not concurrent."""
        log.touch(0o600)
        self._socket.sendall(json.dumps([*words, str(log), dict(environment)]).encode() + b"\n")
        with self._changed:
            assert self._changed.wait_for(lambda: self._started, timeout=300), "no process was forked"
            return self._started.pop()

    def close(self) -> None:
        """End the fork server; its running forks die with it."""
        self._socket.shutdown(socket.SHUT_WR)
        self._reader.join()
        self._socket.close()

    def _read_events(self) -> None:
        with self._socket.makefile() as events:
            for line in events:
                pid, *status = json.loads(line)
                with self._changed:
                    if status:
                        self._alive.pop(pid).exit_status = status[0]
                    else:
                        self._alive[pid] = Child(pid)
                        self._started.append(self._alive[pid])
                    self._changed.notify_all()


class PreloadedProcess:
    """The process that has imported everything, which starts when it is needed."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._address: str | None = None

    def address(self) -> str:
        """Return the path of its socket; the first call starts it."""
        with self._lock:
            if self._address is None:
                folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="fork-"))
                self._address = f"{folder}/socket"
                self._start(self._address)
            return self._address

    def _start(self, address: str) -> None:
        # to search modules for garbage while they are imported takes a fifth of the time
        code = f"import gc; gc.disable(); from tests.support.processes.forking_process import serve; serve({address!r})"
        words = [sys.executable, "-c", code]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        pipe = subprocess.PIPE
        process = subprocess.Popen(words, stdin=pipe, stdout=pipe, env=environment)  # noqa: S603  our own
        # it ends with its standard input
        self._stack.callback(process.communicate)
        assert process.stdout is not None
        assert process.stdout.readline(), "the process that forks commands cannot start"

    def close(self) -> None:
        """End it if it runs; fork servers end with their connections."""
        self._stack.close()


_find: list[Callable[[], str]] = []
"""The function of `use`."""


def use(find: Callable[[], str]) -> None:
    """Have `shared` connect to the address that this function returns, instead of to a process of its own."""
    _find[:] = [find]


@functools.cache
def shared() -> ForkServer:
    """Connect to the preloaded process at the first call; the fork server ends with this process."""
    stack = ExitStack()
    atexit.register(stack.close)
    if not _find:
        process = PreloadedProcess()
        stack.callback(process.close)
        use(process.address)
    fork_server = ForkServer(_find[0]())
    stack.callback(fork_server.close)
    return fork_server


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a process with these settings."""
    return {**os.environ, **supervision.environment_variables(settings), "PYTHONPATH": str(PROJECT)}
