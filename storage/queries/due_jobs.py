"""Numbers of due jobs, from which recovery knows how many wake-ups are missing."""

from dataclasses import dataclass
from typing import Final

WAKE_UP_SECONDS: Final = 2
"""Time in which the wake-up of a new job reaches the queue."""


@dataclass(frozen=True, slots=True)
class DueJobs:
    """Numbers of jobs that a worker could claim now, and of those that workers hold."""

    total: int
    without_wake_up: int
    """Those for which none was sent: retries, jobs with an expired lease, and jobs whose wake-up may be on its way."""
    running: int

    def __add__(self, other: "DueJobs") -> "DueJobs":
        return DueJobs(
            self.total + other.total, self.without_wake_up + other.without_wake_up, self.running + other.running
        )
