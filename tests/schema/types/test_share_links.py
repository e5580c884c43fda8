"""The list of one's own links: which, whether they work, how often they were opened; never their tokens."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from core import clock
from storage.postgres.database import Database
from storage.tables import ShareAccess, ShareLink
from tests.support.factories import every, put_track
from tests.support.graphql_client import data, execute
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


async def links(client: httpx.AsyncClient, person: Person, **wishes: object) -> Any:  # noqa: ANN401
    answer = await data(client, person, LINKS, org=person.organization_id, **wishes)
    return answer["organization"]["shareLinks"]


async def ids_of(client: httpx.AsyncClient, person: Person, **wishes: object) -> list[str]:
    found = await links(client, person, **wishes)
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"]["id"] for edge in found["edges"]]


async def share(client: httpx.AsyncClient, person: Person, track_id: str) -> tuple[str, str]:
    """A new link: its id and its token."""
    answer = (await data(client, person, SHARE, id=track_id))["answer"]
    return answer["link"]["id"], answer["token"]


@pytest.mark.usefixtures("fresh_limits")
async def test_a_link_tells_what_it_leads_to_and_how_often_it_was_opened(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
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
    for shown in (token, token, "shr_" + "0" * 32):
        await data(client, None, OPEN, token=shown)
    [edge] = (await links(client, cast.ada))["edges"]
    latest = max(row.resolved_at for row in await every(database, ShareAccess) if row.share_link_id)
    assert (edge["node"]["openCount"], edge["node"]["lastOpenedAt"]) == (2, clock.iso(latest))


async def test_links_are_narrowed_by_state_and_target(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    one, other = [await put_track(database, cast.ada) for _ in range(2)]
    mix = (await data(client, cast.ada, NEW, org=cast.ada.organization_id))["answer"]["collection"]["id"]
    to_one, _ = await share(client, cast.ada, one)
    to_other, _ = await share(client, cast.ada, other)
    over, _ = await share(client, cast.ada, other)
    to_mix = (await data(client, cast.ada, SHARE_COLLECTION, id=mix))["answer"]["link"]["id"]
    await data(client, cast.ada, REVOKE, id=to_one)
    async with database.transaction() as session:
        ended = {"expires_at": clock.now() - timedelta(seconds=1)}
        await session.execute(update(ShareLink).where(col(ShareLink.id) == over).values(ended))

    assert await ids_of(client, cast.ada) == [to_mix, over, to_other, to_one]
    assert await ids_of(client, cast.ada, filter={"isActive": True}) == [to_mix, to_other]
    assert await ids_of(client, cast.ada, filter={"isActive": False}) == [over, to_one]
    assert await ids_of(client, cast.ada, filter={"targetType": "COLLECTION"}) == [to_mix]
    assert await ids_of(client, cast.ada, filter={"targetId": other, "isActive": True}) == [to_other]
    assert await ids_of(client, cast.ada, filter={"targetId": mix}) == [to_mix]
    for strange in ("mtrack_" + "0" * 24, "nonsense", "", "mtrack_\x00", cast.ada.organization_id):
        assert await ids_of(client, cast.ada, filter={"targetId": strange}) == []


async def test_links_are_paged_newest_first(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    track_id = await put_track(database, cast.ada)
    made = [(await share(client, cast.ada, track_id))[0] for _ in range(5)]
    seen: list[str] = []
    after = None
    while len(seen) < 5:
        part = await links(client, cast.ada, first=2, after=after)
        assert part["totalCount"] == 5
        seen += [edge["node"]["id"] for edge in part["edges"]]
        after = part["pageInfo"]["endCursor"]
    assert seen == made[::-1]
    assert part["pageInfo"]["hasNextPage"] is False
    body = await execute(client, cast.ada, LINKS, org=cast.ada.organization_id, after="nonsense")
    assert body["errors"][0]["extensions"]["errors"][0]["field"] == "after"


async def test_a_link_is_seen_by_nobody_but_its_maker(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    link_id, token = await share(client, cast.ada, await put_track(database, cast.ada))
    node = "query($id: ID!) { node(id: $id) { id ... on ShareLink { isActive openCount } } }"
    seen = await data(client, cast.ada, node, id=link_id)
    assert seen == {"node": {"id": link_id, "isActive": True, "openCount": 0}}
    assert token not in str(await links(client, cast.ada))
    for stranger in (cast.bea, cast.cid):
        assert await ids_of(client, stranger) == []
        assert await data(client, stranger, node, id=link_id) == {"node": None}


async def test_a_link_whose_track_is_gone_leads_to_nothing(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    await share(client, cast.ada, track_id)
    await data(client, cast.ada, "mutation($id: ID!) { deleteTrack(input: { id: $id }) { __typename } }", id=track_id)
    [edge] = (await links(client, cast.ada))["edges"]
    assert (edge["node"]["track"], edge["node"]["isActive"]) == (None, True)
