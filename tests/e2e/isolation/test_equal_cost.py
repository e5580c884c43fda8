"""Lookups of foreign ids and of missing ids run the same SQL statements, so that timing reveals nothing."""

from collections.abc import Mapping

import pytest

from tests.support import owned_resources
from tests.support.graphql.cost import Cost, cost, services
from tests.support.graphql.foreign_ids import ID_ARGUMENTS, ID_FIELDS, mutation_document
from tests.support.isolation import cast, database, owned
from tests.support.owned_resources import OwnedIds
from tests.support.users import Cast

__all__ = ["cast", "cost", "database", "owned", "services"]


@pytest.mark.parametrize("field", ID_FIELDS)
async def test_a_query_of_a_foreign_id_costs_the_same_as_of_a_missing_id(
    cast: Cast, cost: Cost, owned: Mapping[str, OwnedIds], field: str
) -> None:
    query = (
        f"query($in: ID!, $id: ID!) {{ organization(id: $in) {{ {field}(id: $id) {{ id }} }} node(id: $id) {{ id }} }}"
    )
    kind = ID_FIELDS[field]
    statements = [
        (await cost(cast.bea, query, id=id_, **{"in": cast.bea.organization_id}))[1]
        for id_ in (owned["ada"][kind], owned_resources.MISSING_IDS[kind])
    ]
    assert statements[0] == statements[1]


@pytest.mark.parametrize(("mutation", "field"), ID_ARGUMENTS)
async def test_a_mutation_of_a_foreign_id_costs_the_same_as_of_a_missing_id(
    cast: Cast, cost: Cost, owned: Mapping[str, OwnedIds], mutation: str, field: str
) -> None:
    kind, fill = ID_ARGUMENTS[mutation, field]
    statements = [
        (await cost(cast.bea, mutation_document(mutation), input={**fill(owned["bea"]), field: id_}))[1]
        for id_ in (owned["ada"][kind], owned_resources.MISSING_IDS[kind])
    ]
    assert statements[0] == statements[1]
