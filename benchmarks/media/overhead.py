"""Playback and share links compared with a reference server, in alternating rounds."""

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks import http_load
from benchmarks.http_load import LoadResult
from core.settings import PROJECT
from server.embedded import ports
from server.embedded.stack import Stack

ROUNDS: Final = 5
PART: Final = "Range: bytes=0-65535\r\n"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Measurements of one workload on the product and on the reference server."""

    name: str
    ours: list[LoadResult]
    reference: list[LoadResult]


@contextmanager
def run_reference_server(stack: Stack, path: Path) -> Iterator[tuple[psutil.Process, str]]:
    """Start the reference server and yield its process and URL."""
    port = ports.find_free()
    command = [
        sys.executable,
        "-m",
        "benchmarks.media.reference_server",
        str(port),
        stack.database_url,
        stack.redis_url,
        str(path),
    ]
    child = subprocess.Popen(command, cwd=PROJECT)  # noqa: S603  our own command
    try:
        yield psutil.Process(child.pid), f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(30)


def compare(
    name: str,
    ours: tuple[str, psutil.Process],
    reference: tuple[str, psutil.Process],
    seconds: float,
    headers: str = "",
) -> Comparison:
    """Alternate between both servers, so that other load affects them alike."""
    comparison = Comparison(name, [], [])
    for _ in range(ROUNDS):
        for results, (url, server) in ((comparison.ours, ours), (comparison.reference, reference)):
            results.append(http_load.measure(url, server, seconds, connections=8, headers=headers))
    return comparison


def format_table(comparisons: list[Comparison]) -> Iterator[str]:
    """Yield a table of the ratios, which are medians of the rounds, by rate and by CPU time."""
    yield "| workload | relative rate | relative CPU | requests per second | first byte p50, p99 | CPU |"
    yield "|---|---:|---:|---:|---:|---:|"
    for row in comparisons:
        pairs = list(zip(row.ours, row.reference, strict=True))
        by_rate = statistics.median(ours.rate / reference.rate for ours, reference in pairs)
        by_cpu = statistics.median(reference.cpu_ms / ours.cpu_ms for ours, reference in pairs)
        ours = sorted(row.ours, key=lambda load: load.rate)[len(row.ours) // 2]
        yield (
            f"| {row.name} | {by_rate:.2f} | {by_cpu:.2f} | {ours.rate:.0f} | {ours.first_ms_p50:.1f} ms, "
            f"{ours.first_ms_p99:.1f} ms | {ours.cpu_ms:.2f} ms |"
        )
