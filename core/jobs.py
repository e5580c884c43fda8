"""States of a generation and the transitions between them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    QUEUED = "queued"  # accepted, waits for a worker
    RUNNING = "running"  # a worker renders it
    SUCCEEDED = "succeeded"  # its track exists
    FAILED = "failed"  # failed permanently; nothing is charged
    CANCELLED = "cancelled"  # cancelled by the caller; nothing is charged
    REFUSED = "refused"  # refused by the content policy before any work; nothing is charged


class Mode(StrEnum):
    """What a generation produces."""

    CREATION = "creation"  # one complete track
    FOCUS = "focus"  # segments that are joined in playback


class WorkerStage(StrEnum):
    """The steps of a running job before and after the stages of its engine, `engines.port.Stage`."""

    STARTING = "starting"
    WAITING = "waiting"  # in the queue of a remote engine
    ENCODING = "encoding"
    STORING = "storing"


TRANSITIONS: Final[Mapping[Status, frozenset[Status]]] = {
    Status.QUEUED: frozenset({Status.RUNNING, Status.CANCELLED, Status.FAILED}),
    # running → queued: the job of a worker that dies or stops is requeued
    Status.RUNNING: frozenset(
        {Status.RUNNING, Status.QUEUED, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED},
    ),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.REFUSED: frozenset(),
}

TERMINAL: Final = frozenset(status for status, moves in TRANSITIONS.items() if not moves)


def is_terminal(status: Status) -> bool:
    """Return whether the state is final."""
    return status in TERMINAL


def source_states(target: Status) -> tuple[Status, ...]:
    """Return the states from which a job may change to ``target``, for a conditional update."""
    return tuple(status for status, moves in TRANSITIONS.items() if target in moves)
