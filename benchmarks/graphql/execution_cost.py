"""CPU time of one execution, by executor."""

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
    """CPU time of one execution of a document."""

    document: str
    executor: str
    microseconds: float


async def measure(rounds: int = 7) -> list[Cost]:
    """Return the minimum of several interleaved rounds, because other load can only add time."""
    root = documents.root_value()
    minimum: dict[tuple[str, str], float] = {}
    executors = {
        (name, executor): call for name, text in DOCUMENTS.items() for executor, call in _executors(text, root).items()
    }
    await _check_results(executors)
    for _ in range(rounds):
        for key, call in executors.items():
            minimum[key] = min(minimum.get(key, 1e9), await _microseconds(call))
    return [Cost(document, executor, cost) for (document, executor), cost in minimum.items()]


def format_table(costs: Sequence[Cost]) -> list[str]:
    strawberry = {cost.document: cost.microseconds for cost in costs if cost.executor == "strawberry"}
    rows = [f"{'document':<10}{'executor':<24}{'µs':>8}{'ratio':>8}"]
    for cost in costs:
        ratio = cost.microseconds / strawberry[cost.document]
        rows.append(f"{cost.document:<10}{cost.executor:<24}{cost.microseconds:>8.0f}{ratio:>8.3f}")
    return rows


def _executors(text: str, root: documents.Query) -> dict[str, Callable[[], Awaitable[Any]]]:
    strawberry_schema, compiled = documents.build_schema(is_compiled=False), documents.build_schema(is_compiled=True)
    document = CachedDocument(compiled, text, parse(text))
    compiled.document_cache.add(text, document)
    operation = document.operation(None)
    plan = document.plan(operation, NO_VARIABLES) if operation else None
    if plan is None:
        raise RuntimeError("the document has no plan")
    return {
        "strawberry": lambda: strawberry_schema.execute(text, root_value=root),
        "graphql-core alone": lambda: _execute_document(strawberry_schema, document.node, root),
        "compiled": lambda: compiled.execute(text, root_value=root),
        "plan alone": lambda: execute_plan(plan, None, root),
    }


async def _execute_document(schema: strawberry.Schema, document: DocumentNode, root: object) -> Any:  # noqa: ANN401
    """Execute a parsed and validated document with Strawberry's executor, without its extensions."""
    executor = StrawberryGraphQLCoreExecutionContext
    result: Any = execute(schema._schema, document, root_value=root, executor_class=executor)  # noqa: SLF001
    return await result


async def _check_results(executors: dict[tuple[str, str], Callable[[], Awaitable[Any]]]) -> None:
    """Raise RuntimeError if the executors return different results."""
    results = {(document, orjson.dumps((await call()).data)) for (document, _), call in executors.items()}
    if len(results) != len(DOCUMENTS):
        raise RuntimeError("the executors return different results")


async def _microseconds(call: Callable[[], Awaitable[Any]]) -> float:
    count, started_at = 0, time.process_time()
    while (seconds := time.process_time() - started_at) < _BATCH_SECONDS:
        for _ in range(20):
            await call()
        count += 20
    return seconds / count * 1e6
