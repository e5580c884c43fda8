"""Restart a child process that exits, with growing pauses, until it exits too often."""

import threading
import time
from collections import deque
from collections.abc import Callable

from server.embedded.errors import KilledDuringStartError, StartupError

WINDOW_SECONDS = 60.0
MAX_EXITS = 10
"""Exits within the window after which a process is given up."""

MAX_FAILED_STARTS = 3
"""Successive restarts that may fail by themselves, however long each takes. Starts that a signal ended are exits."""

FIRST_PAUSE_SECONDS = 0.1
MAX_PAUSE_SECONDS = 5.0


class Restarter:
    """Restart one process: `launch` starts it, `wait_ready` returns when it is ready; both may raise StartupError.

    `report` is called with a message before each restart, `on_failure` when there will be no other one.
    """

    def __init__(
        self,
        launch: Callable[[], None],
        wait_ready: Callable[[], None],
        report: Callable[[str], None],
        on_failure: Callable[[str], None],
    ) -> None:
        self._launch = launch
        self._wait_ready = wait_ready
        self._report = report
        self._on_failure = on_failure
        self._exits: deque[float] = deque(maxlen=MAX_EXITS)
        self._lock = threading.Lock()
        self._is_stopping = threading.Event()

    def stop(self) -> None:
        """Prevent further restarts. The process that runs now is not stopped."""
        with self._lock:
            self._is_stopping.set()

    def handle_exit(self, message: str) -> None:
        """Restart the process, which exited with this message. Called on a thread that may wait."""
        failed_starts = 0
        while not self._is_stopping.is_set():
            now = time.monotonic()
            self._exits.append(now)
            recent = [exit_at for exit_at in self._exits if exit_at > now - WINDOW_SECONDS]
            if len(recent) == MAX_EXITS or failed_starts == MAX_FAILED_STARTS:
                self._on_failure(f"{message} It was restarted {len(recent) - 1} times in the last minute.")
                return
            self._report(f"{message} Restarting.")
            pause_seconds = min(FIRST_PAUSE_SECONDS * 2 ** (len(recent) - 1), MAX_PAUSE_SECONDS)
            if self._is_stopping.wait(pause_seconds):
                return
            try:
                with self._lock:
                    if self._is_stopping.is_set():
                        return
                    self._launch()
                self._wait_ready()
            except KilledDuringStartError as error:
                message = str(error)
            except StartupError as error:
                message = str(error)
                failed_starts += 1
            except BaseException as error:
                # otherwise nothing would restart the process again
                self._on_failure(f"{message} It cannot be restarted: {error!r}.")
                raise
            else:
                return
