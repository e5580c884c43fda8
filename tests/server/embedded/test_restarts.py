from collections.abc import Iterator

import pytest

from server.embedded import restarts
from server.embedded.errors import KilledDuringStartError, StartupError
from server.embedded.restarts import Restarter


class Starts:
    """Outcomes of successive starts: None for one that succeeds."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self._outcomes: Iterator[Exception | None] = iter(outcomes)
        self.count = 0
        self.reports: list[str] = []
        self.failures: list[str] = []
        self.restarter = Restarter(self._launch, self._wait_ready, self.reports.append, self.failures.append)

    def _launch(self) -> None:
        self.count += 1

    def _wait_ready(self) -> None:
        outcome = next(self._outcomes)
        if outcome is not None:
            raise outcome


def test_starts_that_a_signal_ended_are_repeated() -> None:
    killed = [KilledDuringStartError("Worker 1 was killed.")] * (restarts.MAX_FAILED_STARTS + 1)
    starts = Starts(*killed, None)
    starts.restarter.handle_exit("Worker 1 exited.")
    assert starts.count == len(killed) + 1
    assert starts.failures == []
    assert starts.reports == ["Worker 1 exited. Restarting.", *["Worker 1 was killed. Restarting."] * len(killed)]


def test_starts_that_fail_by_themselves_are_given_up() -> None:
    starts = Starts(*[StartupError("No disk.")] * restarts.MAX_FAILED_STARTS)
    starts.restarter.handle_exit("Postgres exited.")
    assert starts.count == restarts.MAX_FAILED_STARTS
    assert starts.failures == ["No disk. It was restarted 3 times in the last minute."]


def test_an_unexpected_error_is_a_failure_and_not_the_silent_end_of_supervision() -> None:
    starts = Starts(ZeroDivisionError("nothing"))
    with pytest.raises(ZeroDivisionError):
        starts.restarter.handle_exit("Server exited.")
    assert starts.failures == ["Server exited. It cannot be restarted: ZeroDivisionError('nothing')."]
