"""The stock and the compiled executor of the schema, to compare their responses."""

import time
from typing import Any, Final

import orjson
from graphql import parse

from resolvers.access.context import Caller, Context, Services
from schema.execution import CachedDocument
from schema.runtime.context import GraphQLContext
from storage.tables import Role
from tests.support.graphql import schemas
from tests.support.users import Person

STOCK: Final = schemas.wide(is_compiled=False)
COMPILED: Final = schemas.wide()

_MAX_RUNS: Final = 5


async def compare(services: Services, person: Person, query: str, **variables: object) -> Any:  # noqa: ANN401
    """Assert that both executors give the same bytes and errors; return the data of the compiled one.

    The variable ``id`` is the person's organization by default.
    """
    if COMPILED.document_cache.find(query) is None:
        COMPILED.document_cache.add(query, CachedDocument(COMPILED, query, parse(query)))
    values = {"id": person.organization_id, **variables}
    for _ in range(_MAX_RUNS):
        started_in = int(time.time())
        expected, expected_errors = await _run(STOCK, query, values, services, person)
        actual, errors = await _run(COMPILED, query, values, services, person)
        # signed URLs differ by the second in which they expire
        if int(time.time()) == started_in:
            break
    assert (orjson.dumps(actual), errors) == (orjson.dumps(expected), expected_errors), query
    return actual


async def _run(schema: Any, query: str, variables: dict[str, Any], services: Services, person: Person) -> Any:  # noqa: ANN401
    caller = Caller(person.user_id, {person.organization_id: Role.ADMIN})
    context = GraphQLContext(Context(services, caller), "req_test", accepts_json=True)
    result = await schema.execute(query, variables, context)
    return result.data, [error.formatted for error in result.errors or ()]
