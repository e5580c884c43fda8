import hashlib
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import update

from core import clock
from core.settings import Settings
from storage.postgres.database import Database
from storage.tables import LibraryEntry, ShareAccess, ShareLink
from tests.support import factories, large_collections
from tests.support.graphql.client import data, execute
from tests.support.rest import share_links as rest_share_links
from tests.support.rest.client import Contract
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("fresh_limits")


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


async def test_a_new_link_contains_its_token(rest: Contract, cast: Cast, settings: Settings, track_id: str) -> None:
    before = clock.iso(clock.now())
    link = await rest_share_links.share(rest, cast.ada, track_id)
    assert {name: link[name] for name in link.keys() - {"id", "token", "created_at"}} == {
        "url": f"{settings.public_url}/v1/music/shared/{link['token']}",
        "target_type": "track",
        "visibility": "link_only",
        "expires_at": None,
    }
    assert before <= link["created_at"] <= clock.iso(clock.now())
    assert (await rest.client.get(link["url"])).status_code == 200


async def test_only_the_digest_of_a_token_is_stored(
    rest: Contract, cast: Cast, database: Database, track_id: str
) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    await rest_share_links.resolve(rest, cast, link["token"])
    [row] = await factories.load_all(database, ShareLink)
    assert row.token_digest == hashlib.sha256(link["token"].encode()).digest()
    assert (row.id, row.user_id, row.track_id, row.collection_id) == (link["id"], cast.ada.user_id, track_id, None)
    rows = [row.model_dump() for table in (ShareLink, ShareAccess) for row in await factories.load_all(database, table)]
    assert link["token"].removeprefix("shr_") not in repr(rows)
    revoked = await rest.call("revoke-share", cast.ada, path={"share_id": link["id"]})
    assert link["token"] not in revoked.text


async def test_each_request_creates_a_new_link(rest: Contract, cast: Cast, database: Database, track_id: str) -> None:
    made = [await rest_share_links.share(rest, cast.ada, track_id) for _ in range(3)]
    assert len({link["id"] for link in made}) == len({link["token"] for link in made}) == 3
    for link in made:
        assert (await rest_share_links.resolve(rest, cast, link["token"])).status_code == 200
    assert len(await factories.load_all(database, ShareLink)) == 3


@pytest.mark.parametrize(
    ("requested", "days"),
    [
        (1, 1),
        (30, 30),
        (89, 89),
        (90, 90),
        (91, 90),
        (365, 90),
        (2**31, 90),
        (2**63 - 1, 90),
        (1e30, 90),
        (7.0, 7),
        (None, None),
    ],
)
async def test_a_lifetime_above_ninety_days_is_clamped(
    rest: Contract, cast: Cast, track_id: str, requested: float | None, days: int | None
) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id, {"expires_in_days": requested})
    if days is None:
        assert link["expires_at"] is None
    else:
        assert moment(link["expires_at"]) - moment(link["created_at"]) == timedelta(days=days)
    shown = (await rest_share_links.resolve(rest, cast, link["token"])).json()["share"]
    assert shown == {name: link[name] for name in ("target_type", "visibility", "expires_at")}


@pytest.mark.parametrize("visibility", ["link_only", "public"])
async def test_a_link_has_the_requested_visibility(rest: Contract, cast: Cast, track_id: str, visibility: str) -> None:
    assert (await rest_share_links.share(rest, cast.ada, track_id, {"visibility": visibility}))[
        "visibility"
    ] == visibility


@pytest.mark.parametrize("operation", ["share-track", "share-collection"])
async def test_the_body_is_optional(rest: Contract, cast: Cast, track_id: str, operation: str) -> None:
    path = {"track_id": track_id, "collection_id": await rest_share_links.create_collection(rest, cast.ada)}
    for headers in ({}, {"Content-Type": "application/json"}):
        answer = await rest.call(operation, cast.ada, path=path, headers=headers)
        assert answer.status_code == 201
        assert (answer.json()["visibility"], answer.json()["expires_at"]) == ("link_only", None)


