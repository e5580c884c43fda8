"""Lookups of foreign ids and of missing ids run the same SQL statements, so that timing reveals nothing."""

import httpx
import pytest

from storage.postgres.database import Database
from tests.support import owned_resources
from tests.support.graphql.cost import Cost, cost, services
from tests.support.graphql.foreign_ids import ID_ARGUMENTS, ID_FIELDS, mutation_document
from tests.support.users import Cast

__all__ = ["cost", "services"]


@pytest.mark.parametrize("field", ID_FIELDS)
async def test_a_query_of_a_foreign_id_costs_the_same_as_of_a_missing_id(
    client: httpx.AsyncClient, database: Database, cast: Cast, cost: Cost, field: str
) -> None:
    foreign = await owned_resources.create_one_of_each(client, database, cast.ada)
    query = (
        f"query($in: ID!, $id: ID!) {{ organization(id: $in) {{ {field}(id: $id) {{ id }} }} node(id: $id) {{ id }} }}"
    )
    kind = ID_FIELDS[field]
    statements = [
        (await cost(cast.bea, query, id=id_, **{"in": cast.bea.organization_id}))[1]
        for id_ in (foreign[kind], owned_resources.MISSING_IDS[kind])
    ]
    assert statements[0] == statements[1]


@pytest.mark.parametrize(("mutation", "field"), ID_ARGUMENTS)
async def test_a_mutation_of_a_foreign_id_costs_the_same_as_of_a_missing_id(
    client: httpx.AsyncClient, database: Database, cast: Cast, cost: Cost, mutation: str, field: str
) -> None:
    foreign = await owned_resources.create_one_of_each(client, database, cast.ada)
    own = await owned_resources.create_one_of_each(client, database, cast.bea)
    kind, fill = ID_ARGUMENTS[mutation, field]
    statements = [
        (await cost(cast.bea, mutation_document(mutation), input={**fill(own), field: id_}))[1]
        for id_ in (foreign[kind], owned_resources.MISSING_IDS[kind])
    ]
    assert statements[0] == statements[1]
