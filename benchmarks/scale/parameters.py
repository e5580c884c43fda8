"""Measured costs and assumptions, from which docs/operations/scale.md is computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class CpuDemand:
    """CPU milliseconds that one operation takes in a server process, in Postgres and in Valkey."""

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
"""``python -m benchmarks.scale measure``, 2026-11-27, two otherwise idle cores. The system counts CPU time in steps of
10 ms, so that the cost of an event is coarse.
"""

RENDER_SECONDS: Final = 4.9
"""CPU seconds for a track of one minute with all its files, by the same command."""
TRACK_BYTES: Final = 35_831_492
SUBSCRIBER_BYTES: Final = 28_900
"""``python -m benchmarks.subscriptions --sockets 5000``."""


@dataclass(frozen=True, slots=True)
class ListenerActivity:
    """Assumption: operations of one listener in one hour."""

    tracks: float = 20
    """Tracks of three minutes."""
    pages: float = 10
    jobs: float = 40
    parts: float = 40
    shares: float = 0.5
    sockets: float = 2
    submits: float = 1
    """New generations of one minute: one in twenty tracks is new."""
    events: float = 60
    """Events of each submitted job."""
    kilobits: float = 192

    def requests_per_hour(self) -> Mapping[str, float]:
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
    """Assumption: the machines."""

    cores: int = 4
    megabits: float = 1_000
    max_utilization: float = 0.6
    """Planned CPU utilization; the rest is a reserve for peaks and for failed machines."""


ACTIVITY: Final = ListenerActivity()
MACHINE: Final = Machine()
LISTENERS: Final = (10, 1_000, 100_000)
MAX_WAIT_MS: Final = 50.0
"""99th percentile of the waiting time of requests."""
MAX_VALKEY_UTILIZATION: Final = 0.6
"""Planned utilization of the single CPU that a Valkey uses."""
