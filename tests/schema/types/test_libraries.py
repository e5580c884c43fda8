"""Library, collections, share links and spend caps in the GraphQL API."""

from typing import Any

import httpx
import pytest

from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.graphql.client import data, execute
from tests.support.users import Cast, Person

SAVE = """
mutation($id: ID!) {
  saveTrack(input: { id: $id }) {
    __typename ... on SaveTrackPayload { entry { id source track { id } } } ... on Error { code }
  }
}
"""
LIBRARY = """
query($id: ID!, $first: Int! = 20, $after: String, $filter: LibraryFilter) {
  organization(id: $id) {
    library(first: $first, after: $after, filter: $filter) {
      totalCount pageInfo { hasNextPage endCursor } edges { node { source track { id title } } }
    }
  }
}
"""
CREATE = """
mutation($org: ID!, $name: String!) {
  createCollection(input: { organizationId: $org, name: $name }) {
    __typename
    ... on CollectionPayload { collection { id name trackCount } }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
ADD = """
mutation($collection: ID!, $track: ID!) {
  addCollectionTrack(input: { collectionId: $collection, trackId: $track }) {
    __typename ... on CollectionPayload { collection { trackCount } } ... on Error { code }
  }
}
"""
UPDATE = """
mutation($input: UpdateCollectionInput!) {
  updateCollection(input: $input) {
    __typename
    ... on CollectionPayload { collection { name description } }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
REORDER = """
mutation($id: ID!, $order: [ID!]!) {
  reorderCollection(input: { id: $id, orderedTrackIds: $order }) { __typename }
}
"""
MEMBERS = """
query($id: ID!, $first: Int! = 20, $after: String) {
  node(id: $id) { ... on Collection {
    tracks(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } }
  } }
}
"""
SHARE = """
mutation($id: ID!) {
  shareTrack(input: { id: $id }) {
    __typename ... on SharePayload { token url link { id revokedAt } } ... on Error { code }
  }
}
"""
OPEN = """
query($token: String!) {
  sharedLink(token: $token) {
    kind isAvailable message track { id playbackUrl licence { class commercialUse } } collection { id }
  }
}
"""
SAVE_SHARED = """
mutation($token: String!) {
  saveSharedTrack(input: { token: $token }) {
    __typename ... on SaveSharedTrackPayload { entry { source track { id } } } ... on Error { code }
  }
}
"""
DELETE = """
mutation($id: ID!) {
  deleteTrack(input: { id: $id }) { __typename ... on DeleteTrackPayload { deletedId } ... on Error { code } }
}
"""


async def library(client: httpx.AsyncClient, person: Person, **variables: object) -> Any:  # noqa: ANN401
    answer = await data(client, person, LIBRARY, id=person.organization_id, **variables)
    return answer["organization"]["library"]


async def collection(client: httpx.AsyncClient, person: Person, name: str = "Mix") -> str:
    answer = await data(client, person, CREATE, org=person.organization_id, name=name)
    return str(answer["createCollection"]["collection"]["id"])


async def test_a_saved_track_is_in_the_library_once_newest_first(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    tracks = [await put_track(database, cast.ada) for _ in range(3)]
    for track_id in tracks:
        first = (await data(client, cast.ada, SAVE, id=track_id))["saveTrack"]
        assert first == (await data(client, cast.ada, SAVE, id=track_id))["saveTrack"]
        assert first["entry"]["source"] == "OWN"
    page = await library(client, cast.ada, first=2)
    assert page["totalCount"] == 3
    assert [edge["node"]["track"]["id"] for edge in page["edges"]] == tracks[:0:-1]
    rest = await library(client, cast.ada, first=2, after=page["pageInfo"]["endCursor"])
    assert [edge["node"]["track"]["id"] for edge in rest["edges"]] == tracks[:1]
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_users_cannot_save_tracks_they_cannot_read(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    for other_user in (cast.bea, cast.cid):
        answer = (await data(client, other_user, SAVE, id=track_id))["saveTrack"]
        assert answer == {"__typename": "NotFoundError", "code": "RESOURCE_NOT_FOUND"}
        assert (await library(client, other_user))["totalCount"] == 0


async def test_a_collection_can_be_reordered(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    mix = await collection(client, cast.ada)
    tracks = [await put_track(database, cast.ada) for _ in range(4)]
    for number, track_id in enumerate(tracks, start=1):
        answer = (await data(client, cast.ada, ADD, collection=mix, track=track_id))["addCollectionTrack"]
        assert answer["collection"]["trackCount"] == number
    await data(client, cast.ada, REORDER, id=mix, order=[tracks[2], "mtrack_nope", tracks[2], tracks[0]])
    page = (await data(client, cast.ada, MEMBERS, id=mix, first=3))["node"]["tracks"]
    rest = (await data(client, cast.ada, MEMBERS, id=mix, after=page["pageInfo"]["endCursor"]))["node"]["tracks"]
    seen = [edge["node"]["id"] for edge in [*page["edges"], *rest["edges"]]]
    assert seen == [tracks[2], tracks[0], tracks[1], tracks[3]]
    narrowed = await library(client, cast.ada, filter={"collectionId": mix})
    assert narrowed["totalCount"] == 0


async def test_each_mutation_of_one_operation_returns_the_state_after_it(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    mix, tracks = await collection(client, cast.ada), [await put_track(database, cast.ada) for _ in range(2)]
    query = """
    mutation($mix: ID!, $one: ID!, $other: ID!) {
      first: addCollectionTrack(input: { collectionId: $mix, trackId: $one }) { ...Members }
      second: addCollectionTrack(input: { collectionId: $mix, trackId: $other }) { ...Members }
      third: removeCollectionTrack(input: { collectionId: $mix, trackId: $one }) { ...Members }
    }
    fragment Members on CollectionPayload { collection { trackCount tracks { edges { node { id } } } } }
    """
    answer = await data(client, cast.ada, query, mix=mix, one=tracks[0], other=tracks[1])
    returned = {name: payload["collection"] for name, payload in answer.items()}
    members = {name: [edge["node"]["id"] for edge in each["tracks"]["edges"]] for name, each in returned.items()}
    assert members == {"first": tracks[:1], "second": tracks, "third": tracks[1:]}
    assert [each["trackCount"] for each in returned.values()] == [1, 2, 1]


async def test_omitted_fields_stay_null_clears_and_a_name_cannot_be_cleared(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    mix = await collection(client, cast.ada)
    described = await data(client, cast.ada, UPDATE, input={"id": mix, "description": "late"})
    assert described["updateCollection"]["collection"] == {"name": "Mix", "description": "late"}
    renamed = await data(client, cast.ada, UPDATE, input={"id": mix, "name": "Other"})
    assert renamed["updateCollection"]["collection"] == {"name": "Other", "description": "late"}
    cleared = await data(client, cast.ada, UPDATE, input={"id": mix, "description": None})
    assert cleared["updateCollection"]["collection"] == {"name": "Other", "description": None}
    refused = await data(client, cast.ada, UPDATE, input={"id": mix, "name": None, "coverImageUrl": "ftp://x"})
    assert [problem["path"] for problem in refused["updateCollection"]["problems"]] == [["name"], ["coverImageUrl"]]


async def test_a_shared_track_can_be_opened_and_saved_until_it_is_deleted(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    shared = (await data(client, cast.ada, SHARE, id=track_id))["shareTrack"]
    seen = (await data(client, None, OPEN, token=shared["token"]))["sharedLink"]
    assert seen["isAvailable"] is True
    assert seen["track"]["id"] == track_id
    assert seen["track"]["licence"] == {"class": "COMMERCIAL_CLEARED", "commercialUse": True}

    saved = (await data(client, cast.cid, SAVE_SHARED, token=shared["token"]))["saveSharedTrack"]
    assert saved["entry"] == {"source": "SHARED", "track": {"id": track_id}}
    assert (await data(client, cast.cid, DELETE, id=track_id))["deleteTrack"]["code"] == "OPERATION_NOT_ALLOWED"
    assert (await data(client, cast.bea, DELETE, id=track_id))["deleteTrack"]["code"] == "RESOURCE_NOT_FOUND"

    assert (await data(client, cast.ada, DELETE, id=track_id))["deleteTrack"]["deletedId"] == track_id
    assert (await library(client, cast.cid))["totalCount"] == 0
    deleted = (await data(client, None, OPEN, token=shared["token"]))["sharedLink"]
    assert deleted == {
        "kind": "TRACK",
        "isAvailable": False,
        "message": "This content is no longer available.",
        "track": None,
        "collection": None,
    }


async def test_a_link_that_does_not_work_is_null(client: httpx.AsyncClient, cast: Cast) -> None:
    for token in ("shr_" + "0" * 32, "", "shr_\x00", "\ud83c"):
        if token.isprintable():
            assert await data(client, None, OPEN, token=token) == {"sharedLink": None}


@pytest.mark.parametrize("window", ["DAY", "WEEK", "MONTH"])
async def test_only_an_admin_sets_a_cap(client: httpx.AsyncClient, cast: Cast, window: str) -> None:
    query = """
    mutation($org: ID!, $window: UsageWindow!, $limit: Decimal) {
      setSpendLimit(input: { organizationId: $org, window: $window, limitChf: $limit }) {
        __typename ... on SetSpendLimitPayload { usage { window limitChf costChf } } ... on Error { code }
      }
    }
    """
    org = cast.ada.organization_id
    refused = await data(client, cast.bea, query, org=org, window=window, limit="5.00")
    assert refused["setSpendLimit"] == {"__typename": "ForbiddenError", "code": "OPERATION_NOT_ALLOWED"}
    usage = (await data(client, cast.ada, query, org=org, window=window, limit="5.00"))["setSpendLimit"]["usage"]
    assert {entry["window"]: entry["limitChf"] for entry in usage} == {
        "DAY": None,
        "WEEK": None,
        "MONTH": None,
        window: "5.0000",
    }
    lifted = (await data(client, cast.ada, query, org=org, window=window))["setSpendLimit"]["usage"]
    assert [entry["limitChf"] for entry in lifted] == [None, None, None]


async def test_unauthenticated_callers_can_only_open_share_links(client: httpx.AsyncClient, cast: Cast) -> None:
    for mutation in (SAVE, DELETE, SHARE):
        body = await execute(client, None, mutation, id="mtrack_" + "0" * 24)
        assert body["errors"][0]["extensions"]["code"] == "AUTHENTICATION_REQUIRED"
