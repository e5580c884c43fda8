"""How long a rendering works between two checkpoints, at which it may be cancelled or handed back.

Told in seconds of the processor, so that a busy machine does not look like a long step.
"""

import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.port import RenderRequest
from engines.registry import EngineRegistry
from workers.files import track_files

JOBS: Final = (
    ("ambient", 60.0),
    ("techno", 60.0),
    ("cinematic orchestra", 60.0),
    ("jazz trio", 60.0),
    ("metal", 60.0),
    ("string quartet", 60.0),
    ("lofi beat", 60.0),
    ("drum and bass", 60.0),
    ("deep house", 600.0),
)


class GapMonitor:
    """A monitor that remembers the longest time between two reports; see engines.port.Monitor."""

    def __init__(self) -> None:
        self._reported_at = time.thread_time()
        self.longest_gap = 0.0
        self.stage = ""

    def report(self, stage: str, fraction: float) -> None:
        """See Monitor."""
        now = time.thread_time()
        if now - self._reported_at > self.longest_gap:
            self.longest_gap, self.stage = now - self._reported_at, f"{stage} {fraction:.0%}"
        self._reported_at = now


@dataclass(frozen=True, slots=True)
class Gap:
    """The longest time without a checkpoint in one job."""

    prompt: str
    seconds: float
    longest_gap: float
    stage: str


def measure() -> Iterator[Gap]:
    """Render and encode each of the jobs."""
    engine = EngineRegistry().load("studio")
    for prompt, seconds in JOBS:
        watch, request = GapMonitor(), RenderRequest(prompt=prompt, duration_seconds=seconds, seed=1)
        with tempfile.TemporaryDirectory() as folder:
            track_files.encode(engine.render(request, Path(folder), watch), Path(folder), watch)
        yield Gap(prompt, seconds, watch.longest_gap, watch.stage)


def format_table(gaps: Iterable[Gap]) -> Iterator[str]:
    """As a table."""
    yield "| prompt | length | longest without a checkpoint | where |"
    yield "|---|---:|---:|---|"
    for gap in gaps:
        yield f"| {gap.prompt} | {gap.seconds:.0f} s | {gap.longest_gap:.2f} s | {gap.stage} |"
