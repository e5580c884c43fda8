"""Rounds in turn, so that whatever else the machine does meets everybody alike; what counts is the ratio in a round."""

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
    """How long and how hard."""

    rounds: int
    seconds: float
    connections: int
    max_responses: int = load_generator.NO_MAXIMUM


@dataclass(frozen=True, slots=True)
class Measurement:
    """One contestant at one work in one round; ``ratio`` to LIMIT in the same round."""

    result: LoadResult
    cpu_ms: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Row:
    """One contestant at one work over all rounds."""

    name: str
    workload: str
    measurements: Sequence[Measurement]

    @property
    def errors(self) -> int:
        """Answers that were not 200."""
        return sum(turn.result.errors for turn in self.measurements)

    def cells(self) -> list[str]:
        """Medians over the rounds, and how far the ratio went."""
        ratios = [turn.ratio for turn in self.measurements]
        median = statistics.median
        return [
            self.name,
            f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            f"{median(turn.result.per_second for turn in self.measurements):.0f}",
            f"{median(turn.result.p50_ms for turn in self.measurements):.1f}",
            f"{median(turn.result.p99_ms for turn in self.measurements):.1f}",
            f"{median(turn.cpu_ms for turn in self.measurements):.2f}",
        ]


async def check_responses(world: Dataset, field: Sequence[Implementation], samples: int = 20) -> None:
    """Make sure that all tell the same of the same rows, and that it is right. Raises ValueError."""
    for number in world.sample_rows(samples):
        for at in range(len(workloads.REST)):
            told = {one.name: await _facts(one, one.workloads[at], world, number) for one in field}
            wanted = workloads.expected_ids(world, workloads.REST[at].name, number)
            for name, facts in told.items():
                if [fact[0] for fact in facts][: len(wanted)] != wanted or facts != told[field[0].name]:
                    raise ValueError(f"{name} tells of row {number}: {facts}")


async def _facts(one: Implementation, work: Workload, world: Dataset, number: int) -> workloads.Records:
    return work.read_response(orjson.loads(await implementations.send_request(one, work.build_request(world, number))))


async def measure(world: Dataset, field: Sequence[Implementation], plan: RoundPlan) -> list[Row]:
    """Everybody at every work in every round, after one turn that does not count."""
    turns: dict[tuple[str, str], list[Measurement]] = {}
    for number in range(-1, plan.rounds):
        for at, work in enumerate(workloads.REST):
            results = [await _turn(world, one, one.workloads[at], plan) for one in field]
            best = results[0][0].per_second
            if number >= 0:
                for one, (result, cpu_ms) in zip(field, results, strict=True):
                    turn = Measurement(result, cpu_ms, result.per_second / best)
                    turns.setdefault((one.name, work.name), []).append(turn)
    return [Row(name, work, found) for (name, work), found in turns.items()]


async def _turn(world: Dataset, one: Implementation, work: Workload, plan: RoundPlan) -> tuple[LoadResult, float]:
    job = LoadPlan(one.port, work.build_requests(world), plan.connections, plan.seconds, plan.max_responses)
    before = one.cpu_seconds
    result = await (wrk.run(job) if wrk.is_usable(job.max_responses) else load_generator.run_in_subprocess(job))
    return result, 1000 * (one.cpu_seconds - before) / result.responses


def format_tables(found: Sequence[Row]) -> Iterator[str]:
    """A table for each work."""
    for work in dict.fromkeys(line.workload for line in found):
        yield ""
        yield f"| work {work} | of LIMIT (worst to best round) | a second | p50 ms | p99 ms | CPU ms |"
        yield "|---|---|---:|---:|---:|---:|"
        for line in found:
            if line.workload == work:
                yield f"| {' | '.join(line.cells())} |"
                if line.errors:
                    yield f"**{line.errors} answers of {line.name} were refusals**"
