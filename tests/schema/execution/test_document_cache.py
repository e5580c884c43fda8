"""Which documents are kept and which have plans; what has none is left to the stock executor before anything ran."""

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
from schema.limits import complexity, complexity_cache, document_limits
from tests.support import misbehaving_schema
from tests.support.misbehaving_schema import Stage

COMPILED: Final = misbehaving_schema.schema(is_compiled=True)
STOCK: Final = misbehaving_schema.schema(is_compiled=False)


def document(text: str) -> CachedDocument:
    return CachedDocument(COMPILED, text, parse(text))


def has_plan(text: str, **variables: object) -> bool:
    made = document(text)
    operation = made.operation(None)
    assert operation is not None
    return made.plan(operation, VariableValues({}, dict(variables))) is not None


def test_the_document_that_was_not_asked_for_longest_goes_first() -> None:
    documents = DocumentCache(max_documents=2)
    for text in ("{a}", "{b}"):
        documents.add(text, document(text))
    documents.find("{a}")
    documents.add("{c}", document("{c}"))
    assert [documents.find(text) is not None for text in ("{a}", "{b}", "{c}")] == [True, False, True]
    assert len(documents) == 2


def test_long_documents_are_bounded_together_and_a_very_long_one_is_not_kept() -> None:
    documents = DocumentCache(max_characters=20_000)
    texts = [f"{{ a{number} }} # {'x' * 2_000}" for number in range(30)]
    for text in texts:
        documents.add(text, document(text))
    assert len(documents) == 9
    assert documents.find(texts[-1]) is not None
    documents.add(text := f"{{ a }} # {'x' * 3_000}", document(text))
    assert documents.find(text) is None


def test_a_kept_document_is_found_by_its_node_until_it_goes() -> None:
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
async def test_what_has_no_plan_is_answered_by_the_stock_executor(text: str) -> None:
    assert not has_plan(text)
    for _ in range(2):
        answer = await COMPILED.execute(text, context_value=Stage({}))
        assert answer.errors is None
        assert answer.data == (await STOCK.execute(text, context_value=Stage({}))).data


def test_each_choice_of_conditions_has_a_plan_of_its_own_up_to_a_limit() -> None:
    names = [f"v{number}" for number in range(5)]
    declared, used = (
        (", ".join(f"${name}: Boolean!" for name in names)),
        " ".join(f"a{name}: name @include(if: ${name})" for name in names),
    )
    made = document(f"query({declared}) {{ branch {{ {used} }} }}")
    operation = made.operation(None)
    assert operation is not None
    choices = [
        VariableValues({}, {name: bool(which >> at & 1) for at, name in enumerate(names)}) for which in range(32)
    ]
    assert sum(made.plan(operation, choice) is not None for choice in choices) == 16
    assert made.plan(operation, choices[0]) is made.plan(operation, choices[0])


def test_a_condition_that_is_missing_or_null_has_no_plan() -> None:
    text = "query($v: Boolean = true) { branch { name @include(if: $v) } }"
    assert [has_plan(text, v=True), has_plan(text, v=None), has_plan(text)] == [True, False, False]


async def test_a_mutation_runs_once_however_often_its_document_came() -> None:
    for _ in range(3):
        stage = Stage({})
        answer = await COMPILED.execute("mutation { grow { name sync } }", context_value=stage)
        assert (answer.errors, stage.calls) == (None, ["grow", "sync"])


async def test_a_document_is_compiled_when_it_comes_again() -> None:
    text = "{ branch { only: name } }"
    await COMPILED.execute(text, context_value=Stage({}))
    kept = COMPILED.document_cache.find(text)
    assert kept is not None
    assert not kept._plans
    await COMPILED.execute(text, context_value=Stage({}))
    assert all(kept._plans.values())


async def test_a_document_that_is_not_valid_is_not_kept() -> None:
    for text in ("{ nothing }", "{ branch { name }", ""):
        if text:
            assert (await COMPILED.execute(text, context_value=Stage({}))).errors
        assert COMPILED.document_cache.find(text) is None


async def test_events_of_a_subscription_are_answered_by_its_plan() -> None:
    below = "name later leaf { at price } branches(number: 1) { maybeLater(way: true) }"
    text = f"subscription {{ grown(times: 3) {{ {below} }} }}"
    script = {"maybe_later": RuntimeError("broken")}
    told: list[list[Any]] = []
    for schema in (STOCK, COMPILED):
        events = await schema.stream(text, context_value=Stage(script))
        told.append([(event.data, [error.formatted for error in event.errors or ()]) async for event in events])  # type: ignore[union-attr]
    assert len(told[0]) == 3
    assert told[0] == told[1]
    kept = COMPILED.document_cache.find(text)
    assert kept is not None
    assert all(kept._plans.values())


class _Closed(SchemaExtension):
    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if context.context is None:
            context.validation_rules = (*context.validation_rules, NoSchemaIntrospectionCustomRule)
        yield


async def test_a_rule_that_an_extension_adds_for_a_caller_holds_for_a_kept_document() -> None:
    policy = ExecutionPolicy(
        allows=lambda *_: True, new_context=lambda context: context, format_error=lambda error: error
    )
    schema = CompiledSchema(query=misbehaving_schema.Query, extensions=[_Closed], policy=policy)
    text = "{ __schema { queryType { name } } }"
    assert (await schema.execute(text, context_value=Stage({}))).errors is None
    assert schema.document_cache.find(text) is not None
    assert (await schema.execute(text, context_value=None)).errors is not None


def test_a_kept_size_hangs_on_the_page_sizes_alone() -> None:
    text = "query($n: Int!, $ids: [ID!], $x: String) { a(first: $n, x: $x) { edges { b } } nodes(ids: $ids) { c } }"
    node = parse(text)
    for variables in ({"n": 5}, {"n": 7}, {"n": 5, "ids": ["a", "b"], "x": "y"}, {"n": True}, {"n": "5"}, {"ids": 2}):
        assert complexity.measure_cached(node, variables) == complexity.measure(node, variables)
    assert complexity.measure_cached(node, {"n": 5, "x": "a"}) is complexity.measure_cached(node, {"n": 5, "x": "b"})


def test_what_was_measured_goes_with_its_document() -> None:
    before = len(complexity_cache._entries)
    node = parse("{ a(first: 3) { b } }")
    complexity.measure_cached(node, {})
    assert len(complexity_cache._entries) == before + 1
    del node
    gc.collect()
    assert len(complexity_cache._entries) <= before


def test_a_kept_document_over_the_budget_is_not_admitted() -> None:
    kept = document("query($n: Int!) { branches(first: $n) { edges { name } } }")
    limits = DocumentSettings(max_cost=50)
    assert [document_limits.allows(limits, kept, {"n": count}, {}) for count in (10, 100)] == [True, False]
    assert not document_limits.allows(limits, kept, {"n": 10}, {"size": True})
