"""``python -m benchmarks.soak --minutes 30``: mixed load on ``studio up``; no 5xx and flat memory are expected.

Exits with status 1 after a server error, or if the memory of a process grows by more than the limit after warming up.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import numpy as np

from benchmarks.soak.load import Load, Operation
from tests.support.processes import studio_up
from tests.support.processes.studio_up import Up

MAX_GROWTH: Final = 0.10
"""Allowed growth of a process's memory from the end of the warm-up to the end of the run, as a share."""

WARM_UP: Final = 0.2
"""Share of the run in which caches fill."""

MEGABYTE: Final = 1 << 20
PROCESSES: Final = ("serve", "worker", "postgres", "valkey-server")
_SETTINGS: Final = {
    f"MUSIC_STUDIO_SERVER__{name}": "1000000"
    for name in ("REQUESTS_PER_MINUTE", "REQUESTS_BURST", "SHARE_RESOLVES_PER_MINUTE")
}
"""No rate limits: all requests come from one key and one address."""

Samples = list[tuple[float, int]]
"""Seconds since the start and resident bytes."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="length of the run")
    minutes: float = parser.parse_args(arguments).minutes
    with tempfile.TemporaryDirectory() as folder:
        up = studio_up.start(Path(folder) / "data", Path(folder) / "output", settings=_SETTINGS)
        try:
            load, memory = asyncio.run(_run(up, minutes * 60))
        finally:
            studio_up.stop(up)
        restarts = up.text.count("Restarting.")
    print("\n".join([*_operations_table(load.operations), "", *_memory_table(memory), "", f"restarts: {restarts}"]))  # noqa: T201
    errors = sum(operation.server_errors for operation in load.operations.values())
    grown = [name for name in ("serve", "worker") if _growth(memory[name]) > MAX_GROWTH]
    return 1 if errors or grown or restarts else 0


async def _run(up: Up, seconds: float) -> tuple[Load, Mapping[str, Samples]]:
    load = Load(f"http://127.0.0.1:{up.port}", up.printed("organization"), up.printed("API key"))
    memory: dict[str, Samples] = {name: [] for name in PROCESSES}
    sampling = asyncio.create_task(_sample(up, memory, max(1.0, seconds / 120)))
    await load.run(seconds)
    sampling.cancel()
    return load, memory


async def _sample(up: Up, memory: Mapping[str, Samples], interval_seconds: float) -> None:
    started_at = time.monotonic()
    while True:
        for name, samples in memory.items():
            if process := studio_up.find_process(up, name):
                family = [process, *process.children(recursive=True)] if name == "postgres" else [process]
                resident = sum(member.memory_info().rss for member in family)
                samples.append((time.monotonic() - started_at, resident))
        await asyncio.sleep(interval_seconds)


def _growth(samples: Samples) -> float:
    """Return the growth after the warm-up as a share, by a line fitted to the samples."""
    times, sizes = np.array(samples[int(len(samples) * WARM_UP) :], dtype=float).T
    slope, start = np.polyfit(times - times[0], sizes, 1)
    return float(slope * (times[-1] - times[0]) / start)


def _operations_table(operations: Mapping[str, Operation]) -> Iterator[str]:
    yield "| request | responses | status | 5xx or none | p50 ms | p99 ms |"
    yield "|---|---:|---|---:|---:|---:|"
    for name, operation in sorted(operations.items()):
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(operation.statuses.items()))
        times = _milliseconds(operation.seconds)
        yield f"| {name} | {len(operation.seconds)} | {statuses} | {operation.server_errors} | {times} |"


def _milliseconds(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return "|"
    return f"{1000 * median(seconds):.1f} | {1000 * quantiles(seconds, n=100)[-1]:.1f}"


def _memory_table(memory: Mapping[str, Samples]) -> Iterator[str]:
    yield "| process | MB after the warm-up | MB at the end | growth by a fitted line |"
    yield "|---|---:|---:|---:|"
    for name, samples in memory.items():
        first, last = samples[int(len(samples) * WARM_UP)][1], samples[-1][1]
        yield f"| {name} | {first / MEGABYTE:.0f} | {last / MEGABYTE:.0f} | {_growth(samples):+.1%} |"


if __name__ == "__main__":
    sys.exit(main())
