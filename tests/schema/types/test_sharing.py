"""The content of share links, and saving a track of a shared collection."""

from typing import Final

import httpx
import pytest
import pytest_asyncio

from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.graphql.client import data
from tests.support.rest import share_links
from tests.support.rest.client import Contract, Entry, document
from tests.support.users import Cast

__all__ = ["document"]

OPEN: Final = """
query Open($token: String!) {
  sharedLink(token: $token) { track { maker palette waveform(points: 3) } collection { tracks { maker palette } } }
}
"""
SAVE: Final = """
mutation Save($token: String!, $track: ID) {
  saveSharedTrack(input: { token: $token, trackId: $track }) {
    __typename
    ... on SaveSharedTrackPayload { entry { source track { id } } }
  }
}
"""


@pytest_asyncio.fixture
async def rest(client: httpx.AsyncClient, document: Entry) -> Contract:
    """A client that creates what the tests share."""
    return Contract(client, document)


async def test_a_shared_track_has_its_maker_and_colours(
    client: httpx.AsyncClient, rest: Contract, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada, palette=["#26215c"])
    link = await share_links.share(rest, cast.ada, track_id)
    seen = {"maker": "First", "palette": ["#26215c"]}
    opened = await data(client, None, OPEN, token=link["token"])
    assert opened == {"sharedLink": {"track": {**seen, "waveform": None}, "collection": None}}
    collection = await share_links.create_collection(rest, cast.ada, track_id)
    link = await share_links.share(rest, cast.ada, collection)
    opened = await data(client, None, OPEN, token=link["token"])
    assert opened == {"sharedLink": {"track": None, "collection": {"tracks": [seen]}}}


async def test_tracks_of_a_shared_collection_can_be_saved_one_by_one(
    client: httpx.AsyncClient, rest: Contract, database: Database, cast: Cast
) -> None:
    first, second, other = [await put_track(database, cast.ada) for _ in range(3)]
    collection = await share_links.create_collection(rest, cast.ada, first, second)
    token = (await share_links.share(rest, cast.ada, collection))["token"]

    async def save(track_id: str | None) -> object:
        return (await data(client, cast.cid, SAVE, token=token, track=track_id))["saveSharedTrack"]

    saved = {"__typename": "SaveSharedTrackPayload", "entry": {"source": "SHARED", "track": {"id": second}}}
    assert [await save(second), await save(second)] == [saved, saved]
    for absent in (None, ""):
        assert await save(absent) == {"__typename": "InvalidInputError"}
    foreign = await put_track(database, cast.cid)
    for unknown in (other, foreign, "mtrack_000000000000", collection, "x", "\x00"):
        assert await save(unknown) == {"__typename": "NotFoundError"}
    await rest.call("delete-track", cast.ada, path={"track_id": first})
    assert await save(first) == {"__typename": "NotFoundError"}
    await rest.call("delete-collection", cast.ada, path={"collection_id": collection})
    assert await save(second) == {"__typename": "NotFoundError"}


@pytest.mark.parametrize(("is_own", "kind"), [(True, "SaveSharedTrackPayload"), (False, "NotFoundError")])
async def test_the_link_of_a_track_shares_no_other(
    client: httpx.AsyncClient, rest: Contract, database: Database, cast: Cast, *, is_own: bool, kind: str
) -> None:
    shared, other = [await put_track(database, cast.ada) for _ in range(2)]
    token = (await share_links.share(rest, cast.ada, shared))["token"]
    saved = await data(client, cast.cid, SAVE, token=token, track=shared if is_own else other)
    assert saved["saveSharedTrack"]["__typename"] == kind
