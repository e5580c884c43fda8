"""Off-boarding: members leave, users are disabled and erased, and what they had ends at once."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from core.jobs import Status
from core.settings import Settings
from resolvers.access import accounts
from resolvers.organizations import offboarding
from storage.postgres.database import Database
from storage.queries import erasure
from storage.tables import FocusSession, Generation, LibraryEntry, Membership, Role, ShareLink, Track, User
from tests.support import factories, owned_resources
from tests.support.graphql.client import data, execute
from tests.support.graphql.foreign_ids import mutation_document
from tests.support.polling import DEADLINE_SECONDS
from tests.support.processes import configured_server
from tests.support.processes.bearer_tokens import access_token, bearer
from tests.support.processes.cli import run_cli
from tests.support.users import Cast, Person

MEMBERS: Final = """
query($id: ID!) { organization(id: $id) { members { totalCount edges { node { userId name role isClaimed } } } } }
"""
LINKS: Final = """
query($id: ID!) { organization(id: $id) { memberShareLinks { totalCount edges { node { id userId isActive } } } } }
"""
WATCH: Final = "subscription($id: ID!) { generationUpdated(id: $id) { status } }"


async def mutate(client: httpx.AsyncClient, person: Person, mutation: str, **fields: object) -> tuple[str, str | None]:
    """Return the type of the answer and the code of its error."""
    answer = (await data(client, person, mutation_document(mutation), input=fields))[mutation]
    return answer["__typename"], answer.get("code")


async def share(client: httpx.AsyncClient, database: Database, person: Person) -> tuple[str, str]:
    """Share a new track; return the id and the token of the link."""
    track_id = await factories.put_track(database, person)
    url = f"/v1/music/{person.organization_id}/tracks/{track_id}/share"
    link = (await client.post(url, headers=person.headers)).json()
    return link["id"], link["token"]


async def is_open(client: httpx.AsyncClient, token: str) -> bool:
    return (await client.get(f"/v1/music/shared/{token}", headers={"Accept": "application/json"})).status_code == 200


async def code_of(client: httpx.AsyncClient, headers: Mapping[str, str]) -> str | None:
    """Return the error code of a request with these credentials, None if it is answered."""
    body = (await client.post("/graphql", json={"query": "{ viewer { id } }"}, headers=dict(headers))).json()
    return body["errors"][0]["extensions"]["code"] if "errors" in body else None


async def list_members(client: httpx.AsyncClient, person: Person) -> dict[str, Any]:
    seen = (await data(client, person, MEMBERS, id=person.organization_id))["organization"]["members"]
    assert seen["totalCount"] == len(seen["edges"])
    return {edge["node"]["userId"]: edge["node"] for edge in seen["edges"]}


async def test_a_member_who_leaves_loses_keys_links_and_jobs_at_once(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    owned = await owned_resources.create_one_of_each(client, database, cast.bea)
    _, token = await share(client, database, cast.bea)
    assert await is_open(client, token)
    fields = {"organizationId": cast.ada.organization_id, "userId": cast.bea.user_id}
    assert await mutate(client, cast.ada, "revokeMembership", **fields) == ("RevokeMembershipPayload", None)
    assert await code_of(client, cast.bea.headers) == "API_KEY_DEACTIVATED"
    assert not await is_open(client, token)
    assert [row.revoked_at is None for row in await factories.load_all(database, ShareLink)] == [False, False]
    statuses = {row.id: row.status for row in await factories.load_all(database, Generation)}
    assert statuses[owned["job"]] is Status.CANCELLED
    (session,) = await factories.load_all(database, FocusSession)
    assert session.ended_at is not None
    assert (await list_members(client, cast.ada)).keys() == {cast.ada.user_id}
    assert await mutate(client, cast.ada, "revokeMembership", **fields) == ("NotFoundError", "RESOURCE_NOT_FOUND")
    assert await code_of(client, cast.ada.headers) is None


async def test_a_member_who_leaves_one_of_two_organizations_keeps_the_other(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    await offboarding.grant(database, cast.bea.user_id, cast.cid.organization_id, Role.MEMBER)
    _, token = await share(client, database, cast.bea)
    other = Person(cast.bea.user_id, cast.cid.organization_id, cast.bea.key)
    _, other_token = await share(client, database, other)
    fields = {"organizationId": cast.ada.organization_id, "userId": cast.bea.user_id}
    assert await mutate(client, cast.ada, "revokeMembership", **fields) == ("RevokeMembershipPayload", None)
    assert (await is_open(client, token), await is_open(client, other_token)) == (False, True)
    url = "/v1/music/{}/tracks"
    left = await client.get(url.format(cast.bea.organization_id), headers=cast.bea.headers)
    assert (left.status_code, left.json()["error"]["code"]) == (403, "ORGANIZATION_ACCESS_DENIED")
    assert (await client.get(url.format(cast.cid.organization_id), headers=cast.bea.headers)).status_code == 200


async def test_the_sockets_of_a_former_member_are_closed_at_once(
    settings: Settings, quiet_redis_url: str, database: Database, cast: Cast
) -> None:
    """The periodic check runs rarely, so that the notification must close the socket."""
    job_id = await factories.put_generation(database, cast.bea, Status.QUEUED)
    with configured_server.run_server(settings, quiet_redis_url, sockets={"check_seconds": 600}) as url:
        async with configured_server.open_socket(url, cast.bea.key) as socket, asyncio.timeout(DEADLINE_SECONDS):
            await configured_server.subscribe(socket, "1", query=WATCH, variables={"id": job_id})
            await configured_server.receive(socket, "next")
            await offboarding.revoke(database, cast.bea.user_id, cast.bea.organization_id)
            assert (await configured_server.wait_closed(socket))[0] == 4403


async def test_a_former_member_can_return_without_its_keys(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    fields = {"organizationId": cast.ada.organization_id, "userId": cast.bea.user_id}
    await mutate(client, cast.ada, "revokeMembership", **fields)
    assert await mutate(client, cast.ada, "grantRole", **fields, role="VIEWER") == ("GrantRolePayload", None)
    assert (await list_members(client, cast.ada))[cast.bea.user_id]["role"] == "VIEWER"
    assert await code_of(client, cast.bea.headers) == "API_KEY_DEACTIVATED"
    key = await accounts.create_key(database, cast.bea.user_id, "new", None)
    assert await code_of(client, {"X-API-Key": key.text}) is None


async def test_a_token_no_longer_admits_a_former_member(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    organization_id = cast.ada.organization_id
    headers = bearer(access_token(cast.ada, sub="dora", iss="https://idp.example", name="Dora"))
    url = f"/v1/music/{organization_id}/tracks"
    assert (await client.get(url, headers=headers)).status_code == 200
    [(user_id, member)] = [
        (name, row) for name, row in (await list_members(client, cast.ada)).items() if row["name"] == "Dora"
    ]
    assert (member["role"], member["isClaimed"]) == ("MEMBER", True)
    fields = {"organizationId": organization_id, "userId": user_id}
    assert await mutate(client, cast.ada, "grantRole", **fields, role="VIEWER") == ("GrantRolePayload", None)
    made = await client.post(f"/v1/music/{organization_id}/collections", json={"name": "Mine"}, headers=headers)
    assert (made.status_code, made.json()["error"]["code"]) == (403, "OPERATION_NOT_ALLOWED")
    assert await mutate(client, cast.ada, "revokeMembership", **fields) == ("RevokeMembershipPayload", None)
    assert (await client.get(url, headers=headers)).json()["error"]["code"] == "ORGANIZATION_ACCESS_DENIED"
    # a claimed membership gives no access to a key
    await mutate(client, cast.ada, "grantRole", **fields, role="MEMBER")
    key = await accounts.create_key(database, user_id, "key", None)
    assert (await client.get(url, headers={"X-API-Key": key.text})).status_code == 403
    assert (await client.get(url, headers=headers)).status_code == 200


async def test_a_disabled_user_is_refused_with_keys_and_tokens(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    headers = bearer(access_token(cast.ada, sub="dora", iss="https://idp.example"))
    assert await code_of(client, headers) is None
    async with database.transaction() as session:
        user_id = str(await session.scalar(select(col(User.id)).where(col(User.subject) == "dora")))
    key = await accounts.create_key(database, user_id, "key", None)
    assert await mutate(client, cast.ada, "disableUser", userId=user_id) == ("DisableUserPayload", None)
    assert await code_of(client, headers) == "TOKEN_INVALID"
    assert await code_of(client, {"X-API-Key": key.text}) == "API_KEY_DEACTIVATED"
    fields = {"organizationId": cast.ada.organization_id, "userId": user_id, "role": "MEMBER"}
    assert await mutate(client, cast.ada, "grantRole", **fields) == ("ConflictError", "CONFLICT")
    await offboarding.enable(database, user_id)
    assert await code_of(client, headers) is None
    assert await code_of(client, {"X-API-Key": key.text}) == "API_KEY_DEACTIVATED"


async def test_a_deleted_user_leaves_no_personal_data(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    headers = bearer(access_token(cast.ada, sub="dora@example.org", iss="https://idp.example", name="Dora"))
    assert await code_of(client, headers) is None
    async with database.transaction() as session:
        user_id = str(await session.scalar(select(col(User.id)).where(col(User.name) == "Dora")))
    dora = Person(user_id, cast.ada.organization_id, "")
    track_id = await factories.put_track(database, dora)
    async with database.transaction() as session:
        await session.execute(update(Track).where(col(Track.id) == track_id).values(title="Dora's song"))
        await session.execute(
            update(Generation)
            .where(col(Generation.user_id) == user_id)
            .values(prompt="for Dora", lyrics="Dora, Dora", controls={"structure": ["Dora"]})
        )
    assert await mutate(client, cast.ada, "deleteUser", userId=user_id) == ("DeleteUserPayload", None)
    async with database.transaction() as session:
        user = await session.get_one(User, user_id)
        track = await session.get_one(Track, track_id)
        jobs = (await session.scalars(select(Generation).where(col(Generation.user_id) == user_id))).all()
    assert (user.name, user.subject) == (
        "Deleted user",
        erasure.erased_subject("https://idp.example", "dora@example.org"),
    )
    assert (track.title, track.papers, track.deleted_at is None) == (None, None, False)
    assert [(job.prompt, job.lyrics, job.controls) for job in jobs] == [("", None, None)]
    assert await factories.load_all(database, LibraryEntry) == []
    assert user_id not in await list_members(client, cast.ada)
    # its token leads to the disabled user, not to a new one
    assert await code_of(client, headers) == "TOKEN_INVALID"
    assert len(await factories.load_all(database, User)) == 4


async def test_admins_see_and_revoke_the_links_of_their_organization(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    link_id, token = await share(client, database, cast.bea)
    other_id, other_token = await share(client, database, cast.cid)
    seen = (await data(client, cast.ada, LINKS, id=cast.ada.organization_id))["organization"]["memberShareLinks"]
    assert seen["totalCount"] == 1
    assert seen["edges"][0]["node"] == {"id": link_id, "userId": cast.bea.user_id, "isActive": True}
    assert await mutate(client, cast.ada, "revokeShare", id=other_id) == ("NotFoundError", "RESOURCE_NOT_FOUND")
    assert await mutate(client, cast.ada, "revokeShare", id=link_id) == ("RevokeSharePayload", None)
    assert (await is_open(client, token), await is_open(client, other_token)) == (False, True)


async def test_an_admin_revokes_a_members_link_by_rest(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    link_id, token = await share(client, database, cast.bea)
    url = f"/v1/music/{cast.ada.organization_id}/share/{link_id}"
    assert (await client.delete(url, headers=cast.ada.headers)).is_success
    assert not await is_open(client, token)


async def test_members_and_their_links_are_visible_to_admins_only(client: httpx.AsyncClient, cast: Cast) -> None:
    for query, field in ((MEMBERS, "members"), (LINKS, "memberShareLinks")):
        body = await execute(client, cast.bea, query, id=cast.bea.organization_id)
        assert body["data"] == {"organization": {field: None}}
        assert [error["extensions"]["code"] for error in body["errors"]] == ["OPERATION_NOT_ALLOWED"]


@pytest.mark.parametrize("mutation", ["grantRole", "revokeMembership"])
async def test_only_admins_change_members_and_foreign_users_are_like_missing_ones(
    client: httpx.AsyncClient, database: Database, cast: Cast, mutation: str
) -> None:
    role = {"role": "VIEWER"} if mutation == "grantRole" else {}
    fields = {"organizationId": cast.ada.organization_id, "userId": cast.ada.user_id, **role}
    assert await mutate(client, cast.bea, mutation, **fields) == ("ForbiddenError", "OPERATION_NOT_ALLOWED")
    for user_id in (cast.cid.user_id, owned_resources.MISSING_IDS["user"], "", "1 OR 1=1", "\x00", "ключ"):
        answer = await mutate(client, cast.ada, mutation, **{**fields, "userId": user_id})
        assert answer == ("NotFoundError", "RESOURCE_NOT_FOUND")
    assert {row.role for row in await factories.load_all(database, Membership)} == {Role.ADMIN, Role.MEMBER}


@pytest.mark.parametrize("mutation", ["grantRole", "revokeMembership", "disableUser", "deleteUser"])
async def test_an_organization_keeps_an_admin(
    client: httpx.AsyncClient, database: Database, cast: Cast, mutation: str
) -> None:
    fields: dict[str, object] = {"userId": cast.ada.user_id}
    if mutation in {"grantRole", "revokeMembership"}:
        fields["organizationId"] = cast.ada.organization_id
    if mutation == "grantRole":
        fields["role"] = "MEMBER"
    before = await owned_resources.digest_tables(database)
    assert await mutate(client, cast.ada, mutation, **fields) == ("ConflictError", "CONFLICT")
    assert await owned_resources.digest_tables(database) == before
    await offboarding.grant(database, cast.bea.user_id, cast.ada.organization_id, Role.ADMIN)
    assert (await mutate(client, cast.ada, mutation, **fields))[1] is None


@pytest.mark.parametrize("mutation", ["disableUser", "deleteUser"])
async def test_a_user_of_a_further_organization_is_not_disabled_by_one_admin(
    client: httpx.AsyncClient, database: Database, cast: Cast, mutation: str
) -> None:
    await offboarding.grant(database, cast.bea.user_id, cast.cid.organization_id, Role.MEMBER)
    answer = await mutate(client, cast.ada, mutation, userId=cast.bea.user_id)
    assert answer == ("ForbiddenError", "OPERATION_NOT_ALLOWED")
    assert await code_of(client, cast.bea.headers) is None


async def test_the_command_line_manages_users(client: httpx.AsyncClient, settings: Settings, cast: Cast) -> None:
    def users(*arguments: str) -> tuple[int, str]:
        return run_cli(settings, *arguments, command="users")

    bea, second = cast.bea.user_id, cast.cid.organization_id
    assert users("grant", bea, "--org", second, "--role", "viewer") == (0, f"{bea} is viewer of {second}.\n")
    listed = users("list", "--org", second)[1]
    assert bea in listed
    assert "viewer" in listed
    assert users("revoke", bea, "--org", second)[0] == 0
    assert users("revoke", bea, "--org", second)[0] == 3
    assert users("disable", bea) == (0, f"{bea} is disabled.\n")
    assert await code_of(client, cast.bea.headers) == "API_KEY_DEACTIVATED"
    assert "disabled" in users("list")[1]
    assert users("enable", bea)[0] == 0
    assert users("delete", bea, "--yes") == (0, f"{bea} is deleted.\n")
    assert "Deleted user" in users("list")[1]
    status, output = users("disable", "user_00000000000000000000dead")
    assert (status, output) == (3, "studio: User user_00000000000000000000dead not found.\n")
