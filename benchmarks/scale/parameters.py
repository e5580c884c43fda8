"""What was measured, and what is assumed. Everything else on the page is computed of these."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class CpuDemand:
    """Milliseconds of a processor that one work takes of a server process, of Postgres and of Valkey."""

    server: float
    postgres: float
    valkey: float


MEASURED: Final[Mapping[str, CpuDemand]] = {
    "job": CpuDemand(server=0.188, postgres=0.07, valkey=0.011),
    "page": CpuDemand(server=0.25, postgres=0.356, valkey=0.013),
    "submit": CpuDemand(server=1.726, postgres=0.641, valkey=0.094),
    "part": CpuDemand(server=0.662, postgres=0.018, valkey=0.0),
    "share": CpuDemand(server=0.29, postgres=0.207, valkey=0.022),
    "socket": CpuDemand(server=1.066, postgres=0.25, valkey=0.022),
    "message": CpuDemand(server=0.018, postgres=0, valkey=0),
    "event": CpuDemand(server=0, postgres=1.0, valkey=0.788),
}
"""``python -m benchmarks.scale measure``, 2026-11-27, two cores that had nothing else to do. The system tells the time
of a processor in steps of 10 ms, so that what an event costs is coarse.
"""

RENDER_SECONDS: Final = 4.9
"""Seconds of a processor for a track of one minute with all its files; the same command."""
MASTER_BYTES: Final = 1_441_331
TRACK_BYTES: Final = 35_831_492
SUBSCRIBER_BYTES: Final = 28_900
"""``python -m benchmarks.subscriptions --sockets 5000``."""


@dataclass(frozen=True, slots=True)
class ListenerActivity:
    """Assumed: what one listener does in an hour of listening, from the works that were measured."""

    tracks: float = 20
    """Of three minutes each."""
    pages: float = 10
    jobs: float = 40
    parts: float = 40
    shares: float = 0.5
    sockets: float = 2
    submits: float = 1
    """Each for a track of one minute: one in twenty that is heard is new."""
    events: float = 60
    """Of each job that is submitted."""
    kilobits: float = 192

    def requests_per_hour(self) -> Mapping[str, float]:
        """How often each work is done."""
        return {
            "page": self.pages,
            "job": self.jobs,
            "part": self.parts,
            "share": self.shares,
            "socket": self.sockets,
            "submit": self.submits,
            "event": self.submits * self.events,
            "message": self.submits * self.events,
        }


@dataclass(frozen=True, slots=True)
class Machine:
    """Assumed: what is rented. Prices are parameters of yours."""

    cores: int = 4
    memory_bytes: int = 16_000_000_000
    megabits: float = 1_000
    max_utilization: float = 0.6
    """How much of a processor is planned for: the rest is for peaks, and for the death of a neighbour."""


ACTIVITY: Final = ListenerActivity()
MACHINE: Final = Machine()
LISTENERS: Final = (10, 1_000, 100_000)
MAX_WAIT_MS: Final = 50.0
"""How long one request in a hundred may wait in a queue."""
MAX_VALKEY_UTILIZATION: Final = 0.6
"""How much of its one processor a Valkey may use."""
