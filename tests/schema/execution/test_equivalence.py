"""Plans answer what the stock executor answers, to the byte: queries of the tests and guides and many more."""

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
from core.settings import DocumentSettings
from resolvers.access.context import Caller, Context, Services
from schema.execution import CachedDocument
from schema.runtime.context import GraphQLContext
from schema.schema import build_schema
from storage.postgres.database import Database
from storage.tables import Role
from tests.support import document_generator, graphql_corpus
from tests.support.factories import put
from tests.support.graphql_nodes import furnish
from tests.support.users import Cast, Person

# see test_faults
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("swept"),
]

# what is written by chance gives every field a name of its own
LIMITS: Final = {
    "max_depth": 100,
    "max_root_fields": 100,
    "max_aliases": 10_000,
    "max_directives": 1_000,
    "max_fragment_spreads": 1_000,
    "max_cost": 10**8,
}
STOCK: Final = build_schema(DocumentSettings(compiled=False, **LIMITS))
COMPILED: Final = build_schema(DocumentSettings(**LIMITS))
GENERATED: Final = 270
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
BREAK: Final = """
UPDATE tracks SET measured_duration_seconds = 'NaN', report = '{"tempo_bpm": {}}', seed = 4294967296,
  chords = '[{"start_ms": null, "end_ms": 1, "symbol": "A"}]',
  sections = '[{"start_ms": 1, "end_ms": 4294967296, "name": null}]' WHERE id = :id
"""


@dataclass(frozen=True, slots=True)
class House:
    """What the queries find."""

    services: Services
    person: Person
    ids: Mapping[str, str]

    def context(self, *, is_known: bool = True) -> GraphQLContext:
        caller = Caller(self.person.user_id, {self.person.organization_id: Role.ADMIN})
        # share links are counted by address
        address = f"address {next(_NUMBERS)}"
        return GraphQLContext(Context(self.services, caller if is_known else None, address), "req_test")

    async def changed(self, mutation: str) -> str:
        result = await STOCK.execute(mutation, {"org": self.ids["org"]}, self.context())
        assert result.errors is None
        [payload] = (result.data or {}).values()
        [named] = payload.values()
        return str(named["id"])


async def furnished(services: Services, database: Database, person: Person) -> House:
    rows = await furnish(database, person, 3)
    for status in Status:
        await put(database, person, status, age=timedelta(minutes=5))
    track, generation, collection, link, broken = *rows[:4], rows[4]
    async with database.transaction() as session:
        await session.execute(text(BREAK), {"id": broken})
    ids = {"org": person.organization_id, "track": track, "generation": generation, "collection": collection}
    house = House(services, person, {**ids, "link": link, "broken": broken, "none": "mtrack_ffffffffffff"})
    return House(
        services,
        person,
        {**house.ids, "session": await house.changed(START), "webhook": await house.changed(WEBHOOK)},
    )


async def answered(
    schema: strawberry.Schema, query: str, variables: dict[str, Any], context: GraphQLContext
) -> tuple[bytes, bytes]:
    result = await schema.execute(query, variables, context)
    # of two ways to Postgres the faster one fails first, by either executor; test_faults compares the order, too
    errors = sorted(orjson.dumps(error.formatted) for error in result.errors or ())
    return SIGNED.sub(b"", orjson.dumps(result.data)), b"\n".join(errors)


async def compare(house: House, query: str, variables: dict[str, Any], *, is_known: bool = True) -> bytes:
    """Assert that both answer the same; the answer."""
    if COMPILED.document_cache.find(query) is None:
        COMPILED.document_cache.add(query, CachedDocument(COMPILED, query, parse(query)))
    for _ in range(5):
        expected = await answered(STOCK, query, variables, house.context(is_known=is_known))
        given = await answered(COMPILED, query, variables, house.context(is_known=is_known))
        if given == expected:
            break
    assert given == expected, query
    return given[0]


async def test_the_tests_and_guides_queries_are_answered_as_by_the_stock_executor(
    services: Services, database: Database, cast: Cast
) -> None:
    house = await furnished(services, database, cast.ada)
    documents = graphql_corpus.documents(STOCK._schema)
    assert len(documents) >= 40
    for (query, node), kind in zip(documents.items(), cycle(KINDS), strict=False):
        known = {**house.ids, "organizationId": house.ids["org"], "id": house.ids["org"]}
        for each in sorted({"org", kind}):
            await compare(house, query, graphql_corpus.variables(node, {**known, "id": house.ids[each]}))
        await compare(house, query, graphql_corpus.variables(node, known), is_known=False)


async def test_generated_documents_are_answered_as_by_the_stock_executor(
    services: Services, database: Database, cast: Cast
) -> None:
    house = await furnished(services, database, cast.ada)
    planned, answers = 0, set()
    for seed in range(GENERATED):
        query, flags = document_generator.document(seed, STOCK._schema, LITERALS)
        for kind, found in house.ids.items():
            query = query.replace(f"<{kind}>", found)
        answers.add(await compare(house, query, dict(flags)))
        kept = COMPILED.document_cache.find(query)
        planned += kept is not None and any(kept._plans.values())
    assert planned == GENERATED
    assert len(answers) > GENERATED / 2
