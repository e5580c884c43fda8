"""The tables of docs/operations/scale.md: CPU costs, capacity of each resource, resources for many listeners."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.scale import parameters, queueing
from benchmarks.scale.parameters import ACTIVITY, LISTENERS, MACHINE, MEASURED

_HOUR = 3600
_MONTH_HOURS = 730


@dataclass(frozen=True, slots=True)
class Capacity:
    """Resources for a number of concurrent listeners."""

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
    """Return the operations per second."""
    return {name: listeners * count / _HOUR for name, count in ACTIVITY.requests_per_hour().items()}


def cpu_costs(component: str) -> dict[str, float]:
    """Return the CPU milliseconds of each operation in a component: "server", "postgres" or "valkey"."""
    return {name: getattr(demand, component) for name, demand in MEASURED.items()}


def required_capacity(listeners: int) -> Capacity:
    """Compute the resources: by simulation for server and Valkey, by division for the others."""
    rates = request_rates(listeners)
    servers = queueing.required_processors(rates, cpu_costs("server"), MACHINE.max_utilization, parameters.MAX_WAIT_MS)
    postgres = queueing.utilization(rates, cpu_costs("postgres"), 1) / MACHINE.max_utilization
    shards = queueing.required_processors(
        rates, cpu_costs("valkey"), parameters.MAX_VALKEY_UTILIZATION, parameters.MAX_WAIT_MS
    )
    workers = math.ceil(rates["submit"] * parameters.RENDER_SECONDS / MACHINE.max_utilization)
    megabits = listeners * ACTIVITY.kilobits / 1000
    cores = servers + math.ceil(postgres) + shards + workers
    new_bytes = rates["submit"] * parameters.TRACK_BYTES * _HOUR * _MONTH_HOURS
    return Capacity(
        listeners=listeners,
        requests=sum(rates[name] for name in rates if name not in {"event", "message"}),
        servers=servers,
        wait_ms=queueing.wait_ms(rates, cpu_costs("server"), servers),
        postgres=postgres,
        shards=shards,
        workers=workers,
        megabits=megabits,
        machines=max(
            math.ceil(cores / MACHINE.cores), math.ceil(megabits / MACHINE.megabits / MACHINE.max_utilization)
        ),
        egress_bytes=megabits / 8 * 1e6 * _HOUR * _MONTH_HOURS,
        new_bytes=new_bytes,
    )


def listeners_per_component() -> Mapping[str, float]:
    """Return the listeners that one of each resource carries; the first is the first bottleneck."""
    one = request_rates(1)
    listeners = {
        "one worker process (rendering)": MACHINE.max_utilization / (one["submit"] * parameters.RENDER_SECONDS),
        "one server process (CPU)": MACHINE.max_utilization / queueing.utilization(one, cpu_costs("server"), 1),
        f"one Postgres with {MACHINE.cores} cores": MACHINE.cores
        * MACHINE.max_utilization
        / queueing.utilization(one, cpu_costs("postgres"), 1),
        "one Valkey (CPU)": parameters.MAX_VALKEY_UTILIZATION / queueing.utilization(one, cpu_costs("valkey"), 1),
        f"a network link of {MACHINE.megabits:.0f} Mbit/s": MACHINE.megabits
        * MACHINE.max_utilization
        / (ACTIVITY.kilobits / 1000),
        "one server process (4 GB of memory for sockets)": 4e9 / parameters.SUBSCRIBER_BYTES,
    }
    return dict(sorted(listeners.items(), key=lambda pair: pair[1]))


def format_tables() -> Iterator[str]:
    """Yield the lines of all tables."""
    yield from _cost_table()
    yield ""
    yield from _resource_table()
    yield ""
    yield from _listener_table([required_capacity(listeners) for listeners in LISTENERS])


def _cost_table() -> Iterator[str]:
    yield "| operation | server | Postgres | Valkey | per listener and hour |"
    yield "|---|---:|---:|---:|---:|"
    rates = ACTIVITY.requests_per_hour()
    for name, demand in MEASURED.items():
        yield (
            f"| {name} | {demand.server:.3f} ms | {demand.postgres:.3f} ms | {demand.valkey:.3f} ms | {rates[name]:g} |"
        )


def _resource_table() -> Iterator[str]:
    yield "| resource | listeners |"
    yield "|---|---:|"
    for name, count in listeners_per_component().items():
        yield f"| {name} | {_rounded(count)} |"


def _listener_table(capacities: list[Capacity]) -> Iterator[str]:
    counts = [f"{capacity.listeners:,}".replace(",", " ") for capacity in capacities]
    yield f"| concurrent listeners | {' | '.join(counts)} |"
    yield "|---|" + "---:|" * len(capacities)
    rows = {
        "requests per second": [f"{capacity.requests:.1f}" for capacity in capacities],
        "server processes": [str(capacity.servers) for capacity in capacities],
        "waiting time, 99th percentile": [f"{capacity.wait_ms:.0f} ms" for capacity in capacities],
        "cores for Postgres": [f"{capacity.postgres:.1f}" for capacity in capacities],
        "Valkey processes": [str(capacity.shards) for capacity in capacities],
        "worker processes": [str(capacity.workers) for capacity in capacities],
        "memory for sockets": [_bytes(capacity.listeners * parameters.SUBSCRIBER_BYTES) for capacity in capacities],
        "outgoing audio": [f"{capacity.megabits:.0f} Mbit/s" for capacity in capacities],
        f"machines with {MACHINE.cores} cores": [str(capacity.machines) for capacity in capacities],
        "outgoing data per month": [_bytes(capacity.egress_bytes) for capacity in capacities],
        "new files per month": [_bytes(capacity.new_bytes) for capacity in capacities],
    }
    for name, cells in rows.items():
        yield f"| {name} | {' | '.join(cells)} |"


def _rounded(count: float) -> str:
    """Round to two significant digits."""
    scale = 10 ** max(math.floor(math.log10(count)) - 1, 0)
    return f"{round(count / scale) * scale:,}".replace(",", " ")


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} PB"
