"""The document cache, and which operations have plans."""

import gc
from collections.abc import Iterator
from typing import Any, Final

import pytest
from graphql import parse
from graphql.execution.values import VariableValues
from graphql.validation import NoSchemaIntrospectionCustomRule
from strawberry.extensions import SchemaExtension

from core.settings import DocumentSettings
from schema.execution import CachedDocument, CompiledSchema, DocumentCache, ExecutionPolicy
from schema.execution.plans import MAX_FIELDS
from schema.limits import complexity, document_limits
from tests.support.graphql import misbehaving_schema
from tests.support.graphql.misbehaving_schema import ScriptedContext

COMPILED: Final = misbehaving_schema.build_schema(is_compiled=True)
STOCK: Final = misbehaving_schema.build_schema(is_compiled=False)


def document(text: str) -> CachedDocument:
    return CachedDocument(COMPILED, text, parse(text))


def has_plan(text: str, **variables: object) -> bool:
    cached = document(text)
    operation = cached.operation(None)
    assert operation is not None
    return cached.plan(operation, VariableValues({}, dict(variables))) is not None


def test_the_least_recently_used_document_is_evicted_first() -> None:
    documents = DocumentCache(max_documents=2)
    for text in ("{a}", "{b}"):
        documents.add(text, document(text))
    documents.find("{a}")
    documents.add("{c}", document("{c}"))
    assert [documents.find(text) is not None for text in ("{a}", "{b}", "{c}")] == [True, False, True]
    assert len(documents) == 2


def test_the_total_length_is_limited_and_a_very_long_document_is_not_cached() -> None:
    documents = DocumentCache(max_characters=20_000)
    texts = [f"{{ a{number} }} # {'x' * 2_000}" for number in range(30)]
    for text in texts:
        documents.add(text, document(text))
    assert len(documents) == 9
    assert documents.find(texts[-1]) is not None
    documents.add(text := f"{{ a }} # {'x' * 3_000}", document(text))
    assert documents.find(text) is None


def test_a_document_is_found_by_its_node_until_it_is_evicted() -> None:
    documents, first = DocumentCache(max_documents=1), document("{a}")
    documents.add("{a}", first)
    assert documents.find_by_node(first.node) is first
    documents.add("{b}", document("{b}"))
    assert documents.find_by_node(first.node) is None


@pytest.mark.parametrize(
    "text",
    [
        "mutation { grow { name } }",
        "{ __schema { queryType { name } } }",
        '{ __type(name: "Leaf") { name } branch { name } }',
        "{ branch {" + " ".join(f"a{number}: name" for number in range(MAX_FIELDS + 1)) + "} }",
    ],
    ids=["mutation", "schema", "type", "large"],
)
async def test_operations_without_a_plan_use_the_stock_executor(text: str) -> None:
    assert not has_plan(text)
    for _ in range(2):
        result = await COMPILED.execute(text, context_value=ScriptedContext({}))
        assert result.errors is None
        assert result.data == (await STOCK.execute(text, context_value=ScriptedContext({}))).data


def test_each_combination_of_conditions_has_its_own_plan_up_to_a_limit() -> None:
    names = [f"v{number}" for number in range(5)]
    declared, used = (
        (", ".join(f"${name}: Boolean!" for name in names)),
        " ".join(f"a{name}: name @include(if: ${name})" for name in names),
    )
    cached = document(f"query({declared}) {{ branch {{ {used} }} }}")
    operation = cached.operation(None)
    assert operation is not None
    choices = [
        VariableValues({}, {name: bool(which >> at & 1) for at, name in enumerate(names)}) for which in range(32)
    ]
    assert sum(cached.plan(operation, choice) is not None for choice in choices) == 16
    assert cached.plan(operation, choices[0]) is cached.plan(operation, choices[0])


def test_a_condition_that_is_missing_or_null_has_no_plan() -> None:
    text = "query($v: Boolean = true) { branch { name @include(if: $v) } }"
    assert [has_plan(text, v=True), has_plan(text, v=None), has_plan(text)] == [True, False, False]


