"""What is foreign and what is nothing cost the same work: no clock tells them apart."""

import httpx
import pytest

from storage.postgres.database import Database
from tests.support import owned_resources
from tests.support.foreign_ids import ID_ARGUMENTS, ID_FIELDS, mutation_document
from tests.support.graphql_cost import Cost, cost, services
from tests.support.users import Cast

__all__ = ["cost", "services"]


@pytest.mark.parametrize("field", ID_FIELDS)
async def test_a_foreign_field_costs_what_nothing_costs(
    client: httpx.AsyncClient, database: Database, cast: Cast, cost: Cost, field: str
) -> None:
    foreign = await owned_resources.create_one_of_each(client, database, cast.ada)
    query = (
        f"query($in: ID!, $id: ID!) {{ organization(id: $in) {{ {field}(id: $id) {{ id }} }} node(id: $id) {{ id }} }}"
    )
    kind = ID_FIELDS[field]
    spent = [
        (await cost(cast.bea, query, id=asked, **{"in": cast.bea.organization_id}))[1]
        for asked in (foreign[kind], owned_resources.MISSING_IDS[kind])
    ]
    assert spent[0] == spent[1]


@pytest.mark.parametrize(("mutation", "field"), ID_ARGUMENTS)
async def test_a_mutation_of_what_is_foreign_costs_what_one_of_nothing_costs(
    client: httpx.AsyncClient, database: Database, cast: Cast, cost: Cost, mutation: str, field: str
) -> None:
    foreign = await owned_resources.create_one_of_each(client, database, cast.ada)
    own = await owned_resources.create_one_of_each(client, database, cast.bea)
    kind, fill = ID_ARGUMENTS[mutation, field]
    spent = [
        (await cost(cast.bea, mutation_document(mutation), input={**fill(own), field: asked}))[1]
        for asked in (foreign[kind], owned_resources.MISSING_IDS[kind])
    ]
    assert spent[0] == spent[1]
