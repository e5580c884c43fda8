"""``python -m benchmarks.outages.kills``: seconds until ``studio up`` works again after ``kill -9``; prints a table.

Each round kills the server, Valkey, Postgres and the worker in turn and waits for the jobs. Exits with status 1 if a
generation is accepted later than ten seconds after a kill, or if anything does not come back before the deadline, which
it names.
"""

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.rest_client import RestClient
from server.embedded import restarts, stack
from tests.support.processes import studio_up
from tests.support.processes.studio_up import Up
from workers import worker_process

MAX_SECONDS: Final = 10.0
JOB_SECONDS: Final = 10.0
"""Longest time that a job ahead in the queue takes on a machine that does other work."""

PROCESSES: Final = ("serve", "valkey-server", "postgres", "worker")
ROUND_SECONDS: Final = restarts.WINDOW_SECONDS / (restarts.MAX_EXITS - 2)
"""Shortest time between two kills of one process: ``studio up`` gives up a process that exits more often."""

_POLL_SECONDS: Final = 0.05
_SETTINGS: Final = {f"MUSIC_STUDIO_SERVER__REQUESTS_{name}": "1000000" for name in ("PER_MINUTE", "BURST")}


class LostError(Exception):
    """Something did not come back before the deadline."""


@dataclass(slots=True)
class Recoveries:
    """Seconds from the kills of a process until a generation is accepted, and until everything is ready."""

    accepted: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outages.kills", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="how often each process is killed")
    parser.add_argument("--deadline", type=float, default=60.0, help="seconds after which something missing is lost")
    options = parser.parse_args(arguments)
    found = defaultdict[str, Recoveries](Recoveries)
    with tempfile.TemporaryDirectory() as folder:
        up = studio_up.start(Path(folder) / "data", Path(folder) / "output", settings=_SETTINGS)
        outcome = ""
        try:
            outcome = f"{_run(up, options.rounds, options.deadline, found)} accepted generations finished once."
        except LostError as error:
            outcome = f"{error}\n{up.text[-2000:]}"
            is_lost = True
        else:
            is_lost = False
        finally:
            studio_up.stop(up)
    sys.stdout.write("\n".join([*_table(found), "", outcome, ""]))
    is_slow = any(max(each.accepted, default=0.0) > MAX_SECONDS for each in found.values())
    return 1 if is_lost or is_slow else 0


def _table(found: Mapping[str, Recoveries]) -> Sequence[str]:
    rows = []
    for name, each in found.items():
        numbers = [number for times in (each.accepted, each.ready) if times for number in (median(times), max(times))]
        rows.append(f"| {name} | {len(each.accepted)} | {' | '.join(f'{number:.2f}' for number in numbers)} |")
    return [
        "| killed | times | next accepted generation, median s | slowest s | all ready, median s | slowest s |",
        "|---|---:|---:|---:|---:|---:|",
        *rows,
    ]


def _run(up: Up, rounds: int, deadline: float, found: Mapping[str, Recoveries]) -> int:
    """Kill all processes ``rounds`` times; return the number of accepted jobs, which all finished once."""
    client = RestClient(up)
    tracks: set[str] = set()
    next_at = time.monotonic()
    for number in range(rounds):
        time.sleep(max(0.0, next_at - time.monotonic()))
        next_at = time.monotonic() + ROUND_SECONDS
        jobs = [_kill(up, client, name, f"{number}-{name}", deadline, found[name]) for name in PROCESSES]
        # a job whose worker is killed three times fails by design, so that no round may meet those of another
        tracks |= {_wait_for_track(up, client, job, deadline + len(jobs) * JOB_SECONDS) for job in jobs}
    if len(tracks) != rounds * len(PROCESSES):
        raise LostError(f"{rounds * len(PROCESSES)} jobs made {len(tracks)} tracks")
    return len(tracks)


def _wait_for_track(up: Up, client: RestClient, job: str, deadline: float) -> str:
    """Return the id of the track of a job."""

    def find() -> Mapping[str, Any] | None:
        found = client.find(job)
        return found if found.get("status") not in {None, "queued", "running"} else None

    ended = _wait(up, f"the end of {job}", find, deadline)
    if ended["status"] != "succeeded":
        raise LostError(f"{job} is {ended['status']}: {ended}")
    return str(ended["result_track_id"])


def _kill(up: Up, client: RestClient, name: str, key: str, deadline: float, recoveries: Recoveries) -> str:
    """Kill a process, wait until everything is ready again, and return the job that was accepted first."""
    process = studio_up.find_process(up, name)
    if process is None:
        raise LostError(f"studio up runs no {name}")
    process.kill()
    killed_at = time.monotonic()
    job: str = _wait(
        up,
        f"an accepted generation after {name} was killed",
        lambda: client.submit(key, "studio", "techno", 2),
        deadline,
    )
    recoveries.accepted.append(time.monotonic() - killed_at)
    _wait(
        up,
        f"{name} in the place of {process.pid}",
        lambda: _is_replaced(up, name, process.pid) and client.is_ready(),
        deadline,
    )
    recoveries.ready.append(time.monotonic() - killed_at)
    return job


def _is_replaced(up: Up, name: str, pid: int) -> bool:
    process = studio_up.find_process(up, name)
    if process is None or process.pid == pid:
        return False
    running = stack.find_running(up.data_dir)
    return name != "worker" or (running is not None and worker_process.is_ready(running.redis_url, process.pid))


def _wait(up: Up, name: str, poll: Callable[[], Any], seconds: float) -> Any:  # noqa: ANN401  what the poll returns
    """Poll until the result is true, and return it. Raises LostError after the deadline, or if ``studio up`` ended."""
    deadline = time.monotonic() + seconds
    while not (result := poll()):
        if up.child.poll() is not None:
            raise LostError(f"studio up ended with status {up.child.poll()}; missing: {name}")
        if time.monotonic() > deadline:
            raise LostError(f"missing after {seconds:.0f} s: {name}")
        time.sleep(_POLL_SECONDS)
    return result


if __name__ == "__main__":
    sys.exit(main())
