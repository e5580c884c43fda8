"""Processor cores of a benchmark: the measured server has one of its own, and all other processes share the rest."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CoreSplit:
    """The cores, by number, of the measured server and of everything else; empty where processes are not pinned."""

    server: frozenset[int]
    others: frozenset[int]

    def describe(self) -> str:
        if not self.server:
            return "processes not pinned to cores"
        return f"servers on core {_join(self.server)}, all other processes on {_join(self.others)}"


def split() -> CoreSplit:
    """Split the cores of this process; none with a single core, or where the system cannot pin (macOS)."""
    if sys.platform != "linux":
        return CoreSplit(frozenset(), frozenset())
    *others, last = sorted(os.sched_getaffinity(0))
    return CoreSplit(frozenset({last} if others else ()), frozenset(others))


@contextmanager
def pinned(cores: frozenset[int]) -> Iterator[None]:
    """Run the calling thread, and the processes it starts meanwhile, on these cores; without any, change nothing."""
    if sys.platform != "linux" or not cores:
        yield
        return
    previous = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, previous)


def _join(cores: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(cores)))
