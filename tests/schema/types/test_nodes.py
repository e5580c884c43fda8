"""Objects by their ids, partial results, and the values that REST returns as well."""

import httpx
import pytest

from core.ids import Kind, new
from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.graphql.client import data, execute
from tests.support.users import Cast

NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
SAVE = "mutation($id: ID!) { saveTrack(input: { id: $id }) { ... on SaveTrackPayload { entry { id shareLinkId } } } }"


async def test_a_library_entry_is_a_node_of_its_owner(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    entry = (await data(client, cast.ada, SAVE, id=track_id))["saveTrack"]["entry"]
    query = "query($id: ID!) { node(id: $id) { id ... on LibraryEntry { source track { id } } } }"
    found = await data(client, cast.ada, query, id=entry["id"])
    assert found == {"node": {"id": entry["id"], "source": "OWN", "track": {"id": track_id}}}
    for other in (cast.bea, cast.cid):
        assert await data(client, other, query, id=entry["id"]) == {"node": None}


async def test_the_viewer_is_a_node_for_itself_only(client: httpx.AsyncClient, cast: Cast) -> None:
    found = await data(client, cast.ada, NODE, id=cast.ada.user_id)
    assert found == {"node": {"__typename": "Viewer", "id": cast.ada.user_id}}
    assert await data(client, cast.bea, NODE, id=cast.ada.user_id) == {"node": None}


@pytest.mark.parametrize("kind", [Kind.LIBRARY_ENTRY, Kind.DELIVERY, Kind.USER])
async def test_an_unknown_id_is_null(client: httpx.AsyncClient, cast: Cast, kind: Kind) -> None:
    assert await data(client, cast.ada, NODE, id=new(kind)) == {"node": None}


async def test_a_refused_field_is_null_and_leaves_its_parents(client: httpx.AsyncClient, cast: Cast) -> None:
    query = """
    query($org: ID!) {
      viewer { id }
      organization(id: $org) { id name viewerRole webhooks { totalCount } collections(first: 101) { totalCount } }
    }
    """
    body = await execute(client, cast.bea, query, org=cast.bea.organization_id)
    assert body["data"] == {
        "viewer": {"id": cast.bea.user_id},
        "organization": {
            "id": cast.bea.organization_id,
            "name": "First",
            "viewerRole": "MEMBER",
            "webhooks": None,
            "collections": None,
        },
    }
    codes = {error["path"][-1]: error["extensions"]["code"] for error in body["errors"]}
    assert codes == {"webhooks": "OPERATION_NOT_ALLOWED", "collections": "VALIDATION_ERROR"}
    role = "query($org: ID!) { organization(id: $org) { viewerRole } }"
    answer = await data(client, cast.ada, role, org=cast.ada.organization_id)
    assert answer == {"organization": {"viewerRole": "ADMIN"}}


@pytest.mark.usefixtures("fresh_limits")
async def test_a_shared_link_has_its_visibility_and_a_saved_entry_its_link(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    share = """
    mutation($id: ID!) {
      shareTrack(input: { id: $id, visibility: PUBLIC }) { ... on SharePayload { token link { id } } }
    }
    """
    shared = (await data(client, cast.ada, share, id=track_id))["shareTrack"]
    query = "query($token: String!) { sharedLink(token: $token) { visibility track { id } } }"
    opened = await data(client, None, query, token=shared["token"])
    assert opened == {"sharedLink": {"visibility": "PUBLIC", "track": {"id": track_id}}}
    save = """
    mutation($token: String!) {
      saveSharedTrack(input: { token: $token }) { ... on SaveSharedTrackPayload { entry { shareLinkId } } }
    }
    """
    saved = await data(client, cast.cid, save, token=shared["token"])
    assert saved["saveSharedTrack"]["entry"] == {"shareLinkId": shared["link"]["id"]}
    page = "query($org: ID!) { organization(id: $org) { library { edges { node { shareLinkId } } } } }"
    [edge] = (await data(client, cast.cid, page, org=cast.cid.organization_id))["organization"]["library"]["edges"]
    assert edge["node"] == {"shareLinkId": shared["link"]["id"]}


async def test_the_members_of_a_collection_have_position_and_time(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    music, headers = f"/v1/music/{cast.ada.organization_id}", cast.ada.headers
    made = (await client.post(f"{music}/collections", json={"name": "Mix"}, headers=headers)).json()["id"]
    for _ in range(3):
        body = {"track_id": await put_track(database, cast.ada)}
        await client.post(f"{music}/collections/{made}/tracks", json=body, headers=headers)
    expected = (await client.get(f"{music}/collections/{made}/tracks", headers=headers)).json()["items"]
    query = """
    query($id: ID!, $after: String) { node(id: $id) { ... on Collection { tracks(first: 2, after: $after) {
      pageInfo { hasNextPage endCursor } edges { position addedAt node { id } }
    } } } }
    """
    first = (await data(client, cast.ada, query, id=made))["node"]["tracks"]
    second = (await data(client, cast.ada, query, id=made, after=first["pageInfo"]["endCursor"]))["node"]["tracks"]
    edges = [*first["edges"], *second["edges"]]
    assert [(edge["position"], edge["addedAt"], edge["node"]["id"]) for edge in edges] == [
        (item["position"], item["added_at"], item["track_id"]) for item in expected
    ]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


async def test_a_generation_keeps_the_id_of_its_deleted_track(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_track(database, cast.ada)
    listing = (
        "query($org: ID!) { organization(id: $org) { generations { edges { node { resultTrackId track { id } } } } } }"
    )
    for deleted in (False, True):
        page = (await data(client, cast.ada, listing, org=cast.ada.organization_id))["organization"]["generations"]
        assert [edge["node"] for edge in page["edges"]] == [
            {"resultTrackId": track_id, "track": None if deleted else {"id": track_id}}
        ]
        url = f"/v1/music/{cast.ada.organization_id}/tracks/{track_id}"
        await client.delete(url, headers=cast.ada.headers)
