import asyncio

from resolvers.access import accounts
from storage.postgres.database import Database
from storage.tables import LibraryEntry, Membership, Role
from tests.support import factories
from tests.support.processes.bearer_tokens import access_token, bearer
from tests.support.rest import share_links as rest_share_links
from tests.support.rest.client import Contract
from tests.support.rest.share_links import UNKNOWN_SHARE_TOKENS
from tests.support.users import Cast, Person


async def join(database: Database, person: Person, organization_id: str) -> None:
    async with database.transaction() as session:
        session.add(Membership(organization_id=organization_id, user_id=person.user_id, role=Role.MEMBER))


async def test_a_shared_track_is_saved_once(rest: Contract, cast: Cast, database: Database, track_id: str) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    answer = await rest_share_links.save(rest, cast.bea, link["token"])
    assert answer.status_code == 201
    edge = answer.json()
    assert {name: edge[name] for name in edge.keys() - {"id", "created_at"}} == {
        "track_id": track_id,
        "source": "shared",
        "share_link_id": link["id"],
    }
    again = await rest_share_links.save(rest, cast.bea, link["token"])
    assert (again.status_code, again.json()) == (200, edge)
    other = await rest_share_links.save(
        rest, cast.bea, (await rest_share_links.share(rest, cast.ada, track_id))["token"]
    )
    assert (other.status_code, other.json()) == (200, edge)
    assert len(await factories.load_all(database, LibraryEntry)) == 1
    listed = (await rest.call("list-tracks", cast.bea)).json()["items"]
    assert [track["id"] for track in listed] == [track_id]


async def test_saving_ones_own_shared_track_returns_the_existing_entry(
    rest: Contract, cast: Cast, database: Database, track_id: str
) -> None:
    own = (await rest.call("save-track", cast.ada, path={"track_id": track_id})).json()
    answer = await rest_share_links.save(
        rest, cast.ada, (await rest_share_links.share(rest, cast.ada, track_id))["token"]
    )
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["source"], answer.json()["share_link_id"]) == (own["id"], "own", None)
    assert len(await factories.load_all(database, LibraryEntry)) == 1


async def test_concurrent_saves_create_one_entry(rest: Contract, cast: Cast, database: Database, track_id: str) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    answers = await asyncio.gather(*(rest_share_links.save(rest, cast.cid, link["token"]) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert [answer.json() for answer in answers] == [answers[0].json()] * 20
    assert len(await factories.load_all(database, LibraryEntry)) == 1


async def test_an_entry_belongs_to_the_tracks_organization_or_to_the_callers_first(
    rest: Contract, cast: Cast, database: Database
) -> None:
    for number in range(3):
        await join(database, cast.cid, (await accounts.create_organization(database, f"Later {number}")).id)
    link = await rest_share_links.share(rest, cast.ada, await factories.put_track(database, cast.ada))
    for reader in (cast.bea, cast.cid):
        await rest_share_links.save(rest, reader, link["token"])
    held = {row.user_id: row.organization_id for row in await factories.load_all(database, LibraryEntry)}
    assert held == {
        cast.bea.user_id: cast.ada.organization_id,
        cast.cid.user_id: cast.cid.organization_id,
    }
    await join(database, cast.cid, cast.ada.organization_id)
    second = await rest_share_links.share(rest, cast.ada, await factories.put_track(database, cast.ada))
    edge = (await rest_share_links.save(rest, cast.cid, second["token"])).json()
    held = {row.id: row.organization_id for row in await factories.load_all(database, LibraryEntry)}
    assert held[edge["id"]] == cast.ada.organization_id


async def test_a_caller_without_organizations_cannot_save(
    rest: Contract, cast: Cast, database: Database, track_id: str
) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    url = rest.url("save-shared-track", cast.cid, token=link["token"])
    answer = await rest.send("POST", url, headers=bearer(access_token(cast.cid, orgs=None)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "OPERATION_NOT_ALLOWED")
    assert await factories.load_all(database, LibraryEntry) == []


async def test_a_collection_cannot_be_saved(rest: Contract, cast: Cast, database: Database, track_id: str) -> None:
    link = await rest_share_links.share(
        rest, cast.ada, await rest_share_links.create_collection(rest, cast.ada, track_id)
    )
    for person in (cast.ada, cast.bea, cast.cid):
        answer = await rest_share_links.save(rest, person, link["token"])
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert await factories.load_all(database, LibraryEntry) == []


async def test_revoked_expired_removed_and_missing_links_cannot_be_saved(
    rest: Contract, cast: Cast, database: Database, track_id: str
) -> None:
    expired = await rest_share_links.share(rest, cast.ada, track_id)
    await rest_share_links.expire_links(database)
    revoked, removed = (
        await rest_share_links.share(rest, cast.ada, track_id),
        await rest_share_links.share(rest, cast.ada, track_id),
    )
    await rest.call("revoke-share", cast.ada, path={"share_id": revoked["id"]})
    await rest.call("delete-track", cast.ada, path={"track_id": track_id})
    answers = []
    for shown in (expired["token"], revoked["token"], removed["token"], *UNKNOWN_SHARE_TOKENS):
        answer = await rest_share_links.save(rest, cast.bea, shown)
        assert answer.status_code == 404
        assert answer.json()["error"]["details"] == {"token": shown}
        answers.append(rest_share_links.comparable_error(answer))
    assert answers == [answers[0]] * len(answers)
    assert await factories.load_all(database, LibraryEntry) == []


async def test_a_saved_track_remains_after_the_link_ends(
    rest: Contract, cast: Cast, database: Database, track_id: str
) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    await rest_share_links.save(rest, cast.cid, link["token"])
    await rest.call("revoke-share", cast.ada, path={"share_id": link["id"]})
    await rest_share_links.expire_links(database)
    assert (await rest.call("get-track", cast.cid, path={"track_id": track_id})).status_code == 200
    listed = (await rest.call("list-tracks", cast.cid)).json()["items"]
    assert [track["id"] for track in listed] == [track_id]
