"""Run ``studio up`` and other commands as processes."""

import os
import re
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.settings import PROJECT
from server.embedded import ports
from tests.support.polling import wait_until
from tests.support.processes import process_fork_server
from tests.support.processes.cli import run_forked
from tests.support.processes.process_fork_server import Child


@dataclass(frozen=True, slots=True)
class Up:
    """A running ``studio up`` and its output."""

    child: Child
    output: Path
    data_dir: Path
    port: int

    @property
    def text(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def printed(self, label: str) -> str:
        found = re.search(rf"^\s*{label}\s+(\S+)", self.text, re.MULTILINE)
        assert found is not None, self.text
        return found[1]


def _environment() -> dict[str, str]:
    names = ("MUSIC_STUDIO", "DATABASE", "REDIS")
    return {name: value for name, value in os.environ.items() if not name.startswith(names)}


def run_command(*arguments: str) -> tuple[int, str]:
    """Run a command without the settings of this environment; return its exit status and output."""
    return run_forked([*arguments], _environment())


def start(data_dir: Path, output: Path, *more: str, settings: Mapping[str, str] | None = None) -> Up:
    """Run ``studio up`` and wait until it is ready; its output goes to a file."""
    port = ports.find_free()
    options = ["--port", str(port), "--data-dir", str(data_dir), "--workers", "1", "--no-color", *more]
    environment = {**_environment(), **(settings or {}), "PYTHONPATH": str(PROJECT)}
    child = process_fork_server.shared().fork(["up", *options], environment, output)
    up = Up(child, output, data_dir, port)
    wait_until(lambda: "Ctrl-C stops everything." in up.text or child.poll() is not None)
    assert child.poll() is None, up.text
    return up


def stop(up: Up) -> int:
    up.child.send_signal(signal.SIGINT)
    return up.child.wait(60)


def find_process(up: Up, name: str) -> psutil.Process | None:
    """Return a process of ``studio up`` by its name: ``postgres``, ``valkey-server``, ``serve``, ``worker``, ``fork``.

    ``fork`` is the parent of the server and the workers.
    """
    for process in psutil.Process(up.child.pid).children():
        with suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
            family: list[psutil.Process] = [process, *(process.children() if process.name() == "studio fork" else ())]
            for each in family:
                if each.name() in {name, f"studio {name}"} and each.status() != psutil.STATUS_ZOMBIE:
                    return each
    return None
