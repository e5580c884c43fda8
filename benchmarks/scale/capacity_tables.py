"""Tables of docs/operations/scale.md: capacity of each part, cost of listeners, weight and cost of files."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.scale import parameters, queueing
from benchmarks.scale.parameters import HABITS, LISTENERS, MACHINE, MEASURED

_HOUR = 3600
_MONTH_HOURS = 730


@dataclass(frozen=True, slots=True)
class Need:
    """What so many listeners at once need."""

    listeners: int
    requests: float
    servers: int
    wait_ms: float
    postgres: float
    shards: int
    workers: int
    megabits: float
    machines: int
    egress_bytes: float
    kept_bytes: float


def rates(listeners: int) -> dict[str, float]:
    """How often each work comes, a second."""
    return {name: listeners * often / _HOUR for name, often in HABITS.an_hour().items()}


def costs(part: str) -> dict[str, float]:
    """Milliseconds of each work at a part."""
    return {name: getattr(demand, part) for name, demand in MEASURED.items()}


def need(listeners: int) -> Need:
    """By simulation where there is a queue, by division where there is none."""
    often = rates(listeners)
    servers = queueing.needed(often, costs("server"), MACHINE.busy, parameters.PATIENCE_MS)
    postgres = queueing.busy(often, costs("postgres"), 1) / MACHINE.busy
    shards = queueing.needed(often, costs("valkey"), parameters.SHARDS_AT, parameters.PATIENCE_MS)
    workers = math.ceil(often["submit"] * parameters.RENDER_SECONDS / MACHINE.busy)
    megabits = listeners * HABITS.kilobits / 1000
    cores = servers + math.ceil(postgres) + shards + workers
    kept = often["submit"] * parameters.TRACK_BYTES * _HOUR * _MONTH_HOURS
    return Need(
        listeners=listeners,
        requests=sum(often[name] for name in often if name not in {"event", "message"}),
        servers=servers,
        wait_ms=queueing.wait_ms(often, costs("server"), servers),
        postgres=postgres,
        shards=shards,
        workers=workers,
        megabits=megabits,
        machines=max(math.ceil(cores / MACHINE.cores), math.ceil(megabits / MACHINE.megabits / MACHINE.busy)),
        egress_bytes=megabits / 8 * 1e6 * _HOUR * _MONTH_HOURS,
        kept_bytes=kept,
    )


def carried() -> Mapping[str, float]:
    """How many listeners one of each carries, least first: what stands first breaks first."""
    one = rates(1)
    found = {
        "one worker process (renders)": MACHINE.busy / (one["submit"] * parameters.RENDER_SECONDS),
        "one server process (its processor)": MACHINE.busy / queueing.busy(one, costs("server"), 1),
        f"one Postgres of {MACHINE.cores} processors": MACHINE.cores
        * MACHINE.busy
        / queueing.busy(one, costs("postgres"), 1),
        "one Valkey (its processor)": parameters.SHARDS_AT / queueing.busy(one, costs("valkey"), 1),
        f"a line of {MACHINE.megabits:.0f} Mbit/s": MACHINE.megabits * MACHINE.busy / (HABITS.kilobits / 1000),
        "one server process (4 GB for sockets)": 4e9 / parameters.SUBSCRIBER_BYTES,
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def lines() -> Iterator[str]:
    """All of them, as they stand on the page."""
    yield from _measured()
    yield ""
    yield from _carried()
    yield ""
    yield from _needs([need(listeners) for listeners in LISTENERS])


def _measured() -> Iterator[str]:
    yield "| work | server | Postgres | Valkey | how often a listener, an hour |"
    yield "|---|---:|---:|---:|---:|"
    often = HABITS.an_hour()
    for name, demand in MEASURED.items():
        yield (
            f"| {name} | {demand.server:.3f} ms | {demand.postgres:.3f} ms | {demand.valkey:.3f} ms | {often[name]:g} |"
        )


def _carried() -> Iterator[str]:
    yield "| one of these | carries listeners |"
    yield "|---|---:|"
    for name, count in carried().items():
        yield f"| {name} | {_rounded(count)} |"


def _needs(needs: list[Need]) -> Iterator[str]:
    yield f"| listeners at once | {' | '.join(f'{each.listeners:,}'.replace(',', ' ') for each in needs)} |"
    yield "|---|" + "---:|" * len(needs)
    rows = {
        "requests a second": [f"{each.requests:.1f}" for each in needs],
        "server processes": [str(each.servers) for each in needs],
        "1 request in 100 waits": [f"{each.wait_ms:.0f} ms" for each in needs],
        "processors for Postgres": [f"{each.postgres:.1f}" for each in needs],
        "Valkeys": [str(each.shards) for each in needs],
        "worker processes": [str(each.workers) for each in needs],
        "memory for sockets": [_bytes(each.listeners * parameters.SUBSCRIBER_BYTES) for each in needs],
        "sound that leaves": [f"{each.megabits:.0f} Mbit/s" for each in needs],
        f"machines of {MACHINE.cores} processors": [str(each.machines) for each in needs],
        "sent a month": [_bytes(each.egress_bytes) for each in needs],
        "new files a month": [_bytes(each.kept_bytes) for each in needs],
    }
    for name, cells in rows.items():
        yield f"| {name} | {' | '.join(cells)} |"


def _rounded(count: float) -> str:
    """Two digits are as many as this is worth."""
    scale = 10 ** max(math.floor(math.log10(count)) - 1, 0)
    return f"{round(count / scale) * scale:,}".replace(",", " ")


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} PB"
