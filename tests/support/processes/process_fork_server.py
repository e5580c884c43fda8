"""Fork commands of the command line from a process that has already imported everything.

Each input line requests a fork; it writes a line for each process that starts and for each that ends.
"""

import atexit
import functools
import gc
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from core import logs
from core.settings import PROJECT, DocumentSettings, Settings
from engines.registry import EngineRegistry
from resolvers.access import content_policy
from server import app, supervision
from server.cli import commands
from server.routes import studio_page
from tests.support import clock_skew
from tests.support.jobs import paced_engine
from tests.support.polling import DEADLINE_SECONDS, wait_until
from workers import rq_worker, worker_process
from workers.rq_worker import StudioWorker


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
    """The parent's side of the forking process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._started: list[Child] = []
        # only running processes, because pids are reused
        self._alive: dict[int, Child] = {}
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read_events, daemon=True)
        self._reader.start()

    def fork(self, words: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
        """Fork a process that runs ``main`` with these words; its log file exists already. Not concurrent."""
        assert self._process.stdin is not None
        log.touch(0o600)
        self._process.stdin.write(json.dumps([*words, str(log), dict(environment)]) + "\n")
        self._process.stdin.flush()
        with self._changed:
            assert self._changed.wait_for(lambda: self._started, timeout=300), "no process was forked"
            return self._started.pop()

    def close(self) -> None:
        """End the process; its running forks die with it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(100)
        self._reader.join()

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as events:
            for line in events:
                pid, *status = json.loads(line)
                with self._changed:
                    if status:
                        self._alive.pop(pid).exit_status = status[0]
                    else:
                        self._alive[pid] = Child(pid)
                        self._started.append(self._alive[pid])
                    self._changed.notify_all()


@functools.cache
def shared() -> ForkServer:
    """Start the fork server of this test process at the first call; it ends with the test process."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(running())


@contextmanager
def running() -> Iterator[ForkServer]:
    # to search modules for garbage while they are imported takes a fifth of the time
    code = f"import gc; gc.disable(); from {__name__} import serve; serve()"
    words = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    pipe = subprocess.PIPE
    process = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True, env=environment)  # noqa: S603  our own
    fork_server = ForkServer(process)
    try:
        yield fork_server
    finally:
        fork_server.close()


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a process with these settings."""
    return {**os.environ, **supervision.environment_variables(settings), "PYTHONPATH": str(PROJECT)}


class DetachedWorker(StudioWorker):
    """A worker whose render process outlives it, as on systems without a parent-death signal."""

    def die_with_worker(self) -> None:
        """Do nothing."""


def main(words: list[str]) -> None:
    """Run the command line; after "paced" with the paced engine, after "clock-skew MINUTES" with a shifted clock.

    After "stopped-at-fork", a worker is sent SIGTERM in the moment of its fork. "detached" runs a DetachedWorker,
    "module NAME" a module as a program, "in FOLDER FILE" changes the folder and sends standard error to a file.
    """
    if words[0] == "in":
        os.chdir(words[1])
        os.dup2(os.open(words[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), sys.stderr.fileno())
        words = words[3:]
    if words[0] == "paced":
        paced_engine.register()
        words = words[1:]
    if words[0] == "stopped-at-fork":
        os.register_at_fork(after_in_parent=_stop_worker)
        words = words[1:]
    if words[0] == "clock-skew":
        clock_skew.shift(float(words[1]))
        words = words[2:]
    if words[0] == "detached":
        settings = Settings()
        logs.configure(settings.log_level, settings.log_format)
        rq_worker.run(settings, DetachedWorker)
    elif words[0] == "module":
        runpy.run_module(words[1], run_name="__main__")
    else:
        sys.argv = ["studio", *words]
        commands.main()


def _stop_worker() -> None:
    """Request a stop of this process if it is a worker that handles the signal."""
    if callable(signal.getsignal(signal.SIGTERM)):
        os.kill(os.getpid(), signal.SIGTERM)


def serve() -> None:
    """Load what commands need, which each of them would load otherwise, and fork them."""
    EngineRegistry().load_all()
    content_policy.load()
    app.build_schema(DocumentSettings())
    studio_page.addresses()
    commands.build_app(*commands.COMMANDS)
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, _reap)
    for line in sys.stdin:
        *words, log, environment = json.loads(line)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _set_up_child(parent, environment, log)
            _run(words)
        _write_event(pid)


def _run(words: list[str]) -> NoReturn:
    """Run ``main`` and exit as usual, but without clearing all modules, which would copy most of the shared memory."""
    try:
        main(words)
        status: str | int | None = 0
    except SystemExit as end:
        status = end.code
    if isinstance(status, str):
        sys.exit(status)
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.current_thread():
            thread.join()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status or 0)


def _set_up_child(parent: int, environment: Mapping[str, str], log: str) -> None:
    """Reset signals, environment and file descriptors in the child."""
    worker_process.die_with_parent(parent)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    nothing, log_file = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for old, new in ((nothing, 0), (log_file, 1), (log_file, 2)):
        os.dup2(old, new)


def _reap(*_: int | FrameType | None) -> None:
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            _write_event(ended[0], os.waitstatus_to_exitcode(ended[1]))


def _write_event(*facts: Any) -> None:  # noqa: ANN401  JSON
    # one write, because a signal may arrive at any time
    os.write(1, json.dumps(facts).encode() + b"\n")
