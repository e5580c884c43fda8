"""Tables of docs/operations/scale.md: capacity of each part, cost of listeners, weight and cost of files."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.scale import parameters, queueing
from benchmarks.scale.parameters import ACTIVITY, LISTENERS, MACHINE, MEASURED

_HOUR = 3600
_MONTH_HOURS = 730


@dataclass(frozen=True, slots=True)
class Capacity:
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
    new_bytes: float


def request_rates(listeners: int) -> dict[str, float]:
    """How often each work comes, a second."""
    return {name: listeners * often / _HOUR for name, often in ACTIVITY.requests_per_hour().items()}


def cpu_costs(part: str) -> dict[str, float]:
    """Milliseconds of each work at a part."""
    return {name: getattr(demand, part) for name, demand in MEASURED.items()}


def required_capacity(listeners: int) -> Capacity:
    """By simulation where there is a queue, by division where there is none."""
    often = request_rates(listeners)
    servers = queueing.required_processors(often, cpu_costs("server"), MACHINE.max_utilization, parameters.MAX_WAIT_MS)
    postgres = queueing.utilization(often, cpu_costs("postgres"), 1) / MACHINE.max_utilization
    shards = queueing.required_processors(
        often, cpu_costs("valkey"), parameters.MAX_VALKEY_UTILIZATION, parameters.MAX_WAIT_MS
    )
    workers = math.ceil(often["submit"] * parameters.RENDER_SECONDS / MACHINE.max_utilization)
    megabits = listeners * ACTIVITY.kilobits / 1000
    cores = servers + math.ceil(postgres) + shards + workers
    kept = often["submit"] * parameters.TRACK_BYTES * _HOUR * _MONTH_HOURS
    return Capacity(
        listeners=listeners,
        requests=sum(often[name] for name in often if name not in {"event", "message"}),
        servers=servers,
        wait_ms=queueing.wait_ms(often, cpu_costs("server"), servers),
        postgres=postgres,
        shards=shards,
        workers=workers,
        megabits=megabits,
        machines=max(
            math.ceil(cores / MACHINE.cores), math.ceil(megabits / MACHINE.megabits / MACHINE.max_utilization)
        ),
        egress_bytes=megabits / 8 * 1e6 * _HOUR * _MONTH_HOURS,
        new_bytes=kept,
    )


def listeners_per_component() -> Mapping[str, float]:
    """How many listeners one of each carries, least first: what stands first breaks first."""
    one = request_rates(1)
    found = {
        "one worker process (renders)": MACHINE.max_utilization / (one["submit"] * parameters.RENDER_SECONDS),
        "one server process (its processor)": MACHINE.max_utilization
        / queueing.utilization(one, cpu_costs("server"), 1),
        f"one Postgres of {MACHINE.cores} processors": MACHINE.cores
        * MACHINE.max_utilization
        / queueing.utilization(one, cpu_costs("postgres"), 1),
        "one Valkey (its processor)": parameters.MAX_VALKEY_UTILIZATION
        / queueing.utilization(one, cpu_costs("valkey"), 1),
        f"a line of {MACHINE.megabits:.0f} Mbit/s": MACHINE.megabits
        * MACHINE.max_utilization
        / (ACTIVITY.kilobits / 1000),
        "one server process (4 GB for sockets)": 4e9 / parameters.SUBSCRIBER_BYTES,
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def format_tables() -> Iterator[str]:
    """All of them, as they stand on the page."""
    yield from _measured()
    yield ""
    yield from _carried()
    yield ""
    yield from _needs([required_capacity(listeners) for listeners in LISTENERS])


def _measured() -> Iterator[str]:
    yield "| work | server | Postgres | Valkey | how often a listener, an hour |"
    yield "|---|---:|---:|---:|---:|"
    often = ACTIVITY.requests_per_hour()
    for name, demand in MEASURED.items():
        yield (
            f"| {name} | {demand.server:.3f} ms | {demand.postgres:.3f} ms | {demand.valkey:.3f} ms | {often[name]:g} |"
        )


def _carried() -> Iterator[str]:
    yield "| one of these | carries listeners |"
    yield "|---|---:|"
    for name, count in listeners_per_component().items():
        yield f"| {name} | {_rounded(count)} |"


def _needs(needs: list[Capacity]) -> Iterator[str]:
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
        "new files a month": [_bytes(each.new_bytes) for each in needs],
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
