"""Restricted introspection: neither introspection nor errors expose the schema."""

import itertools
import re
from collections.abc import Iterator

import httpx
import pytest

from core.network import tls
from core.scopes import Scope
from core.settings import Settings
from resolvers.access import accounts
from storage.postgres.database import Database
from tests.support.graphql.schema_words import SCHEMA_WORDS
from tests.support.processes import configured_server
from tests.support.users import Cast

INTROSPECTION = "{ __schema { queryType { name } types { name } } }"
OPAQUE = "The document or its variables do not fit the schema."


@pytest.fixture(scope="module")
def off_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server without introspection."""
    with configured_server.run_server(settings, quiet_redis_url, graphql={"introspection": "off"}) as url:
        yield url


@pytest.fixture(scope="module")
def scoped_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server with introspection for keys with the scope."""
    with configured_server.run_server(settings, quiet_redis_url, graphql={"introspection": "scoped"}) as url:
        yield url


async def execute(url: str, query: str, key: str | None = None, **variables: object) -> httpx.Response:
    async with httpx.AsyncClient(base_url=url, timeout=30, verify=tls.default_context()) as client:
        headers = {"X-API-Key": key} if key else {}
        return await client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


async def test_introspection_requires_the_scope(scoped_url: str, database: Database, cast: Cast) -> None:
    key = await accounts.create_key(database, cast.bea.user_id, "tools", None, [Scope.INTROSPECTION])
    # as often as it takes to be remembered
    for _ in range(4):
        result = (await execute(scoped_url, INTROSPECTION, key.text)).json()
        assert result["data"]["__schema"]["queryType"]["name"] == "Query"
    suggested = await execute(scoped_url, "{ viwer { id } }", key.text)
    assert "Did you mean 'viewer'?" in suggested.json()["errors"][0]["message"]
    for other in (cast.bea.key, None, cast.bea.key, None):
        assert [error["message"] for error in (await execute(scoped_url, INTROSPECTION, other)).json()["errors"]] == [
            OPAQUE
        ]


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (INTROSPECTION, {}),
        ('{ __type(name: "Track") { name } }', {}),
        ("{ viwer { id } }", {}),
        ("{ viewer }", {}),
        ("{ viewer { id(x: 1) } }", {}),
        ("{ organization { id } }", {}),
        ("{ node(id: 7.5) { ... on Trak { id } } }", {}),
        ("query($input: CreateCollectionInpu!) { __typename @skip(if: $input) }", {}),
        ("mutation($input: CreateCollectionInput!) { createCollection(input: $input) { __typename } }", {"input": {}}),
        ("subscription { generationUpdatd { id } }", {}),
    ],
)
async def test_a_validation_error_contains_no_suggestions(
    off_url: str, cast: Cast, query: str, variables: dict[str, object]
) -> None:
    async with httpx.AsyncClient(base_url=off_url, timeout=30, verify=tls.default_context()) as client:
        headers = {**cast.ada.headers, "Accept": "text/event-stream" if "subscription" in query else "application/json"}
        answer = await client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    assert answer.text.count('"message"') == 1
    assert OPAQUE in answer.text


async def test_valid_documents_are_executed_and_syntax_and_size_errors_are_detailed(off_url: str, cast: Cast) -> None:
    assert (await execute(off_url, "{ viewer { __typename id } }", cast.ada.key)).json() == {
        "data": {"viewer": {"__typename": "Viewer", "id": cast.ada.user_id}}
    }
    assert "Syntax Error" in (await execute(off_url, "{", cast.ada.key)).json()["errors"][0]["message"]
    large = await execute(off_url, "{ " + " ".join(f"a{n}: __typename" for n in range(60)) + " }", cast.ada.key)
    assert large.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_TOO_LARGE"


async def test_errors_for_similar_names_contain_no_name_of_the_schema(off_url: str, cast: Cast) -> None:
    """Guess as clairvoyance does: send many names in a document, and search the errors for suggestions."""
    async with httpx.AsyncClient(
        base_url=off_url, headers=cast.ada.headers, timeout=60, verify=tls.default_context()
    ) as client:
        bodies = set()
        for guesses in (
            itertools.batched(SCHEMA_WORDS, 40) if hasattr(itertools, "batched") else _batched(SCHEMA_WORDS, 40)
        ):
            for text in (" ".join(f"{guess}x" for guess in guesses), " ".join(guesses)):
                answer = await client.post("/graphql", json={"query": f"{{ {text} }}"})
                bodies.add(re.sub(r"req_\w+", "", answer.text))
    assert len(SCHEMA_WORDS) > 500
    assert len(bodies) <= 2
    assert not any(
        re.search(rf"['\"]{name}['\"]", text) for text in bodies for name in ("viewer", "organization", "Query")
    )


def _batched(names: list[str], count: int) -> Iterator[list[str]]:
    for start in range(0, len(names), count):
        yield names[start : start + count]


async def test_a_cached_document_has_the_same_error(off_url: str, cast: Cast) -> None:
    query = "mutation($input: CreateCollectionInput!) { createCollection(input: $input) { __typename } }"
    good = {"organizationId": cast.ada.organization_id, "name": "Evening"}
    for _ in range(4):
        made = await execute(off_url, query, cast.ada.key, input=good)
        assert made.json() == {"data": {"createCollection": {"__typename": "CollectionPayload"}}}
    for wrong in ({}, {**good, "nam": "x"}, {**good, "name": 7}, None):
        rejected = await execute(off_url, query, cast.ada.key, input=wrong)
        assert [error["message"] for error in rejected.json()["errors"]] == [OPAQUE]
