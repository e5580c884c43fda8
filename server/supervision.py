"""Run the server and the workers as child processes that are restarted when they exit."""

import json
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from core.settings import PROJECT, Settings
from server.embedded.errors import StartupError, last_line
from server.embedded.processes import Process, ProcessExitedError
from server.embedded.restarts import Restarter
from server.fork_server import ForkedCommand, ForkRequest, ForkServer

_READY_SECONDS: Final = 60
_STOP_SIGNALS: Final = ((signal.SIGTERM, 15.0), (signal.SIGINT, 3.0))


def studio_command(name: str, command: str, log: Path, settings: Settings, fork_server: ForkServer) -> ForkedCommand:
    """Return a command of the command line with these settings."""
    environment = {**os.environ, **environment_variables(settings), "PYTHONPATH": str(PROJECT)}
    return ForkedCommand(name, ForkRequest(command, environment, log), _STOP_SIGNALS, fork_server)


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


class SupervisedProcess:
    """A child process that is restarted when it exits.

    ``is_ready`` takes the process id; ``report`` takes a message before each restart, ``on_failure`` when restarts keep
    failing.
    """

    def __init__(
        self,
        command: ForkedCommand,
        is_ready: Callable[[int], bool],
        report: Callable[[str], None],
        on_failure: Callable[[str], None],
    ) -> None:
        self._command = command
        self._is_ready = is_ready
        self._restarter = Restarter(self.launch, self.wait_ready, report, on_failure)
        self._process: Process | None = None

    def launch(self) -> None:
        """Start the process; do not wait until it is ready. Raises StartupError."""
        self._process = Process(self._command, self._restarter.handle_exit)
        self._process.launch()

    def wait_ready(self) -> None:
        """Wait until the process is ready. Raises StartupError."""
        process, name = self._process, self._command.name
        if process is None:
            raise RuntimeError("launch() must be called before wait_ready()")
        try:
            process.wait_ready(lambda: process.pid is not None and self._is_ready(process.pid), _READY_SECONDS)
        except ProcessExitedError as error:
            reason = last_line(str(error)).strip().rstrip(".")
            raise StartupError(f"{name} did not start ({reason}); its log is {self._command.log}.") from None

    def request_stop(self) -> None:
        """Send the first stop signal and return; ``stop`` waits for the exit."""
        self._restarter.stop()
        if self._process:
            self._process.send_signal(self._command.stop_signals[0][0])

    def stop(self) -> None:
        self._restarter.stop()
        if self._process:
            self._process.stop()


def stop_together(processes: Sequence[SupervisedProcess]) -> None:
    """Signal all processes at once, then wait for each."""
    for process in processes:
        process.request_stop()
    for process in processes:
        process.stop()
