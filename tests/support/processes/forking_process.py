"""The process that has imported everything, and forks commands of the command line.

Each connection has a fork server of its own: each line that it reads requests a fork; it writes a line for each process
that starts and for each that ends.
"""

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from core import logs
from core.settings import DocumentSettings, Settings
from engines.registry import EngineRegistry
from resolvers.access import content_policy
from server import app, fork_server
from server.cli import commands
from server.routes import studio_page
from tests.support import clock_skew
from tests.support.jobs import paced_engine
from workers import rq_worker, worker_process
from workers.rq_worker import StudioWorker


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


def serve(address: str) -> None:
    """Load what commands need, which each of them would load otherwise, and fork a fork server for each connection.

    Ends with the standard input.
    """
    EngineRegistry().load_all()
    content_policy.load()
    app.build_schema(DocumentSettings())
    studio_page.addresses()
    commands.build_app(*commands.COMMANDS)
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # the kernel reaps the fork servers
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        os.write(1, b"ready\n")
        while listener in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _serve_connection(connection)
            connection.close()


def _serve_connection(connection: socket.socket) -> NoReturn:
    """Fork commands for a client until it closes the connection."""
    for descriptor in (0, 1):
        os.dup2(connection.fileno(), descriptor)
    connection.close()
    signal.signal(signal.SIGCHLD, _reap)
    for line in sys.stdin:
        *words, log, environment = json.loads(line)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _reset_signals(parent)
            fork_server.replace_environment(environment, Path(log))
            _run(words)
        _write_event(pid)
    os._exit(0)


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


def _reset_signals(parent: int) -> None:
    """Reset the signals of the child, which ends with its parent."""
    worker_process.die_with_parent(parent)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _reap(*_: int | FrameType | None) -> None:
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            _write_event(ended[0], os.waitstatus_to_exitcode(ended[1]))


def _write_event(*facts: Any) -> None:  # noqa: ANN401  JSON
    # one write, because a signal may arrive at any time
    os.write(1, json.dumps(facts).encode() + b"\n")
