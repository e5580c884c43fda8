"""Rounds in turn, so that whatever else the machine does meets everybody alike; what counts is the ratio in a round."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from benchmarks.api import implementations, load_generator, workloads, wrk
from benchmarks.api.dataset import World
from benchmarks.api.implementations import Contestant
from benchmarks.api.load_generator import Job, Result
from benchmarks.api.workloads import Work


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard."""

    rounds: int
    seconds: float
    connections: int
    most: int = load_generator.ANY


@dataclass(frozen=True, slots=True)
class Turn:
    """One contestant at one work in one round; ``ratio`` to LIMIT in the same round."""

    result: Result
    cpu_ms: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Line:
    """One contestant at one work over all rounds."""

    name: str
    work: str
    turns: Sequence[Turn]

    @property
    def refused(self) -> int:
        """Answers that were not 200."""
        return sum(turn.result.refused for turn in self.turns)

    def cells(self) -> list[str]:
        """Medians over the rounds, and how far the ratio went."""
        ratios = [turn.ratio for turn in self.turns]
        median = statistics.median
        return [
            self.name,
            f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            f"{median(turn.result.per_second for turn in self.turns):.0f}",
            f"{median(turn.result.p50_ms for turn in self.turns):.1f}",
            f"{median(turn.result.p99_ms for turn in self.turns):.1f}",
            f"{median(turn.cpu_ms for turn in self.turns):.2f}",
        ]


async def check(world: World, field: Sequence[Contestant], samples: int = 20) -> None:
    """Make sure that all tell the same of the same rows, and that it is right. Raises ValueError."""
    for number in world.sample(samples):
        for at in range(len(workloads.REST)):
            told = {one.name: await _facts(one, one.works[at], world, number) for one in field}
            wanted = workloads.expected(world, workloads.REST[at].name, number)
            for name, facts in told.items():
                if [fact[0] for fact in facts][: len(wanted)] != wanted or facts != told[field[0].name]:
                    raise ValueError(f"{name} tells of row {number}: {facts}")


async def _facts(one: Contestant, work: Work, world: World, number: int) -> workloads.Facts:
    return work.facts(orjson.loads(await implementations.asked(one, work.request(world, number))))


async def measure(world: World, field: Sequence[Contestant], plan: Plan) -> list[Line]:
    """Everybody at every work in every round, after one turn that does not count."""
    turns: dict[tuple[str, str], list[Turn]] = {}
    for number in range(-1, plan.rounds):
        for at, work in enumerate(workloads.REST):
            results = [await _turn(world, one, one.works[at], plan) for one in field]
            best = results[0][0].per_second
            if number >= 0:
                for one, (result, cpu_ms) in zip(field, results, strict=True):
                    turn = Turn(result, cpu_ms, result.per_second / best)
                    turns.setdefault((one.name, work.name), []).append(turn)
    return [Line(name, work, found) for (name, work), found in turns.items()]


async def _turn(world: World, one: Contestant, work: Work, plan: Plan) -> tuple[Result, float]:
    job = Job(one.port, work.requests(world), plan.connections, plan.seconds, plan.most)
    before = one.cpu_seconds
    result = await (wrk.run(job) if wrk.serves(job.most) else load_generator.elsewhere(job))
    return result, 1000 * (one.cpu_seconds - before) / result.answers


def lines(found: Sequence[Line]) -> Iterator[str]:
    """A table for each work."""
    for work in dict.fromkeys(line.work for line in found):
        yield ""
        yield f"| work {work} | of LIMIT (worst to best round) | a second | p50 ms | p99 ms | CPU ms |"
        yield "|---|---|---:|---:|---:|---:|"
        for line in found:
            if line.work == work:
                yield f"| {' | '.join(line.cells())} |"
                if line.refused:
                    yield f"**{line.refused} answers of {line.name} were refusals**"
