"""GraphQL reveals and changes nothing that belongs to another user."""

from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type

from resolvers.access import accounts
from storage.postgres.database import Database
from tests.support import owned_resources
from tests.support.graphql.client import data
from tests.support.graphql.foreign_ids import (
    ID_ARGUMENTS,
    ID_FIELDS,
    SCHEMA,
    BuildInput,
    collection_fields,
    generation_fields,
    mutation_document,
    no_fields,
)
from tests.support.isolation import cast, database, owned
from tests.support.owned_resources import OwnedIds
from tests.support.users import Cast

__all__ = ["cast", "database", "owned"]

EXEMPT_ARGUMENTS: Final = {
    # removing a track that is not a member changes nothing, for owners too
    ("removeCollectionTrack", "trackId"),
    ("reorderCollection", "orderedTrackIds"),
    # foreign and missing members of the caller's own organization: see tests/e2e/test_members.py
    ("grantRole", "userId"),
    ("revokeMembership", "userId"),
    # a track of a shared collection, whoever made it: see tests/schema/types/test_sharing.py
    ("saveSharedTrack", "trackId"),
    # see tests/server/routes/test_browser_sessions.py
    ("endBrowserSession", "sessionId"),
}

ORGANIZATION_MUTATIONS: Final[Mapping[str, BuildInput]] = {
    "createGeneration": generation_fields,
    "createCollection": collection_fields,
    "setSpendLimit": lambda _: {"window": "DAY"},
    "createWebhook": lambda _: {"url": "https://hooks.example.org", "events": ["GENERATION_SUCCEEDED"]},
    "createExport": no_fields,
    "createReferenceAudio": lambda _: {"name": "Mine", "basis": "OWN_WORK"},
    "createMember": lambda _: {"name": "Mole"},
    "grantRole": lambda own: {"userId": own["user"], "role": "MEMBER"},
    "revokeMembership": lambda own: {"userId": own["user"]},
    "startFocusSession": lambda _: {"goal": "FOCUS", "targetMinutes": 2},
}
"""Every mutation with an organization argument."""


@pytest.fixture
def ada_ids(owned: Mapping[str, OwnedIds]) -> OwnedIds:
    return owned["ada"]


def test_every_id_argument_of_every_mutation_is_covered() -> None:
    covered = {*ID_ARGUMENTS, *EXEMPT_ARGUMENTS, *((mutation, "organizationId") for mutation in ORGANIZATION_MUTATIONS)}
    assert _ids_of_mutations() == covered


def test_every_organization_field_with_an_id_argument_is_covered() -> None:
    organization = SCHEMA.type_map["Organization"]
    assert isinstance(organization, GraphQLObjectType)
    assert {name for name, field in organization.fields.items() if "id" in field.args} == ID_FIELDS.keys()


@pytest.mark.parametrize("other_user", ["bea", "cid"])
@pytest.mark.parametrize(("mutation", "field"), ID_ARGUMENTS)
async def test_a_mutation_answers_the_same_for_foreign_and_missing_ids(
    client: httpx.AsyncClient,
    database: Database,
    cast: Cast,
    owned: Mapping[str, OwnedIds],
    mutation: str,
    field: str,
    other_user: str,
) -> None:
    person, own = getattr(cast, other_user), owned[other_user]
    kind, fill = ID_ARGUMENTS[mutation, field]
    before = await owned_resources.digest_tables(database)
    answers = [
        await _mutate(client, person.headers, mutation, {**fill(own), field: id_})
        for id_ in owned_resources.inaccessible_ids(kind, owned["ada"])
    ]
    assert answers == [answers[0]] * len(answers)
    assert answers[0][mutation]["__typename"] in {"NotFoundError", "InvalidInputError"}
    assert await owned_resources.digest_tables(database) == before


@pytest.mark.parametrize("mutation", ORGANIZATION_MUTATIONS)
async def test_a_mutation_answers_the_same_for_foreign_and_missing_organizations(
    client: httpx.AsyncClient, database: Database, cast: Cast, owned: Mapping[str, OwnedIds], mutation: str
) -> None:
    own = owned["cid"]
    before = await owned_resources.digest_tables(database)
    answers = [
        await _mutate(
            client, cast.cid.headers, mutation, {**ORGANIZATION_MUTATIONS[mutation](own), "organizationId": id_}
        )
        for id_ in (owned["ada"]["organization"], "org_00000000000000000000dead", "org_", "ключ", "")
    ]
    assert answers == [answers[0]] * len(answers)
    assert answers[0][mutation]["code"] == "ORGANIZATION_ACCESS_DENIED"
    assert await owned_resources.digest_tables(database) == before


