"""States and transitions of a generation."""

from core import jobs
from core.jobs import Status


def test_four_states_are_terminal() -> None:
    assert frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.REFUSED}) == jobs.TERMINAL


def test_only_a_running_job_can_succeed() -> None:
    assert jobs.source_states(Status.SUCCEEDED) == (Status.RUNNING,)


def test_a_queued_and_a_running_job_can_be_cancelled() -> None:
    assert jobs.source_states(Status.CANCELLED) == (Status.QUEUED, Status.RUNNING)


def test_every_state_has_transitions() -> None:
    assert set(jobs.TRANSITIONS) == set(Status)
