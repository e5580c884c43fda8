"""The share links of a user: filters, state, open counts. Tokens are never listed."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from core import clock
from storage.postgres.database import Database
from storage.tables import ShareAccess, ShareLink
from tests.support.factories import load_all, put_track
from tests.support.graphql.client import data, execute
from tests.support.users import Cast, Person

LINKS = """
query($org: ID!, $first: Int! = 20, $after: String, $filter: ShareLinkFilter) {
  organization(id: $org) { shareLinks(first: $first, after: $after, filter: $filter) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges { node {
      id targetType visibility isActive expiresAt revokedAt openCount lastOpenedAt track { id } collection { id }
    } }
  } }
}
"""
SHARE = """
mutation($id: ID!) { answer: shareTrack(input: { id: $id }) { ... on SharePayload { token link { id isActive } } } }
"""
SHARE_COLLECTION = """
mutation($id: ID!) { answer: shareCollection(input: { id: $id }) { ... on SharePayload { token link { id } } } }
"""
REVOKE = "mutation($id: ID!) { revokeShare(input: { id: $id }) { __typename } }"
OPEN = "query($token: String!) { sharedLink(token: $token) { isAvailable } }"
NEW = """
mutation($org: ID!) {
  answer: createCollection(input: { organizationId: $org, name: "Mix" }) {
    ... on CollectionPayload { collection { id } }
  }
}
"""


async def links(client: httpx.AsyncClient, person: Person, **arguments: object) -> Any:  # noqa: ANN401
    answer = await data(client, person, LINKS, org=person.organization_id, **arguments)
    return answer["organization"]["shareLinks"]


async def ids_of(client: httpx.AsyncClient, person: Person, **arguments: object) -> list[str]:
    page = await links(client, person, **arguments)
    assert page["totalCount"] == len(page["edges"])
    return [edge["node"]["id"] for edge in page["edges"]]


async def share(client: httpx.AsyncClient, person: Person, track_id: str) -> tuple[str, str]:
    """Create a link; return its ID and token."""
    answer = (await data(client, person, SHARE, id=track_id))["answer"]
    return answer["link"]["id"], answer["token"]


@pytest.mark.usefixtures("fresh_limits")
async def test_a_link_has_its_target_and_open_count(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    track_id = await put_track(database, cast.ada)
    link_id, token = await share(client, cast.ada, track_id)
    [edge] = (await links(client, cast.ada))["edges"]
    assert edge["node"] == {
        "id": link_id,
        "targetType": "TRACK",
        "visibility": "LINK_ONLY",
        "isActive": True,
        "expiresAt": None,
        "revokedAt": None,
        "openCount": 0,
        "lastOpenedAt": None,
        "track": {"id": track_id},
        "collection": None,
    }
    for opened in (token, token, "shr_" + "0" * 32):
        await data(client, None, OPEN, token=opened)
    [edge] = (await links(client, cast.ada))["edges"]
    latest = max(row.resolved_at for row in await load_all(database, ShareAccess) if row.share_link_id)
    assert (edge["node"]["openCount"], edge["node"]["lastOpenedAt"]) == (2, clock.iso(latest))


async def test_links_are_filtered_by_state_and_target(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track, other_track = [await put_track(database, cast.ada) for _ in range(2)]
    mix = (await data(client, cast.ada, NEW, org=cast.ada.organization_id))["answer"]["collection"]["id"]
    to_track, _ = await share(client, cast.ada, track)
    to_other_track, _ = await share(client, cast.ada, other_track)
    expired, _ = await share(client, cast.ada, other_track)
    to_mix = (await data(client, cast.ada, SHARE_COLLECTION, id=mix))["answer"]["link"]["id"]
    await data(client, cast.ada, REVOKE, id=to_track)
    async with database.transaction() as session:
        in_the_past = {"expires_at": clock.now() - timedelta(seconds=1)}
        await session.execute(update(ShareLink).where(col(ShareLink.id) == expired).values(in_the_past))

    assert await ids_of(client, cast.ada) == [to_mix, expired, to_other_track, to_track]
    assert await ids_of(client, cast.ada, filter={"isActive": True}) == [to_mix, to_other_track]
    assert await ids_of(client, cast.ada, filter={"isActive": False}) == [expired, to_track]
    assert await ids_of(client, cast.ada, filter={"targetType": "COLLECTION"}) == [to_mix]
    assert await ids_of(client, cast.ada, filter={"targetId": other_track, "isActive": True}) == [to_other_track]
    assert await ids_of(client, cast.ada, filter={"targetId": mix}) == [to_mix]
    for unknown_id in ("mtrack_" + "0" * 24, "nonsense", "", "mtrack_\x00", cast.ada.organization_id):
        assert await ids_of(client, cast.ada, filter={"targetId": unknown_id}) == []


async def test_links_are_paginated_newest_first(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    track_id = await put_track(database, cast.ada)
    created = [(await share(client, cast.ada, track_id))[0] for _ in range(5)]
    seen: list[str] = []
    after = None
    while len(seen) < 5:
        part = await links(client, cast.ada, first=2, after=after)
        assert part["totalCount"] == 5
        seen += [edge["node"]["id"] for edge in part["edges"]]
        after = part["pageInfo"]["endCursor"]
    assert seen == created[::-1]
    assert part["pageInfo"]["hasNextPage"] is False
    body = await execute(client, cast.ada, LINKS, org=cast.ada.organization_id, after="nonsense")
    assert body["errors"][0]["extensions"]["errors"][0]["field"] == "after"


async def test_other_users_cannot_read_a_link(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    link_id, token = await share(client, cast.ada, await put_track(database, cast.ada))
    node = "query($id: ID!) { node(id: $id) { id ... on ShareLink { isActive openCount } } }"
    seen = await data(client, cast.ada, node, id=link_id)
    assert seen == {"node": {"id": link_id, "isActive": True, "openCount": 0}}
    assert token not in str(await links(client, cast.ada))
    for other_user in (cast.bea, cast.cid):
        assert await ids_of(client, other_user) == []
        assert await data(client, other_user, node, id=link_id) == {"node": None}


async def test_the_track_of_a_link_is_null_after_its_deletion(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    await share(client, cast.ada, track_id)
    await data(client, cast.ada, "mutation($id: ID!) { deleteTrack(input: { id: $id }) { __typename } }", id=track_id)
    [edge] = (await links(client, cast.ada))["edges"]
    assert (edge["node"]["track"], edge["node"]["isActive"]) == (None, True)
