"""Longest time between two progress reports of a render, the checkpoints at which it can be cancelled or requeued.

Measured in CPU seconds, so that other load does not count.
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
    """A progress monitor that records the longest time between two reports."""

    def __init__(self) -> None:
        self._reported_at = time.thread_time()
        self.longest_gap = 0.0
        self.stage = ""

    def report(self, stage: str, fraction: float) -> None:
        """Measure the time since the previous report."""
        now = time.thread_time()
        if now - self._reported_at > self.longest_gap:
            self.longest_gap, self.stage = now - self._reported_at, f"{stage} {fraction:.0%}"
        self._reported_at = now


@dataclass(frozen=True, slots=True)
class Gap:
    prompt: str
    seconds: float
    longest_gap: float
    stage: str


def measure() -> Iterator[Gap]:
    """Render and encode each of JOBS."""
    engine = EngineRegistry().load("studio")
    for prompt, seconds in JOBS:
        monitor, request = GapMonitor(), RenderRequest(prompt=prompt, duration_seconds=seconds, seed=1)
        with tempfile.TemporaryDirectory() as folder:
            track_files.encode(engine.render(request, Path(folder), monitor), Path(folder), monitor)
        yield Gap(prompt, seconds, monitor.longest_gap, monitor.stage)


def format_table(gaps: Iterable[Gap]) -> Iterator[str]:
    yield "| prompt | length | longest gap | stage |"
    yield "|---|---:|---:|---|"
    for gap in gaps:
        yield f"| {gap.prompt} | {gap.seconds:.0f} s | {gap.longest_gap:.2f} s | {gap.stage} |"
