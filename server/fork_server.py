"""Fork processes from one that has already loaded what they need: they start at once and share its memory."""

import gc
import multiprocessing
import os
import select
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import BinaryIO, Final, Self

from workers import worker_process

_FORK: Final = multiprocessing.get_context("fork")
_PROCESS_NAME_FILE: Final = Path("/proc/self/comm")


@dataclass(frozen=True, slots=True)
class ForkRequest:
    """A process to fork: the argument of the server's ``run``, the environment, and the file of its output."""

    argument: str
    environment: Mapping[str, str]
    log: Path


@dataclass(frozen=True, slots=True)
class _Signal:
    pid: int
    number: int


@dataclass(frozen=True, slots=True)
class _Forked:
    pid: int


@dataclass(frozen=True, slots=True)
class _Exited:
    pid: int
    status: int


class ForkedProcess:
    """A forked process, with a part of the interface of Popen."""

    def __init__(self, pid: int, send: Callable[[_Signal], None]) -> None:
        self.pid = pid
        self._send = send
        self._status = Future[int]()

    @property
    def returncode(self) -> int | None:
        """The exit status, or the signal as a negative number; None while the process runs."""
        return self._status.result() if self._status.done() else None

    def wait(self) -> int:
        return self._status.result()

    def send_signal(self, number: int) -> None:
        """Have the fork server send the signal: it knows whether the process has this pid still."""
        with suppress(OSError):
            self._send(_Signal(self.pid, number))

    def set_exited(self, status: int) -> None:
        self._status.set_result(status)


class ForkServer:
    """A child process that calls ``load`` and then forks processes that call ``run``; a context manager.

    Create it while this process has a single thread. It ends with this process, and its processes with it.
    """

    def __init__(self, load: Callable[[], None], run: Callable[[str], None]) -> None:
        self._connection, theirs = _FORK.Pipe()
        self._server = _FORK.Process(target=_serve, args=(theirs, self._connection, load, run))
        self._server.start()
        theirs.close()
        self._lock = threading.Lock()
        self._is_closed = False
        self._requested = deque[Future[ForkedProcess]]()
        self._running: dict[int, ForkedProcess] = {}
        self._reader = threading.Thread(target=self._read_events, name="fork server", daemon=True)
        self._reader.start()

    def fork(self, request: ForkRequest) -> ForkedProcess:
        """Fork a process as soon as everything is loaded. Raises OSError if the fork server has exited."""
        forked = Future[ForkedProcess]()
        with self._lock:
            if self._is_closed:
                raise _exited()
            self._requested.append(forked)
            self._connection.send(request)
        return forked.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # not SIGTERM, for which a process that has just been forked still has this one's handler
        self._server.kill()
        self._server.join()
        self._reader.join()
        self._connection.close()

    def _send(self, message: _Signal) -> None:
        with self._lock:
            self._connection.send(message)

    def _read_events(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                self._handle(self._connection.recv())
        with self._lock:
            self._is_closed = True
            for forked in self._requested:
                forked.set_exception(_exited())
        # their parent's death ends them
        for process in self._running.values():
            process.set_exited(-signal.SIGTERM)

    def _handle(self, event: _Forked | _Exited | OSError) -> None:
        if isinstance(event, _Forked):
            process = ForkedProcess(event.pid, self._send)
            self._running[event.pid] = process
            self._requested.popleft().set_result(process)
        elif isinstance(event, _Exited):
            self._running.pop(event.pid).set_exited(event.status)
        else:
            self._requested.popleft().set_exception(event)


@dataclass(frozen=True, slots=True)
class ForkedCommand:
    """What `Process` runs: a request to a fork server, with the attributes of a `Command`."""

    name: str
    request: ForkRequest
    stop_signals: tuple[tuple[signal.Signals, float], ...]
    fork_server: ForkServer

    @property
    def log(self) -> Path:
        return self.request.log

    def start(self, output: BinaryIO) -> ForkedProcess:  # noqa: ARG002  the process opens its log itself
        return self.fork_server.fork(self.request)


def _exited() -> OSError:
    return OSError("the process that forks it has exited")


def _serve(connection: Connection, theirs: Connection, load: Callable[[], None], run: Callable[[str], None]) -> None:
    """In the fork server: load, then fork, send signals and report exits, until the other side ends."""
    theirs.close()
    os.setsid()
    _set_process_name("studio fork")
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    load()
    # the collector would copy the memory that the processes share
    gc.collect()
    gc.freeze()
    wake_up, exits = _watch_exits()
    running = dict[int, ForkProcess]()
    with suppress(EOFError, ConnectionError):
        while True:
            ready, _, _ = select.select([connection.fileno(), wake_up], [], [])
            if wake_up in ready:
                os.read(wake_up, 1)
            _report_exits(connection, running)
            if connection.fileno() in ready:
                message: ForkRequest | _Signal = connection.recv()
                if isinstance(message, _Signal):
                    if message.pid in running:
                        os.kill(message.pid, message.number)
                    continue
                child = _FORK.Process(target=_run, args=(message, (connection.fileno(), wake_up, exits), run))
                connection.send(_start(child, running))
    for child in running.values():
        child.terminate()


def _start(child: ForkProcess, running: dict[int, ForkProcess]) -> _Forked | OSError:
    try:
        child.start()
    except OSError as error:
        return error
    assert child.pid is not None  # noqa: S101  narrows the type
    running[child.pid] = child
    return _Forked(child.pid)


def _watch_exits() -> tuple[int, int]:
    """Return both ends of a pipe that becomes readable when a child exits."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    return reading, writing


def _report_exits(connection: Connection, running: dict[int, ForkProcess]) -> None:
    for pid, child in tuple(running.items()):
        status = child.exitcode
        if status is not None:
            del running[pid]
            child.close()
            connection.send(_Exited(pid, status))


def _run(request: ForkRequest, inherited: tuple[int, ...], run: Callable[[str], None]) -> None:
    """In the forked process: replace the descriptors, signals and environment of the fork server."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for descriptor in inherited:
        os.close(descriptor)
    os.setsid()
    os.umask(0o077)
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101  narrows the type
    worker_process.die_with_parent(parent.pid or 0, signal.SIGTERM)
    replace_environment(request.environment, request.log)
    if isinstance(sys.stdout, TextIOWrapper):
        # the log has each line at once
        sys.stdout.reconfigure(line_buffering=True)
    _set_process_name(f"studio {request.argument}")
    run(request.argument)


def replace_environment(environment: Mapping[str, str], log: Path) -> None:
    """Give this process other environment variables, an empty standard input, and a log for its output."""
    os.environ.clear()
    os.environ.update(environment)
    nothing, output = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for old, new in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(old, new)


def _set_process_name(name: str) -> None:
    """Set the name that top and `ps -e` show; the command line stays that of the first process."""
    with suppress(OSError):
        _PROCESS_NAME_FILE.write_text(name[:15], encoding="ascii")
