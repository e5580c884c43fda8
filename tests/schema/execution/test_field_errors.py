"""Plans give the same errors as the stock executor, byte for byte, and call the same resolvers."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import orjson
import pytest
from graphql import parse, validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.execution import CachedDocument, CompiledSchema
from schema.execution.strawberry_internals import core_schema
from tests.support.graphql import document_generator, misbehaving_schema
from tests.support.graphql.misbehaving_schema import Mood, ScriptedContext

# an error cancels siblings that have not started; graphql-core and plans leave their coroutines unawaited
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("collect_garbage"),
]

STOCK: Final = misbehaving_schema.build_schema(is_compiled=False)
COMPILED: Final = misbehaving_schema.build_schema(is_compiled=True)
LITERALS: Final[document_generator.Literals] = {
    "Int": ["0", "1", "3"],
    "Boolean": ["true", "false"],
    "which": ['"branch"', '"twig"'],
}
BROKEN: Final = RuntimeError("broken")
ODD: Final = [None, 2**40, "x", float("nan"), BROKEN, True, [1], ["a", None], Mood.BRIGHT, "calm", ("t",), 3.0]
TWIG: Final = misbehaving_schema.Twig(name="x", length=1)
FAULTS: Final[dict[str, list[Any]]] = {
    **{
        f"leaf {name}": ODD for name in ("text", "number", "amount", "is_good", "mood", "at", "price", "words", "notes")
    },
    "leaf": [None, "no leaf", BROKEN, {}],
    "leaves": [
        None,
        [],
        [None],
        "text",
        5,
        (misbehaving_schema.build_leaf({}),),
        [misbehaving_schema.build_leaf({}), BROKEN],
    ],
    "name": [None, 5],
    **{name: [None, BROKEN, 5, ["x"]] for name in ("sync", "maybe_sync", "later", "maybe_later")},
    **{name: [None, BROKEN, [], [None], "text"] for name in ("branches", "maybe_branches", "things")},
    **{
        name: [None, BROKEN, TWIG, misbehaving_schema.build_leaf({}), 5]
        for name in ("thing", "named", "branch", "maybe_branch")
    },
    **{f"{name} takes": [1, 2] for name in ("later", "maybe_later", "branches", "maybe_branches", "named")},
}
SCRIPTS: Final = st.lists(st.sampled_from(sorted(FAULTS)), max_size=4, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: st.sampled_from(FAULTS[name]) for name in names})
)
EVERYTHING: Final = """
fragment L on Leaf { text number amount isGood mood at price words notes }
fragment B on Branch {
  name leaf { ...L } maybeLeaf { ...L } leaves { ...L } maybeLeaves { ...L }
  sync maybeSync(times: 2) later maybeLater(way: true)
  thing { __typename ... on Twig { length } ... on Named { name } }
  named { name __typename }
  things { ... on Named { name } }
}
query { branch { ...B branches { ...B } maybeBranches { later ...B } } maybeBranch { ...B } }
"""
MAYBE: Final = """
{
  maybeBranch {
    maybeBranches { maybeLater later sync }
    later maybeSync named { name } branches { later things { ... on Twig { length } } }
  }
}
"""


async def execute(
    schema: CompiledSchema, document: str, variables: dict[str, Any], script: Mapping[str, Any]
) -> tuple[bytes, list[str]]:
    stage = ScriptedContext(script)
    result = await schema.execute(document, variables, context_value=stage)
    errors = [error.formatted for error in result.errors or ()]
    return orjson.dumps({"data": result.data, "errors": errors}), sorted(stage.calls)


async def compare(document: str, variables: dict[str, Any], script: Mapping[str, Any]) -> None:
    if COMPILED.document_cache.find(document) is None:
        node = parse(document)
        assert validate(core_schema(COMPILED), node) == []
        COMPILED.document_cache.add(document, CachedDocument(COMPILED, document, node))
    expected = await execute(STOCK, document, variables, script)
    assert await execute(COMPILED, document, variables, script) == expected
    cached = COMPILED.document_cache.find(document)
    assert cached is not None
    assert cached._plans
    assert None not in cached._plans.values()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(st.integers(0, 10**6), SCRIPTS)
def test_generated_documents_with_faults_have_equal_responses(seed: int, script: dict[str, Any]) -> None:
    asyncio.run(compare(*document_generator.generate_document(seed, core_schema(STOCK), LITERALS), script))


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_gives_equal_errors(name: str) -> None:
    for fault in FAULTS[name]:
        asyncio.run(compare(EVERYTHING, {}, {name: fault}))


@pytest.mark.parametrize("name", ["sync", "later", "things", "named", "maybe_branches"])
@pytest.mark.parametrize("takes", [1, 2])
def test_errors_below_a_null_are_dropped(name: str, takes: int) -> None:
    late = {"later": BROKEN, "maybe_later": BROKEN, "later takes": takes, "named takes": 3}
    for fault in FAULTS[name]:
        asyncio.run(compare(MAYBE, {}, {**late, name: fault}))
