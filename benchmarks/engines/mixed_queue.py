"""``python -m benchmarks.engines.mixed_queue``: one queue for five engines, with faults of four peers and kills.

For some minutes, generations of random engines are submitted to a ``studio up`` with two workers; a few are cancelled.
Peers refuse, break off, lose jobs, fail and are slow; workers, the server and Valkey are killed. Prints a table. Exits
with status 1 if an accepted generation does not end, makes more than one track or is charged wrongly, or if a peer
works again on a generation although earlier work went on or had succeeded.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from benchmarks.engines import peers
from benchmarks.engines.peers import Peer
from benchmarks.rest_client import RestClient
from tests.support.processes import studio_up
from tests.support.processes.studio_up import Up

FINAL: Final = frozenset({"succeeded", "failed", "cancelled", "refused"})
TRACK_SECONDS: Final = 6
PRICE_CHF_PER_MINUTE: Final = "0.10"
END_SECONDS: Final = 600.0
"""Time after the last submission in which all generations must have ended."""
KILLS: Final = (("worker", 40.0), ("serve", 130.0), ("valkey-server", 170.0))
"""Processes and the seconds between two kills of each."""
CANCELLED_SHARE: Final = 0.05
MEAN_PAUSE_SECONDS: Final = 3.0


@dataclass(slots=True)
class Outcome:
    """What became of the generations: their engine by id, their final answers by id, and what is wrong."""

    engines: dict[str, str] = field(default_factory=dict)
    ended: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines.mixed_queue", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long generations are submitted")
    parser.add_argument("--seed", type=int, default=1, help="seed of engines, cancellations and faults")
    parser.add_argument("--fault-rate", type=float, default=0.1, help="share of the peers' responses with a fault")
    chosen = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        names = ("queue", "keyed", "localai", "elevenlabs")
        servers = {
            name: stack.enter_context(peers.run_peer(chosen.seed + index, chosen.fault_rate))
            for index, name in enumerate(names)
        }
        settings = {
            "MUSIC_STUDIO_ENGINES__REMOTE": json.dumps(_instances(servers, folder)),
            "MUSIC_STUDIO_ENGINES__COST_CHF_PER_MINUTE": json.dumps({"studio": PRICE_CHF_PER_MINUTE}),
            **{f"MUSIC_STUDIO_SERVER__REQUESTS_{name}": "1000000" for name in ("PER_MINUTE", "BURST")},
        }
        up = studio_up.start(folder / "data", folder / "output", "--workers", "2", settings=settings)
        stack.callback(studio_up.stop, up)
        outcome = Outcome()
        _submit(up, outcome, ["studio", *names], 60 * chosen.minutes, random.Random(chosen.seed))  # noqa: S311
        _wait(up, outcome)
        _check(RestClient(up), outcome, servers)
    sys.stdout.write("\n".join([*_table(outcome, servers), "", *outcome.problems, ""]))
    return 1 if outcome.problems else 0


def _instances(servers: Mapping[str, Peer], folder: Path) -> Mapping[str, Mapping[str, object]]:
    """Return the settings of the remote engines: two queues, of which one takes idempotency keys, and two services."""
    common = {"cost_chf_per_minute": PRICE_CHF_PER_MINUTE, "poll_seconds": 0.5, "max_poll_seconds": 2, "max_jobs": 3}
    instances: dict[str, dict[str, object]] = {
        name: {**common, "url": server.url, "kind": "queue", "response_seconds": 5} for name, server in servers.items()
    }
    for name, line in {"queue": "", "keyed": peers.IDEMPOTENCY}.items():
        description = folder / f"{name}.toml"
        description.write_text(peers.SERVICE.format(idempotency=line), encoding="utf-8")
        instances[name]["options"] = {"service": str(description)}
    instances["localai"]["options"] = {"service": "localai", "answers_dir": str(folder / "answers")}
    instances["elevenlabs"] |= {
        "kind": "elevenlabs",
        "key": "a key of this benchmark",
        "options": {"answers_dir": str(folder / "answers")},
    }
    return instances


def _submit(up: Up, outcome: Outcome, engines: Sequence[str], seconds: float, choices: random.Random) -> None:
    """Submit generations until the time is over, cancel some, and kill processes."""
    client = RestClient(up)
    started_at = time.monotonic()
    next_kill_at = {name: started_at + every for name, every in KILLS}
    number = 0
    while time.monotonic() < started_at + seconds:
        engine = choices.choice(engines)
        job = client.submit(f"mixed-{number}", engine, f"calm piano {number}", TRACK_SECONDS)
        if job is not None:
            number += 1
            outcome.engines[job] = engine
            if choices.random() < CANCELLED_SHARE:
                client.cancel(job)
        for name, every in KILLS:
            process = studio_up.find_process(up, name)
            if process is not None and time.monotonic() > next_kill_at[name]:
                process.kill()
                outcome.kills[name] += 1
                next_kill_at[name] = time.monotonic() + every
        time.sleep(choices.expovariate(1 / MEAN_PAUSE_SECONDS))


def _wait(up: Up, outcome: Outcome) -> None:
    """Wait until all generations have ended, or the time for that is over."""
    client = RestClient(up)
    deadline = time.monotonic() + END_SECONDS
    while len(outcome.ended) < len(outcome.engines) and time.monotonic() < deadline:
        for job in outcome.engines.keys() - outcome.ended.keys():
            found = client.find(job)
            if found.get("status") in FINAL:
                outcome.ended[job] = found
        time.sleep(1)
    left = outcome.engines.keys() - outcome.ended.keys()
    outcome.problems += [f"{job} of {outcome.engines[job]} did not end: {client.find(job)}" for job in left]


def _check(client: RestClient, outcome: Outcome, servers: Mapping[str, Peer]) -> None:
    succeeded = [found for found in outcome.ended.values() if found["status"] == "succeeded"]
    tracks = {found["result_track_id"] for found in succeeded}
    if len(tracks) != len(succeeded):
        outcome.problems.append(f"{len(succeeded)} generations made {len(tracks)} tracks")
    for name, server in servers.items():
        outcome.problems += [f"{name} worked again on: {prompt}" for prompt in server.record.duplicates()]
    price = Decimal(PRICE_CHF_PER_MINUTE) * TRACK_SECONDS / 60
    spent = Decimal(str(client.usage()["windows"][-1]["cost_chf"]))
    if spent != price * len(succeeded):
        outcome.problems.append(f"CHF {spent} were charged for {len(succeeded)} tracks of CHF {price}")


def _table(outcome: Outcome, servers: Mapping[str, Peer]) -> Sequence[str]:
    rows = []
    for engine in dict.fromkeys(sorted(outcome.engines.values())):
        jobs = [job for job, name in outcome.engines.items() if name == engine]
        statuses = Counter(outcome.ended[job]["status"] for job in jobs if job in outcome.ended)
        faults = servers[engine].fault_count if engine in servers else 0
        counts = " | ".join(str(statuses[name]) for name in ("succeeded", "failed", "cancelled", "refused"))
        rows.append(f"| {engine} | {len(jobs)} | {counts} | {faults} |")
    kills = ", ".join(f"{name} {count}" for name, count in outcome.kills.items()) or "none"
    return [
        "| engine | accepted | succeeded | failed | cancelled | refused | faults of the peer |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *rows,
        "",
        f"Kills: {kills}.",
    ]


if __name__ == "__main__":
    sys.exit(main())
