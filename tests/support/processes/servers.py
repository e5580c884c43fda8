"""Run the application in a thread, or a command of the command line as a process."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import uvicorn

from core.settings import Settings
from server.app import create_app
from server.asgi_server import config
from tests.support.polling import wait_until
from tests.support.processes import process_fork_server
from tests.support.processes.process_fork_server import Child
from workers import worker_process

UNLIMITED_RATE: Final = {"requests_per_minute": 1_000_000, "requests_burst": 1_000_000}
TOKEN_SECRET: Final = "a secret of tests, longer than 32 characters"


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Serve the whole application on the port of the settings, in a thread; yield its URL."""
    server = uvicorn.Server(config.uvicorn_config(create_app(settings), settings))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive())
    try:
        yield settings.public_url
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def process(settings: Settings, *arguments: str, log: Path) -> Iterator[Child]:
    """Run a command of the command line with these settings in a process; terminate it at the end."""
    child = process_fork_server.shared().fork(arguments, process_fork_server.environment(settings), log)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(100)


@contextmanager
def run_server(settings: Settings, log: Path, *words: str) -> Iterator[str]:
    """Serve the whole application in a process; yield its URL. ``words`` are those of `forking_process.main`."""
    with process(settings, *words, "serve", log=log) as child:
        address = (settings.server.host, settings.server.port)
        wait_until(lambda: _is_open(address) or child.poll() is not None)
        assert child.poll() is None, log.read_text()
        yield settings.public_url


def _is_open(address: tuple[str, int]) -> bool:
    with suppress(OSError), socket.create_connection(address):
        return True
    return False


@contextmanager
def run_worker(settings: Settings, log: Path, *words: str) -> Iterator[Child]:
    """Run a worker in a process; ``words`` are those of `forking_process.main`."""
    with process(settings, *words, "worker", log=log) as child:
        wait_until(lambda: worker_process.is_ready(str(settings.redis_url), child.pid) or child.poll() is not None)
        assert child.poll() is None, log.read_text()
        yield child
