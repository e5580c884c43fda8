"""API keys: users create and revoke their own, admins see and revoke those of members."""

from typing import Any

import httpx
import pytest

from core import clock
from core.scopes import Scope
from resolvers.access import accounts
from resolvers.organizations import offboarding
from storage.postgres.database import Database
from storage.tables import Role
from tests.support.graphql.client import data, execute
from tests.support.graphql.foreign_ids import mutation_document
from tests.support.users import Cast, Person

FIELDS = "id name hint userId userName scopes isActive expiresAt revokedAt lastUsedAt"
CREATE = f"""
mutation($input: CreateApiKeyInput!) {{ answer: createApiKey(input: $input) {{
  __typename
  ... on CreateApiKeyPayload {{ secret apiKey {{ {FIELDS} }} }}
  ... on InvalidInputError {{ problems {{ path message }} }}
}} }}
"""
OWN = f"query($first: Int) {{ viewer {{ apiKeys(first: $first) {{ totalCount edges {{ node {{ {FIELDS} }} }} }} }} }}"
ALL = "query($id: ID!) { organization(id: $id) { memberApiKeys { totalCount edges { node { id userName } } } } }"


async def create(client: httpx.AsyncClient, person: Person, **fields: object) -> Any:  # noqa: ANN401
    return (await data(client, person, CREATE, input={"name": "Deploys", **fields}))["answer"]


async def revoke(client: httpx.AsyncClient, person: Person, key_id: str) -> Any:  # noqa: ANN401
    return (await data(client, person, mutation_document("revokeApiKey"), input={"id": key_id}))["revokeApiKey"]


async def code_of(client: httpx.AsyncClient, key: str) -> str | None:
    """Return the error code of a request with this key, None if it is answered."""
    answer = await client.post("/graphql", json={"query": "{ viewer { id } }"}, headers={"X-API-Key": key})
    return answer.json()["errors"][0]["extensions"]["code"] if "errors" in answer.json() else None


async def test_a_new_key_works_until_it_is_revoked(client: httpx.AsyncClient, cast: Cast) -> None:
    created = await create(client, cast.bea, expiresInDays=1)
    key, secret = created["apiKey"], created["secret"]
    assert (key["name"], key["userName"], key["scopes"], key["isActive"]) == ("Deploys", "Bea", [], True)
    assert secret.startswith(key["hint"])
    assert key["expiresAt"] is not None
    assert await code_of(client, secret) is None
    listed = (await data(client, cast.bea, OWN))["viewer"]["apiKeys"]
    assert listed["totalCount"] == 2
    assert [edge["node"]["name"] for edge in listed["edges"]] == ["Deploys", "test"]
    assert secret not in str(listed)
    for _ in range(2):
        assert (await revoke(client, cast.bea, key["id"]))["__typename"] == "RevokeApiKeyPayload"
    assert await code_of(client, secret) == "API_KEY_DEACTIVATED"
    newest = (await data(client, cast.bea, OWN, first=1))["viewer"]["apiKeys"]["edges"][0]["node"]
    assert (newest["isActive"], newest["revokedAt"] is None) == (False, False)


async def test_admins_see_and_revoke_keys_of_members_only(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    key_id = (await create(client, cast.bea))["apiKey"]["id"]
    page = (await data(client, cast.ada, ALL, id=cast.ada.organization_id))["organization"]["memberApiKeys"]
    assert page["totalCount"] == 3
    assert {edge["node"]["userName"] for edge in page["edges"]} == {"Ada", "Bea"}
    refused = await execute(client, cast.bea, ALL, id=cast.bea.organization_id)
    assert refused["errors"][0]["extensions"]["code"] == "OPERATION_NOT_ALLOWED"
    for other, is_visible in ((cast.bea, True), (cast.ada, True), (cast.cid, False)):
        query = "query($id: ID!) { node(id: $id) { id } }"
        assert await data(client, other, query, id=key_id) == {"node": {"id": key_id} if is_visible else None}
    assert (await revoke(client, cast.cid, key_id))["code"] == "RESOURCE_NOT_FOUND"
    # once Bea belongs to an organization that Ada does not administer, her keys are not Ada's to end
    await offboarding.grant(database, cast.bea.user_id, cast.cid.organization_id, Role.MEMBER)
    assert (await revoke(client, cast.ada, key_id))["code"] == "OPERATION_NOT_ALLOWED"
    await offboarding.revoke(database, cast.bea.user_id, cast.cid.organization_id)
    assert (await revoke(client, cast.cid, key_id))["code"] == "RESOURCE_NOT_FOUND"


async def test_an_admin_revokes_the_key_of_a_member(client: httpx.AsyncClient, cast: Cast) -> None:
    created = await create(client, cast.bea)
    assert (await revoke(client, cast.ada, created["apiKey"]["id"]))["__typename"] == "RevokeApiKeyPayload"
    assert await code_of(client, created["secret"]) == "API_KEY_DEACTIVATED"


async def test_a_scope_is_given_only_by_who_has_it(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    refused = await create(client, cast.ada, scopes=["INTROSPECTION"])
    assert (refused["__typename"], refused["problems"][0]["path"]) == ("InvalidInputError", ["scopes"])
    key = await accounts.create_key(database, cast.ada.user_id, "wide", None, [Scope.INTROSPECTION])
    wide = Person(cast.ada.user_id, cast.ada.organization_id, key.text)
    assert await data(client, wide, "{ viewer { scopes } }") == {"viewer": {"scopes": ["INTROSPECTION"]}}
    assert (await create(client, wide, scopes=["INTROSPECTION"]))["apiKey"]["scopes"] == ["INTROSPECTION"]
    assert (await create(client, wide))["apiKey"]["scopes"] == []


@pytest.mark.parametrize(
    "fields", [{"name": ""}, {"name": "x" * 256}, {"expiresInDays": 0}, {"expiresInDays": 3651}, {"name": "a\x00b"}]
)
async def test_other_input_is_refused(client: httpx.AsyncClient, cast: Cast, fields: dict[str, object]) -> None:
    assert (await create(client, cast.bea, **fields))["__typename"] == "InvalidInputError"


async def test_viewers_manage_their_keys(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    await offboarding.grant(database, cast.bea.user_id, cast.bea.organization_id, Role.VIEWER)
    created = await create(client, cast.bea)
    assert await code_of(client, created["secret"]) is None
    assert (await revoke(client, cast.bea, created["apiKey"]["id"]))["__typename"] == "RevokeApiKeyPayload"


async def test_a_key_creates_none_that_outlives_it(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    short = await accounts.create_key(database, cast.bea.user_id, "short", 1)
    assert short.row.expires_at is not None
    with_key = Person(cast.bea.user_id, cast.bea.organization_id, short.text)
    assert (await create(client, with_key))["apiKey"]["expiresAt"] == clock.iso(short.row.expires_at)
    assert (await client.post("/studio/session", json={"api_key": short.text})).status_code == 204
    body = {"query": CREATE, "variables": {"input": {"name": "Longer", "expiresInDays": 30}}}
    with_session = (await client.post("/graphql", json=body)).json()["data"]["answer"]
    assert with_session["apiKey"]["expiresAt"] == clock.iso(short.row.expires_at)