async def test_a_repeated_mutation_runs_once_per_request() -> None:
    for _ in range(3):
        stage = ScriptedContext({})
        result = await COMPILED.execute("mutation { grow { name sync } }", context_value=stage)
        assert (result.errors, stage.calls) == (None, ["grow", "sync"])


async def test_a_document_is_compiled_when_it_is_repeated() -> None:
    text = "{ branch { only: name } }"
    await COMPILED.execute(text, context_value=ScriptedContext({}))
    cached = COMPILED.document_cache.find(text)
    assert cached is not None
    assert not cached._plans
    await COMPILED.execute(text, context_value=ScriptedContext({}))
    assert all(cached._plans.values())


async def test_an_invalid_document_is_not_cached() -> None:
    for text in ("{ nothing }", "{ branch { name }", ""):
        if text:
            assert (await COMPILED.execute(text, context_value=ScriptedContext({}))).errors
        assert COMPILED.document_cache.find(text) is None


async def test_subscription_events_are_executed_by_a_plan() -> None:
    below = "name later leaf { at price } branches(number: 1) { maybeLater(way: true) }"
    text = f"subscription {{ grown(times: 3) {{ {below} }} }}"
    script = {"maybe_later": RuntimeError("broken")}
    responses: list[list[Any]] = []
    for schema in (STOCK, COMPILED):
        events = await schema.stream(text, context_value=ScriptedContext(script))
        responses.append([(event.data, [error.formatted for error in event.errors or ()]) async for event in events])  # type: ignore[union-attr]
    assert len(responses[0]) == 3
    assert responses[0] == responses[1]
    cached = COMPILED.document_cache.find(text)
    assert cached is not None
    assert all(cached._plans.values())


class _NoIntrospection(SchemaExtension):
    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if context.context is None:
            context.validation_rules = (*context.validation_rules, NoSchemaIntrospectionCustomRule)
        yield


async def test_validation_rules_of_extensions_apply_to_cached_documents() -> None:
    policy = ExecutionPolicy(
        allows=lambda *_: True, new_context=lambda context: context, format_error=lambda error: error
    )
    schema = CompiledSchema(query=misbehaving_schema.Query, extensions=[_NoIntrospection], policy=policy)
    text = "{ __schema { queryType { name } } }"
    assert (await schema.execute(text, context_value=ScriptedContext({}))).errors is None
    assert schema.document_cache.find(text) is not None
    assert (await schema.execute(text, context_value=None)).errors is not None


def test_a_cached_size_depends_on_the_page_sizes_alone() -> None:
    text = "query($n: Int = 50, $ids: [ID!], $x: String) { a(first: $n, x: $x) { edges { b } } nodes(ids: $ids) { c } }"
    node = parse(text)
    for variables in (
        {"n": 5},
        {"n": 7},
        {"n": 5, "ids": ["a", "b"], "x": "y"},
        {"n": True},
        {"n": "5"},
        {"ids": 2},
        {},
        {"n": None},
    ):
        assert complexity.measure_cached(node, variables) == complexity.measure(node, variables)
    assert complexity.measure_cached(node, {"n": 5, "x": "a"}) is complexity.measure_cached(node, {"n": 5, "x": "b"})


def test_sizes_are_released_with_their_document() -> None:
    before = len(complexity._caches)
    node = parse("{ a(first: 3) { b } }")
    complexity.measure_cached(node, {})
    assert len(complexity._caches) == before + 1
    del node
    gc.collect()
    assert len(complexity._caches) <= before


def test_a_cached_document_over_the_limits_is_not_allowed() -> None:
    cached = document("query($n: Int!) { branches(first: $n) { edges { name } } }")
    limits = DocumentSettings(max_cost=50)
    assert [document_limits.allows(limits, cached, {"n": count}, {}) for count in (10, 100)] == [True, False]
    assert not document_limits.allows(limits, cached, {"n": 10}, {"size": True})
