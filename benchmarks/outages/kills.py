"""``python -m benchmarks.outages.kills``: seconds until requests succeed again after ``kill -9``; prints a table.

Each run kills the server, Valkey, Postgres and the worker of ``studio up`` in turn. Exits with status 1 if a generation
is accepted later than ten seconds after a kill.
"""

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

import httpx

from tests.support.processes import studio_up
from tests.support.processes.studio_up import Up

MAX_SECONDS: Final = 10.0
PROCESSES: Final = ("serve", "valkey-server", "postgres", "worker")
_POLL_SECONDS: Final = 0.05


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outages.kills", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="how often each process is killed")
    runs: int = parser.parse_args(arguments).runs
    numbers = itertools.count()
    with tempfile.TemporaryDirectory() as folder:
        up = studio_up.start(Path(folder) / "data", Path(folder) / "output")
        try:
            found = {name: [_kill(up, name, numbers) for _ in range(runs)] for name in PROCESSES}
        finally:
            studio_up.stop(up)
    lines = ["| killed | next accepted generation, median s | slowest s |", "|---|---:|---:|"]
    lines += [f"| {name} | {median(seconds):.2f} | {max(seconds):.2f} |" for name, seconds in found.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if max(map(max, found.values())) > MAX_SECONDS else 0


def _kill(up: Up, name: str, numbers: "itertools.count[int]") -> float:
    """Kill a process; return the seconds until a generation is accepted. Wait until the process is replaced."""
    process = studio_up.find_process(up, name)
    if process is None:
        raise RuntimeError(f"studio up runs no {name}")
    process.kill()
    killed_at = time.monotonic()
    process.wait()
    _poll(lambda: _is_accepted(up, f"kill-{next(numbers)}"))
    seconds = time.monotonic() - killed_at
    _poll(lambda: (new := studio_up.find_process(up, name)) is not None and new.pid != process.pid)
    return seconds


def _is_accepted(up: Up, key: str) -> bool:
    url = f"http://127.0.0.1:{up.port}/v1/music/{up.printed('organization')}/generations"
    body = {"engine": "studio", "prompt": "techno", "duration_seconds": 2, "idempotency_key": key}
    try:
        response = httpx.post(url, json=body, headers={"X-API-Key": up.printed("API key")}, timeout=60)
    except httpx.TransportError:
        return False
    return response.status_code == httpx.codes.ACCEPTED


def _poll(is_done: Callable[[], bool]) -> None:
    while not is_done():
        time.sleep(_POLL_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
