"""The life of a generation: its states, the legal moves between them, and what each state means."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"  # accepted, waits for a worker
    RUNNING = "running"  # a worker holds it and renders
    SUCCEEDED = "succeeded"  # its track exists
    FAILED = "failed"  # given up; nothing is charged
    CANCELLED = "cancelled"  # the caller took it back; nothing is charged
    REFUSED = "refused"  # policy said no before any work; nothing is charged


class Mode(StrEnum):
    """What a job makes."""

    CREATION = "creation"  # one complete track
    FOCUS = "focus"  # segments that are meant to be joined


MOVES: Final[Mapping[Status, frozenset[Status]]] = {
    # queued → queued: a worker that dies or is stopped hands its job back
    Status.QUEUED: frozenset({Status.RUNNING, Status.CANCELLED, Status.FAILED}),
    Status.RUNNING: frozenset(
        {Status.RUNNING, Status.QUEUED, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED},
    ),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.REFUSED: frozenset(),
}

TERMINAL: Final = frozenset(status for status, moves in MOVES.items() if not moves)


def is_terminal(status: Status) -> bool:
    """Whether nothing can happen to a job in this state any more."""
    return status in TERMINAL


def sources(target: Status) -> tuple[Status, ...]:
    """The states from which a job may move to ``target``, for a conditional update."""
    return tuple(status for status, moves in MOVES.items() if target in moves)
