"""Microseconds of this process for an answer, by each way of making it."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import strawberry
from graphql import DocumentNode, execute, parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from benchmarks.graphql import documents
from schema.execution import NO_VARIABLES, CachedDocument, execute_plan

DOCUMENTS: Final = {"A": documents.JOB_DOCUMENT, "B": documents.LIBRARY_DOCUMENT}
_BATCH_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Cost:
    """One way of answering one work."""

    document: str
    executor: str
    microseconds: float


async def measure(rounds: int = 7) -> list[Cost]:
    """The least of several rounds, ways in turn: other work on the machine only adds."""
    root = documents.root_value()
    found: dict[tuple[str, str], float] = {}
    ways = {(name, way): call for name, text in DOCUMENTS.items() for way, call in _ways(text, root).items()}
    await _agree(ways)
    for _ in range(rounds):
        for key, call in ways.items():
            found[key] = min(found.get(key, 1e9), await _microseconds(call))
    return [Cost(work, way, cost) for (work, way), cost in found.items()]


def format_table(costs: Sequence[Cost]) -> list[str]:
    strawberry = {cost.document: cost.microseconds for cost in costs if cost.executor == "strawberry"}
    rows = [f"{'document':<10}{'executor':<24}{'µs':>8}{'ratio':>8}"]
    for cost in costs:
        ratio = cost.microseconds / strawberry[cost.document]
        rows.append(f"{cost.document:<10}{cost.executor:<24}{cost.microseconds:>8.0f}{ratio:>8.3f}")
    return rows


def _ways(text: str, root: documents.Query) -> dict[str, Callable[[], Awaitable[Any]]]:
    stock, compiled = documents.build_schema(is_compiled=False), documents.build_schema(is_compiled=True)
    document = CachedDocument(compiled, text, parse(text))
    compiled.document_cache.add(text, document)
    operation = document.operation(None)
    plan = document.plan(operation, NO_VARIABLES) if operation else None
    if plan is None:
        raise RuntimeError("the works have plans")
    return {
        "strawberry": lambda: stock.execute(text, root_value=root),
        "graphql-core alone": lambda: _executed(stock, document.node, root),
        "compiled": lambda: compiled.execute(text, root_value=root),
        "plan alone": lambda: execute_plan(plan, None, root),
    }


async def _executed(schema: strawberry.Schema, document: DocumentNode, root: object) -> Any:  # noqa: ANN401
    """By the stock executor, of a document that was parsed and validated."""
    executor = StrawberryGraphQLCoreExecutionContext
    result: Any = execute(schema._schema, document, root_value=root, executor_class=executor)  # noqa: SLF001
    return await result


async def _agree(ways: dict[tuple[str, str], Callable[[], Awaitable[Any]]]) -> None:
    """Nothing is measured that answers differently."""
    told = {(work, orjson.dumps((await call()).data)) for (work, _), call in ways.items()}
    if len(told) != len(DOCUMENTS):
        raise RuntimeError("the ways answer differently")


async def _microseconds(call: Callable[[], Awaitable[Any]]) -> float:
    count, started = 0, time.process_time()
    while (spent := time.process_time() - started) < _BATCH_SECONDS:
        for _ in range(20):
            await call()
        count += 20
    return spent / count * 1e6
