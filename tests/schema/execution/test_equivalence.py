"""The compiled executor gives the responses of the stock executor, byte for byte."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, cycle
from typing import Any, Final

import orjson
import pytest
import strawberry
from graphql import parse
from sqlalchemy import text

from core.jobs import Status
from resolvers.access.context import Caller, Context, Services
from schema.execution import CachedDocument
from schema.execution.strawberry_internals import core_schema
from schema.runtime.context import GraphQLContext
from storage.postgres.database import Database
from storage.tables import Role
from tests.support.factories import put_generation
from tests.support.graphql import corpus as graphql_corpus
from tests.support.graphql import document_generator, schemas
from tests.support.graphql.nodes import populate_library
from tests.support.users import Cast, Person

# see test_field_errors
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("collect_garbage"),
]

STOCK: Final = schemas.wide(is_compiled=False)
COMPILED: Final = schemas.wide()
GENERATED: Final = 150
KINDS: Final = ("org", "track", "broken", "generation", "collection", "link", "webhook", "session", "none")
LITERALS: Final = {
    "Int": ["1", "3"],
    "String": ['"night"', '"x"'],
    "ID": [f'"<{kind}>"' for kind in KINDS],
    "organization.id": ['"<org>"'],
    "id": [f'"<{kind}>"' for kind in KINDS],
    "first": ["0", "1", "2", "5", "101"],
    "points": ["0", "10"],
    "after": ['"nonsense"', "null"],
    "filter": ["{}", "null"],
    "token": ['"shr_x"'],
    "input": ['{ prompt: "calm piano, 90 bpm" }', '{ prompt: " ", instruments: { only: [""] } }'],
}
_NUMBERS: Final = count()
SIGNED: Final = re.compile(rb"(expires|signature|until|token)=[^\"&]+")
START: Final = """mutation($org: ID!) {
  startFocusSession(input: { organizationId: $org, goal: FOCUS, targetMinutes: 5 }) {
  ... on StartFocusSessionPayload { session { id } } ... on Error { message }
} }"""
WEBHOOK: Final = """mutation($org: ID!) {
  createWebhook(input: { organizationId: $org, url: "https://example.org/x", events: [GENERATION_SUCCEEDED] }) {
    ... on CreateWebhookPayload { webhook { id } } ... on Error { message }
  }
}"""
CORRUPT_TRACK: Final = """
UPDATE tracks SET measured_duration_seconds = 'NaN', report = '{"tempo_bpm": {}}', seed = 4294967296,
  chords = '[{"start_ms": null, "end_ms": 1, "symbol": "A"}]',
  sections = '[{"start_ms": 1, "end_ms": 4294967296, "name": null}]' WHERE id = :id
"""


@dataclass(frozen=True, slots=True)
class Fixture:
    """The data that the queries read."""

    services: Services
    person: Person
    ids: Mapping[str, str]

    def context(self, *, is_known: bool = True) -> GraphQLContext:
        caller = Caller(self.person.user_id, {self.person.organization_id: Role.ADMIN})
        # opens of share links are rate-limited by address
        address = f"address {next(_NUMBERS)}"
        return GraphQLContext(Context(self.services, caller if is_known else None, address), "req_test")

    async def create(self, mutation: str) -> str:
        result = await STOCK.execute(mutation, {"org": self.ids["org"]}, self.context())
        assert result.errors is None
        [payload] = (result.data or {}).values()
        [named] = payload.values()
        return str(named["id"])


async def create_fixture(services: Services, database: Database, person: Person) -> Fixture:
    rows = await populate_library(database, person, 3)
    for status in Status:
        await put_generation(database, person, status, age=timedelta(minutes=5))
    track, generation, collection, link, broken = *rows[:4], rows[4]
    async with database.transaction() as session:
        await session.execute(text(CORRUPT_TRACK), {"id": broken})
    ids = {"org": person.organization_id, "track": track, "generation": generation, "collection": collection}
    fixture = Fixture(services, person, {**ids, "link": link, "broken": broken, "none": "mtrack_ffffffffffff"})
    return Fixture(
        services,
        person,
        {**fixture.ids, "session": await fixture.create(START), "webhook": await fixture.create(WEBHOOK)},
    )


async def execute(
    schema: strawberry.Schema, query: str, variables: dict[str, Any], context: GraphQLContext
) -> tuple[bytes, bytes]:
    result = await schema.execute(query, variables, context)
    # which of two queries fails first depends on timing; test_field_errors compares the order, too
    errors = sorted(orjson.dumps(error.formatted) for error in result.errors or ())
    return SIGNED.sub(b"", orjson.dumps(result.data)), b"\n".join(errors)


async def compare(fixture: Fixture, query: str, variables: dict[str, Any], *, is_known: bool = True) -> bytes:
    """Assert that both executors give the same response, and return it."""
    if COMPILED.document_cache.find(query) is None:
        COMPILED.document_cache.add(query, CachedDocument(COMPILED, query, parse(query)))
    for _ in range(5):
        expected = await execute(STOCK, query, variables, fixture.context(is_known=is_known))
        actual = await execute(COMPILED, query, variables, fixture.context(is_known=is_known))
        if actual == expected:
            break
    assert actual == expected, query
    return actual[0]


async def test_queries_of_tests_and_guides_have_equal_responses(
    services: Services, database: Database, cast: Cast
) -> None:
    fixture = await create_fixture(services, database, cast.ada)
    documents = graphql_corpus.load_documents(core_schema(STOCK))
    assert len(documents) >= 40
    for (query, node), kind in zip(documents.items(), cycle(KINDS), strict=False):
        known = {**fixture.ids, "organizationId": fixture.ids["org"], "id": fixture.ids["org"]}
        for each in sorted({"org", kind}):
            await compare(fixture, query, graphql_corpus.build_variables(node, {**known, "id": fixture.ids[each]}))
        await compare(fixture, query, graphql_corpus.build_variables(node, known), is_known=False)


async def test_generated_documents_have_equal_responses(services: Services, database: Database, cast: Cast) -> None:
    fixture = await create_fixture(services, database, cast.ada)
    with_plan, responses = 0, set()
    for seed in range(GENERATED):
        query, flags = document_generator.generate_document(seed, core_schema(STOCK), LITERALS)
        for kind, found in fixture.ids.items():
            query = query.replace(f"<{kind}>", found)
        responses.add(await compare(fixture, query, dict(flags)))
        cached = COMPILED.document_cache.find(query)
        with_plan += cached is not None and any(cached._plans.values())
    assert with_plan == GENERATED
    assert len(responses) > GENERATED / 2