@pytest.mark.parametrize("other_user", ["bea", "cid"])
@pytest.mark.parametrize("field", ID_FIELDS)
async def test_a_field_is_null_for_foreign_and_missing_ids(
    client: httpx.AsyncClient, cast: Cast, ada_ids: OwnedIds, field: str, other_user: str
) -> None:
    person = getattr(cast, other_user)
    query = (
        f"query($in: ID!, $id: ID!) {{ organization(id: $in) {{ {field}(id: $id) {{ id }} }} node(id: $id) {{ id }} }}"
    )
    for id_ in owned_resources.inaccessible_ids(ID_FIELDS[field], ada_ids):
        seen = await data(client, person, query, id=id_, **{"in": person.organization_id})
        assert seen == {"organization": {field: None}, "node": None}


async def test_nodes_returns_null_for_foreign_and_missing_ids(
    client: httpx.AsyncClient, cast: Cast, owned: Mapping[str, OwnedIds]
) -> None:
    own = owned["bea"]
    ids = [own["track"], *owned["ada"].values(), *owned_resources.MISSING_IDS.values(), "ключ", own["collection"]]
    seen = (await data(client, cast.cid, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids))["nodes"]
    assert seen == [None] * len(ids)


async def test_a_foreign_organization_is_null_like_a_missing_one(
    client: httpx.AsyncClient, cast: Cast, ada_ids: OwnedIds
) -> None:
    for id_ in (ada_ids["organization"], "org_00000000000000000000dead", "org_", "ключ", ""):
        query = "query($id: ID!) { organization(id: $id) { name } node(id: $id) { id } }"
        assert await data(client, cast.cid, query, id=id_) == {"organization": None, "node": None}


@pytest.mark.parametrize("mutation", sorted({*(name for name, _ in ID_ARGUMENTS), *ORGANIZATION_MUTATIONS}))
async def test_a_mutation_requires_a_valid_credential(
    client: httpx.AsyncClient, database: Database, cast: Cast, ada_ids: OwnedIds, mutation: str
) -> None:
    expired = await accounts.create_key(database, cast.ada.user_id, "old", -1)
    revoked = await accounts.create_key(database, cast.ada.user_id, "lent", None)
    await accounts.revoke_key(database, revoked.row.id)
    before = await owned_resources.digest_tables(database)
    codes = []
    for headers in ({}, {"X-API-Key": expired.text}, {"X-API-Key": revoked.text}, {"X-API-Key": "ak_random"}):
        body = await _post(client, headers, mutation, _input(mutation, ada_ids))
        assert body.get("data") is None
        codes += [error["extensions"]["code"] for error in body["errors"]]
    assert codes == ["AUTHENTICATION_REQUIRED", "API_KEY_EXPIRED", "API_KEY_DEACTIVATED", "INVALID_API_KEY"]
    assert await owned_resources.digest_tables(database) == before


def _ids_of_mutations() -> set[tuple[str, str]]:
    mutations = SCHEMA.mutation_type
    assert mutations is not None
    found = set()
    for name, field in mutations.fields.items():
        kind = get_named_type(field.args["input"].type)
        assert isinstance(kind, GraphQLInputObjectType)
        found |= {(name, inner) for inner, value in kind.fields.items() if get_named_type(value.type).name == "ID"}
    return found


def _input(mutation: str, own: OwnedIds) -> Mapping[str, Any]:
    if mutation in ORGANIZATION_MUTATIONS:
        return {**ORGANIZATION_MUTATIONS[mutation](own), "organizationId": own["organization"]}
    field, (kind, fill) = next((field, row) for (name, field), row in ID_ARGUMENTS.items() if name == mutation)
    return {**fill(own), field: own[kind]}


async def _mutate(
    client: httpx.AsyncClient, headers: Mapping[str, str], mutation: str, value: Mapping[str, Any]
) -> Mapping[str, Any]:
    body = await _post(client, headers, mutation, value)
    assert "errors" not in body, body["errors"]
    answer: Mapping[str, Any] = body["data"]
    return answer


async def _post(
    client: httpx.AsyncClient, headers: Mapping[str, str], mutation: str, value: Mapping[str, Any]
) -> Mapping[str, Any]:
    answer = await client.post(
        "/graphql", json={"query": mutation_document(mutation), "variables": {"input": value}}, headers=dict(headers)
    )
    body: Mapping[str, Any] = answer.json()
    return body
