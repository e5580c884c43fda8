"""Run the server and the workers as child processes, and restart workers that exit."""

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.settings import PROJECT, Settings
from server.embedded.errors import StartupError
from server.embedded.processes import Command, Process, ProcessExitedError

_READY_SECONDS: Final = 60
_STOP_SIGNALS: Final = ((signal.SIGTERM, 15.0), (signal.SIGINT, 3.0))


def studio_command(name: str, arguments: tuple[str, ...], log: Path, settings: Settings) -> Command:
    """Return the command ``python -m server.cli`` with these arguments and settings."""
    variables = {**environment_variables(settings), "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"}
    return Command(
        name=name,
        program=Path(sys.executable),
        arguments=("-m", "server.cli", *arguments),
        cwd=Path.cwd(),
        log=log,
        user=None,
        stop_signals=_STOP_SIGNALS,
        environment={**os.environ, **variables},
    )


def environment_variables(settings: Settings) -> dict[str, str]:
    """Return the environment variables from which Settings loads the same values."""
    encoded: dict[str, str] = {}
    for name, value in settings.model_dump(mode="json", exclude_none=True).items():
        if isinstance(value, dict):
            for inner, content in value.items():
                encoded[f"MUSIC_STUDIO_{name}__{inner}".upper()] = _encode(content)
        else:
            encoded[f"MUSIC_STUDIO_{name}".upper()] = _encode(value)
    return encoded


def _encode(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)


@dataclass
class WorkerPool:
    """Worker processes. One that exits is restarted, and ``on_failure`` is called if that fails.

    ``command`` takes the number of a worker, ``is_ready`` its process id, ``report`` and ``on_failure`` a message.
    """

    command: Callable[[int], Command]
    count: int
    is_ready: Callable[[int], bool]
    report: Callable[[str], None]
    on_failure: Callable[[str], None]
    _workers: dict[int, Process] = field(default_factory=dict, init=False)
    _is_stopping: bool = field(default=False, init=False)

    def start(self) -> None:
        for number in range(1, self.count + 1):
            self._start_worker(number)

    def wait_ready(self) -> None:
        """Wait until all workers accept jobs. Raises StartupError."""
        for worker in self._workers.values():
            self._wait(worker)

    def stop(self) -> None:
        """Signal all workers at once, then wait for each."""
        self._is_stopping = True
        workers = list(self._workers.values())
        for worker in workers:
            if worker.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGTERM)
        for worker in workers:
            worker.stop()

    def _start_worker(self, number: int) -> Process:
        worker = Process(self.command(number), lambda message: self._restart(number, message))
        self._workers[number] = worker
        worker.launch()
        return worker

    def _wait(self, worker: Process) -> None:
        try:
            worker.wait_ready(lambda: worker.pid is not None and self.is_ready(worker.pid), _READY_SECONDS)
        except ProcessExitedError:
            raise StartupError(f"{worker.command.name} did not start; its log is {worker.command.log}.") from None

    def _restart(self, number: int, message: str) -> None:
        if self._is_stopping:
            return
        self.report(f"{message} Restarting.")
        try:
            self._wait(self._start_worker(number))
        except StartupError as error:
            self.on_failure(str(error))
