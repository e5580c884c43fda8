"""Limits on the size of documents."""

import httpx
import pytest
from graphql import get_introspection_query, parse

from core.settings import DocumentSettings
from schema.limits import complexity, document_limits
from schema.limits.complexity import DocumentSize
from tests.support.graphql.client import data, execute
from tests.support.users import Cast

BOMB = (
    "query { ...F0 } "
    + " ".join(f"fragment F{n} on Query {{ a{n}: __typename ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    + " fragment F60 on Query { viewer { id } }"
)


def size(document: str, **variables: object) -> DocumentSize:
    return complexity.measure(parse(document, max_tokens=DocumentSettings().max_tokens), variables)


def test_depth_counts_nested_fields() -> None:
    assert size("{ a { b { c } d } }") == DocumentSize(depth=3, root_fields=1, width=2, fields=4, definitions=1, cost=4)


def test_a_fragment_counts_wherever_it_is_spread() -> None:
    document = "{ ...F a { ...F } } fragment F on T { x: b { c @skip(if: true) } }"
    assert size(document) == DocumentSize(*(3, 2, 2, 2, 2), width=2, fields=5, definitions=2, cost=5)


def test_an_inline_fragment_adds_no_depth() -> None:
    measured = size("{ ... on T @include(if: true) { a { b } c } }")
    assert measured == DocumentSize(depth=2, root_fields=2, directives=1, width=2, fields=3, definitions=1, cost=3)


def test_the_largest_operation_of_a_document_counts() -> None:
    assert size("query A { a b } query B { a { b { c } } }") == DocumentSize(
        depth=3, root_fields=2, width=2, fields=3, definitions=2, cost=3
    )


@pytest.mark.parametrize(
    ("document", "cost"),
    [
        ("{ tracks(first: 50) { totalCount edges { node { id title } } } }", 1 + 1 + 1 + 50 * 3),
        ("{ tracks { edges { node { id } } } }", 1 + 1 + 20 * 2),
        ("query($n: Int = 7) { tracks(first: $n) { edges { id } } }", 1 + 1 + 7),
        ("{ a(first: 10) { edges { b(first: 10) { edges { id } } } } }", 1 + 1 + 10 * (1 + 1 + 10)),
        ("{ tracks(first: 5) { ...E } } fragment E on C { edges { id } }", 1 + 1 + 5),
        ('{ nodes(ids: ["a", "b", "c"]) { id } }', 1 + 3),
    ],
)
def test_the_cost_of_a_page_is_multiplied_by_its_size(document: str, cost: int) -> None:
    assert size(document).cost == cost


def test_page_sizes_come_from_variables() -> None:
    document = "query($n: Int!, $ids: [ID!]!) { tracks(first: $n) { edges { id } } nodes(ids: $ids) { id } }"
    assert size(document, n=100, ids=["a", "b"]).cost == 1 + 1 + 100 + 1 + 2


@pytest.mark.parametrize(
    "first", ["first: -1", 'first: "x"', "first: null", "first: $n", "first: 99999999999999999999"]
)
def test_an_invalid_page_size_counts_as_the_default(first: str) -> None:
    assert size(f"{{ tracks({first}) {{ edges {{ id }} }} }}").cost == 1 + 1 + 20


def test_a_fragment_bomb_is_measured_without_expanding_it() -> None:
    assert size(BOMB).cost == 2**60 - 1 + 2**60 * 2
    assert document_limits.find_exceeded(size(BOMB), DocumentSettings())


@pytest.mark.parametrize(
    "document",
    [
        "{ ...A } fragment A on T { ...B } fragment B on T { ...A }",
        "{ ...A } fragment A on T { a { ...A } }",
        "{ ...Nowhere }",
    ],
)
def test_cyclic_and_missing_fragments_are_left_to_validation(document: str) -> None:
    assert document_limits.find_exceeded(size(document), DocumentSettings()) == []


def test_a_long_chain_of_fragments_exceeds_the_depth() -> None:
    chain = " ".join(f"fragment F{n} on T {{ ...F{n + 1} }}" for n in range(400))
    assert "depth" in document_limits.find_exceeded(size(f"{{ ...F0 }} {chain}"), DocumentSettings())[0]


async def test_the_introspection_query_of_tools_is_within_the_limits(client: httpx.AsyncClient) -> None:
    assert "__schema" in await data(
        client, None, get_introspection_query(descriptions=True, input_value_deprecation=True)
    )


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        (BOMB, "cost 1000000000 (limit 20000)"),
        ("{" + " ".join(f"a{n}: __typename" for n in range(51)) + "}", "aliases 51 (limit 50)"),
        ("{" + "__typename " * 21 + "}", "root fields 21 (limit 20)"),
        ("{ __typename " + "@skip(if: false) " * 51 + "}", "directives 51 (limit 50)"),
        ("{" + "...F " * 101 + "} fragment F on Query { __typename }", "fragment spreads 101 (limit 100)"),
        ("{ __schema { types {" + "ofType {" * 14 + " name " + "}" * 17, "depth 17 (limit 15)"),
    ],
    ids=["cost", "aliases", "root fields", "directives", "fragment spreads", "depth"],
)
async def test_a_document_over_a_limit_is_rejected_with_its_size(
    client: httpx.AsyncClient, cast: Cast, query: str, problem: str
) -> None:
    errors = (await execute(client, cast.ada, query))["errors"]
    assert [error["extensions"]["code"] for error in errors] == [document_limits.CODE]
    assert problem in errors[0]["message"]


async def test_a_document_with_too_many_tokens_is_not_parsed(client: httpx.AsyncClient, cast: Cast) -> None:
    errors = (await execute(client, cast.ada, "{" + "__typename " * 4001 + "}"))["errors"]
    assert [error["message"] for error in errors] == [
        "Syntax Error: Document contains more than 4000 tokens. Parsing aborted."
    ]


async def test_the_size_is_reported_on_request(client: httpx.AsyncClient, cast: Cast) -> None:
    body = {"query": "{ viewer { id } }", "extensions": {"size": True}}
    answer = (await client.post("/graphql", json=body, headers=cast.ada.headers)).json()
    assert answer["extensions"]["size"] == {
        "depth": {"is": 2, "limit": 15},
        "aliases": {"is": 0, "limit": 50},
        "rootFields": {"is": 1, "limit": 20},
        "directives": {"is": 0, "limit": 50},
        "fragmentSpreads": {"is": 0, "limit": 100},
        "width": {"is": 1, "limit": 200},
        "fields": {"is": 2, "limit": 1000},
        "definitions": {"is": 1, "limit": 100},
        "cost": {"is": 2, "limit": 20000},
    }
    assert "extensions" not in await execute(client, cast.ada, "{ viewer { id } }")