@pytest.mark.parametrize("operation", ["share-track", "share-collection"])
@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"expires_in_days": 0}, "expires_in_days", "Must be at least 1."),
        ({"expires_in_days": -1}, "expires_in_days", "Must be at least 1."),
        ({"expires_in_days": 1.5}, "expires_in_days", "Must be an integer."),
        ({"expires_in_days": "7"}, "expires_in_days", "Must be an integer."),
        ({"expires_in_days": True}, "expires_in_days", "Must be an integer."),
        ({"visibility": "private"}, "visibility", "Must be 'link_only' or 'public'."),
        ({"visibility": "PUBLIC"}, "visibility", "Must be 'link_only' or 'public'."),
        ({"visibility": 1}, "visibility", "Must be 'link_only' or 'public'."),
        ({"token": "shr_x"}, "token", "Unknown field."),
        ([], "", "The body must be a JSON object."),
        (None, "", "The body must be a JSON object."),
    ],
    ids=ascii,
)
async def test_an_invalid_body_creates_no_link(
    rest: Contract,
    cast: Cast,
    database: Database,
    track_id: str,
    operation: str,
    body: object,
    field: str,
    message: str,
) -> None:
    path = {"track_id": track_id, "collection_id": await rest_share_links.create_collection(rest, cast.ada)}
    headers = {"Content-Type": "application/json"}
    answer = await rest.call(operation, cast.ada, path=path, content=json.dumps(body), headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["details"]["errors"] == [{"field": field, "message": message}]
    assert await factories.load_all(database, ShareLink) == []


@pytest.mark.parametrize(
    ("content", "content_type", "status"), [(b"{", "application/json", 400), (b"x=1", "text/plain", 415)]
)
async def test_a_body_that_is_not_json_creates_no_link(
    rest: Contract, cast: Cast, database: Database, track_id: str, content: bytes, content_type: str, status: int
) -> None:
    headers = {"Content-Type": content_type}
    answer = await rest.call("share-track", cast.ada, path={"track_id": track_id}, content=content, headers=headers)
    assert answer.status_code == status
    assert await factories.load_all(database, ShareLink) == []


async def test_only_the_creator_can_share_a_track(
    rest: Contract, cast: Cast, database: Database, track_id: str
) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    for reader in (cast.bea, cast.cid):
        for _ in ("not saved", "saved"):
            answer = await rest.call("share-track", reader, path={"track_id": track_id})
            assert answer.status_code == 404
            assert answer.json()["error"]["details"] == {"track_id": track_id}
            await rest_share_links.save(rest, reader, link["token"])
    assert len(await factories.load_all(database, ShareLink)) == 1


@pytest.mark.parametrize("missing", ["mtrack_000000000000", "x", "a\x00b"], ids=ascii)
async def test_malformed_and_unknown_tracks_cannot_be_shared(rest: Contract, cast: Cast, missing: str) -> None:
    answer = await rest.call("share-track", cast.ada, path={"track_id": missing})
    assert answer.status_code == 404
    assert answer.json()["error"]["system_message"] == "Music track not found"


async def test_a_revoked_link_stops_working_and_can_be_revoked_again(
    rest: Contract, cast: Cast, database: Database, track_id: str
) -> None:
    link, other = (
        await rest_share_links.share(rest, cast.ada, track_id),
        await rest_share_links.share(rest, cast.ada, track_id),
    )
    for _ in range(2):
        answer = await rest.call("revoke-share", cast.ada, path={"share_id": link["id"]})
        assert answer.status_code == 200
        assert answer.json() == {"success": True, "id": link["id"], "detail": "Share link revoked."}
    assert (await rest_share_links.resolve(rest, cast, link["token"])).status_code == 404
    assert (await rest_share_links.save(rest, cast.bea, link["token"])).status_code == 404
    assert (await rest_share_links.resolve(rest, cast, other["token"])).status_code == 200
    assert await factories.load_all(database, LibraryEntry) == []


async def test_revoking_again_keeps_the_first_revocation_time(
    rest: Contract, cast: Cast, database: Database, track_id: str
) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    long_ago = clock.now() - timedelta(days=5)
    async with database.transaction() as session:
        await session.execute(update(ShareLink).values(revoked_at=long_ago))
    assert (await rest.call("revoke-share", cast.ada, path={"share_id": link["id"]})).status_code == 200
    assert [row.revoked_at for row in await factories.load_all(database, ShareLink)] == [long_ago]


async def test_links_that_expired_or_lost_their_track_can_be_revoked(
    rest: Contract, cast: Cast, database: Database, track_id: str
) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    await rest_share_links.expire_links(database)
    assert (await rest.call("revoke-share", cast.ada, path={"share_id": link["id"]})).status_code == 200
    other = await rest_share_links.share(rest, cast.ada, track_id)
    await rest.call("delete-track", cast.ada, path={"track_id": track_id})
    assert (await rest.call("revoke-share", cast.ada, path={"share_id": other["id"]})).status_code == 200
    assert (await rest_share_links.resolve(rest, cast, other["token"])).status_code == 404


async def test_a_foreign_link_cannot_be_revoked(rest: Contract, cast: Cast, track_id: str) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    for stranger in (cast.bea, cast.cid):
        answer = await rest.call("revoke-share", stranger, path={"share_id": link["id"]})
        assert answer.status_code == 404
        error = answer.json()["error"]
        assert (error["system_message"], error["details"]) == ("Music share link not found", {"share_id": link["id"]})
    assert (await rest_share_links.resolve(rest, cast, link["token"])).status_code == 200


@pytest.mark.parametrize("share_id", ["mslink_000000000000", "mslink_", "x", "ö", "a\x00b", "mslink_" + "0" * 3000])
async def test_malformed_and_unknown_links_cannot_be_revoked(rest: Contract, cast: Cast, share_id: str) -> None:
    answer = await rest.call("revoke-share", cast.ada, path={"share_id": share_id})
    assert answer.status_code == 404
    assert answer.json()["error"]["details"] == {"share_id": share_id}


@pytest.mark.parametrize(
    ("operation", "method", "allowed"),
    [
        ("resolve-share", "POST", {"GET", "HEAD"}),
        ("save-shared-track", "GET", {"POST"}),
        ("revoke-share", "GET", {"DELETE"}),
    ],
)
async def test_a_wrong_method_returns_405_with_the_allowed_methods(
    rest: Contract, cast: Cast, operation: str, method: str, allowed: set[str]
) -> None:
    url = rest.url(operation, cast.ada, token=f"shr_{'0' * 32}", share_id="mslink_000000000000")
    answer = await rest.send(method, url, headers=cast.ada.headers)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed


async def test_a_large_collection_is_shared_whole_and_costs_more_tokens(
    rest: Contract, cast: Cast, database: Database, client: httpx.AsyncClient
) -> None:
    collection_id = await rest_share_links.create_collection(rest, cast.ada)
    await large_collections.fill(database, cast.ada, collection_id, 1_100)
    link = await rest_share_links.share(rest, cast.ada, collection_id)
    content = (await rest_share_links.resolve(rest, cast, link["token"])).json()
    order = await factories.load_collection_order(database, collection_id)
    assert [track["id"] for track in content["tracks"]] == [track_id for _, track_id in order]
    assert all("/media/" in track["playback_url"] for track in content["tracks"])
    page = await client.get(link["url"], headers={"Accept": "text/html"})
    assert page.text.count("<li>") == 100
    assert "first 100 tracks, 1000 more follow" in page.text
    query = """query($token: String!, $first: Int!, $offset: Int!) {
      sharedLink(token: $token) { collection { trackCount tracks(first: $first, offset: $offset) { id playbackUrl } } }
    }"""
    shown = await data(client, None, query, token=link["token"], first=20, offset=1_090)
    collection = shown["sharedLink"]["collection"]
    assert collection["trackCount"] == 1_100
    assert [track["id"] for track in collection["tracks"]] == [track_id for _, track_id in order[1_090:]]
    refused = await execute(client, None, query, token=link["token"], first=101, offset=-1)
    assert "Must be 0 to 100." in str(refused)


@pytest.mark.parametrize("empty", [None, ""], ids=repr)
async def test_empty_options_of_a_share_are_left_out(
    rest: Contract, cast: Cast, track_id: str, empty: str | None
) -> None:
    body = {"visibility": empty, "expires_in_days": empty}
    answer = await rest.call("share-track", cast.ada, path={"track_id": track_id}, json=body, is_documented=False)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["visibility"], answer.json()["expires_at"]) == ("link_only", None)
