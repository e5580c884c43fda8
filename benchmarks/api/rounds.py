"""Measurements in interleaved rounds, so that other load affects all servers alike; the ratio within a round counts."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from benchmarks.api import implementations, load_generator, workloads, wrk
from benchmarks.api.dataset import Dataset
from benchmarks.api.implementations import Implementation
from benchmarks.api.load_generator import LoadPlan, LoadResult
from benchmarks.api.workloads import Workload


@dataclass(frozen=True, slots=True)
class RoundPlan:
    rounds: int
    seconds: float
    connections: int
    max_responses: int = load_generator.NO_MAXIMUM


@dataclass(frozen=True, slots=True)
class Measurement:
    """One server and workload in one round; ``ratio`` is the rate relative to LIMIT in the same round."""

    result: LoadResult
    cpu_ms: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Row:
    """One server and workload over all rounds."""

    name: str
    workload: str
    measurements: Sequence[Measurement]

    @property
    def errors(self) -> int:
        """Number of responses with a status other than 200."""
        return sum(measurement.result.errors for measurement in self.measurements)

    def cells(self) -> list[str]:
        """Return the medians over all rounds, with the ranges of the ratio and of the CPU time."""
        cpu_times = [measurement.cpu_ms for measurement in self.measurements]
        ratios = [measurement.ratio for measurement in self.measurements]
        median = statistics.median
        return [
            self.name,
            f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            f"{median(measurement.result.per_second for measurement in self.measurements):.0f}",
            f"{median(measurement.result.p50_ms for measurement in self.measurements):.1f}",
            f"{median(measurement.result.p99_ms for measurement in self.measurements):.1f}",
            f"{median(cpu_times):.2f} ({min(cpu_times):.2f} to {max(cpu_times):.2f})",
        ]


async def check_responses(data: Dataset, servers: Sequence[Implementation], samples: int = 20) -> None:
    """Raise ValueError if a server returns wrong data, or servers return different data for the same row."""
    for row in data.sample_rows(samples):
        for index, workload in enumerate(workloads.REST):
            ids = workloads.expected_ids(data, workload.name, row)
            records = {server.name: await _fetch(server, server.workloads[index], data, row) for server in servers}
            for name, received in records.items():
                if [record[0] for record in received][: len(ids)] != ids or received != records[servers[0].name]:
                    raise ValueError(f"wrong response of {name} for row {row}: {received}")


async def _fetch(server: Implementation, workload: Workload, data: Dataset, row: int) -> workloads.Records:
    body = await implementations.send_request(server, workload.build_request(data, row))
    return workload.read_response(orjson.loads(body))


async def measure(data: Dataset, servers: Sequence[Implementation], plan: RoundPlan) -> list[Row]:
    """Measure all servers and workloads in each round, after one round of warm-up."""
    measurements: dict[tuple[str, str], list[Measurement]] = {}
    for number in range(-1, plan.rounds):
        for index, workload in enumerate(workloads.REST):
            results = [await _measure(data, server, server.workloads[index], plan) for server in servers]
            limit = results[0][0].per_second
            if number >= 0:
                for server, (result, cpu_ms) in zip(servers, results, strict=True):
                    measurement = Measurement(result, cpu_ms, result.per_second / limit)
                    measurements.setdefault((server.name, workload.name), []).append(measurement)
    return [Row(name, workload, found) for (name, workload), found in measurements.items()]


async def _measure(
    data: Dataset, server: Implementation, workload: Workload, plan: RoundPlan
) -> tuple[LoadResult, float]:
    load = LoadPlan(server.port, workload.build_requests(data), plan.connections, plan.seconds, plan.max_responses)
    before = server.cpu_seconds
    try:
        result = await (wrk.run(load) if wrk.is_usable(load.max_responses) else load_generator.run_in_subprocess(load))
    except RuntimeError as error:
        raise RuntimeError(f"{server.name}, workload {workload.name}: {error}") from error
    if not result.responses:
        raise RuntimeError(f"{server.name}, workload {workload.name}: no response in {plan.seconds:g} s")
    return result, 1000 * (server.cpu_seconds - before) / result.responses


def format_tables(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of one table for each workload."""
    for workload in dict.fromkeys(row.workload for row in rows):
        yield ""
        yield f"| workload {workload} | of LIMIT (min to max) | per second | p50 ms | p99 ms | CPU ms (min to max) |"
        yield "|---|---|---:|---:|---:|---|"
        for row in rows:
            if row.workload == workload:
                yield f"| {' | '.join(row.cells())} |"
                if row.errors:
                    yield f"**{row.errors} responses of {row.name} were errors**"
