"""Playback and share links beside the least that they can cost, in alternating rounds."""

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
    """One work, done by us and by the least."""

    name: str
    ours: list[LoadResult]
    minimal: list[LoadResult]


@contextmanager
def run_reference_server(stack: Stack, path: Path) -> Iterator[tuple[psutil.Process, str]]:
    """The bare server, and its address."""
    port = ports.find_free()
    words = [
        sys.executable,
        "-m",
        "benchmarks.media.reference_server",
        str(port),
        stack.database_url,
        stack.redis_url,
        str(path),
    ]
    child = subprocess.Popen(words, cwd=PROJECT)  # noqa: S603  our own command
    try:
        yield psutil.Process(child.pid), f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(30)


def compare(
    name: str, ours: tuple[str, psutil.Process], least: tuple[str, psutil.Process], seconds: float, headers: str = ""
) -> Comparison:
    """Round by round, so that a busy machine is as busy for both."""
    found = Comparison(name, [], [])
    for _ in range(ROUNDS):
        for loaded, (url, server) in ((found.ours, ours), (found.minimal, least)):
            loaded.append(http_load.measure(url, server, seconds, connections=8, headers=headers))
    return found


def format_table(found: list[Comparison]) -> Iterator[str]:
    """As a table. Ratios are medians of the rounds: by requests a second, and by the server's processor time."""
    yield "| work | rate to the least | processor to it | requests a second | first byte p50, p99 | processor |"
    yield "|---|---:|---:|---:|---:|---:|"
    for one in found:
        pairs = list(zip(one.ours, one.minimal, strict=True))
        by_rate = statistics.median(ours.rate / least.rate for ours, least in pairs)
        by_cpu = statistics.median(least.cpu_ms / ours.cpu_ms for ours, least in pairs)
        ours = sorted(one.ours, key=lambda load: load.rate)[len(one.ours) // 2]
        yield (
            f"| {one.name} | {by_rate:.2f} | {by_cpu:.2f} | {ours.rate:.0f} | {ours.first_ms_p50:.1f} ms, "
            f"{ours.first_ms_p99:.1f} ms | {ours.cpu_ms:.2f} ms |"
        )
