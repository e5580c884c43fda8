"""Library, collections, sharing and usage leave the same rows over REST and GraphQL."""

import graphql
import httpx
import pytest_asyncio
from graphql import ObjectTypeDefinitionNode

from core.jobs import Status
from rest_compat.routes import ALL_OPERATIONS
from storage.postgres.database import Database
from tests.support import factories
from tests.support.graphql import schemas
from tests.support.rest.parity import Actor, load_rows, pick, to_rest_names
from tests.support.users import Cast

TESTED_ELSEWHERE = {
    # in test_interface_parity
    "engines",
    "create-generation",
    "list-generations",
    "cancel-generation",
    "start-focus-session",
    "get-focus-session",
    "end-focus-session",
    "promote-focus-segment",
}
TESTED_HERE = {
    "get-generation",
    "list-tracks",
    "get-track",
    "save-track",
    "unsave-track",
    "delete-track",
    "create-collection",
    "list-collections",
    "get-collection",
    "update-collection",
    "delete-collection",
    "add-collection-track",
    "remove-collection-track",
    "list-collection-tracks",
    "reorder-collection",
    "share-track",
    "share-collection",
    "revoke-share",
    "resolve-share",
    "save-shared-track",
    "get-usage",
}

TRACK = "id title engine mode instrumental measuredDurationSeconds createdAt"
TRACK_FIELDS = ("id", "title", "engine", "mode", "instrumental", "measured_duration_seconds", "created_at")
COLLECTED = "CollectionPayload { collection { id } }"
COLLECTION = "id name description coverImageUrl createdAt updatedAt"
COLLECTION_FIELDS = ("id", "name", "description", "cover_image_url", "created_at", "updated_at")


@pytest_asyncio.fixture
async def actors(client: httpx.AsyncClient, database: Database, cast: Cast) -> tuple[Actor, Actor]:
    """Return Ada for REST and Cid for GraphQL, each with three tracks and a share link to a track of Bea's."""
    actors = (Actor(client, cast.ada), Actor(client, cast.cid))
    for actor in actors:
        for number in range(3):
            actor.ids[f"track {number}"] = await factories.put_track(database, actor.person, title=f"Track {number}")
    shared = await factories.put_track(database, cast.bea, title="Bea's")
    url = f"/v1/music/{cast.bea.organization_id}/tracks/{shared}/share"
    for actor in actors:
        actor.ids["token"] = (await client.post(url, headers=cast.bea.headers)).json()["token"]
    return actors


def test_every_operation_is_tested() -> None:
    assert {row.name for row in ALL_OPERATIONS if not row.is_extension} == TESTED_HERE | TESTED_ELSEWHERE


def test_every_rest_operation_names_a_field_of_the_graphql_schema() -> None:
    schema = schemas.shipped().as_str()
    nodes = graphql.parse(schema).definitions
    types = {node.name.value: node for node in nodes if isinstance(node, ObjectTypeDefinitionNode)}
    for operation in ALL_OPERATIONS:
        type_name, _, field_name = operation.graphql_field.partition(".")
        assert field_name in {field.name.value for field in types[type_name].fields or ()}, operation.name


async def assert_same_rows(database: Database, actors: tuple[Actor, Actor]) -> None:
    """Assert that both actors have the same rows."""
    by_rest, by_graphql = [await load_rows(database, actor) for actor in actors]
    assert by_rest == by_graphql
    assert by_rest


async def test_saving_and_removing_tracks(database: Database, actors: tuple[Actor, Actor]) -> None:
    rest, graphql = actors
    for name in ("track 0", "track 1"):
        await rest.rest("POST", f"/tracks/{rest.ids[name]}/save")
        await graphql.mutate("saveTrack", "SaveTrackPayload { entry { id } }", id=graphql.ids[name])
        await assert_same_rows(database, actors)
    await rest.rest("POST", f"/v1/music/shared/{rest.ids['token']}/save")
    await graphql.mutate("saveSharedTrack", "SaveSharedTrackPayload { entry { id } }", token=graphql.ids["token"])
    shared = [
        [row for row in await load_rows(database, actor) if row["table"] == "library_entries"] for actor in actors
    ]
    assert [row["source"] for row in shared[0]] == [row["source"] for row in shared[1]] == ["own", "own", "shared"]
    for actor in actors:
        listed = (await actor.rest("GET", "/tracks"))["items"]
        edges = (await actor.query("library", f"edges {{ node {{ source track {{ {TRACK} }} }} }}"))["edges"]
        assert [pick(track, TRACK_FIELDS) for track in listed] == [
            to_rest_names(edge["node"]["track"]) for edge in edges
        ]
    await rest.rest("DELETE", f"/tracks/{rest.ids['track 0']}/save")
    await graphql.mutate("unsaveTrack", "UnsaveTrackPayload { track { id } }", id=graphql.ids["track 0"])
    await rest.rest("DELETE", f"/tracks/{rest.ids['track 1']}")
    await graphql.mutate("deleteTrack", "DeleteTrackPayload { deletedId }", id=graphql.ids["track 1"])
    for actor in actors:
        assert len((await actor.rest("GET", "/tracks"))["items"]) == 1


async def test_reading_a_track_and_its_generation(database: Database, actors: tuple[Actor, Actor]) -> None:
    for actor in actors:
        track_id = actor.ids["track 0"]
        by_rest = await actor.rest("GET", f"/tracks/{track_id}")
        licence = "licence { class commercialUse requiresAttribution }"
        by_graphql = await actor.query(f'track(id: "{track_id}")', f"{TRACK} {licence} stems {{ name }}")
        assert pick(by_rest, TRACK_FIELDS) == pick(to_rest_names(by_graphql), TRACK_FIELDS)  # type: ignore[arg-type]
        assert by_rest["licence_class"] == by_graphql["licence"]["class"].lower()
        assert by_rest["commercial_use"] is by_graphql["licence"]["commercialUse"]
        assert by_rest["stem_urls"] is None
        assert by_graphql["stems"] == []
        job_id = await factories.put_generation(database, actor.person, Status.QUEUED)
        fields = ("id", "status", "progress", "engine", "mode", "created_at")
        job = await actor.rest("GET", f"/generations/{job_id}")
        seen = await actor.query(f'generation(id: "{job_id}")', "id status progress engine mode createdAt")
        assert pick(job, fields) == to_rest_names(seen)


async def test_changing_collections(database: Database, actors: tuple[Actor, Actor]) -> None:
    rest, graphql = actors
    fields = {"name": " Mine ", "description": "All", "cover_image_url": "https://example.org/a.png"}
    made = await rest.rest("POST", "/collections", {**fields, "cover_track_id": rest.ids["track 0"]})
    rest.ids["collection"] = made["id"]
    created = await graphql.mutate(
        "createCollection",
        COLLECTED,
        organizationId=graphql.person.organization_id,
        name=fields["name"],
        description=fields["description"],
        coverImageUrl=fields["cover_image_url"],
        coverTrackId=graphql.ids["track 0"],
    )
    graphql.ids["collection"] = created["collection"]["id"]
    await assert_same_rows(database, actors)
    rest_id, graphql_id = rest.ids["collection"], graphql.ids["collection"]
    for name in ("track 0", "track 1", "track 2", "track 1"):
        await rest.rest("POST", f"/collections/{rest_id}/tracks", {"track_id": rest.ids[name]})
        await graphql.mutate(
            "addCollectionTrack",
            COLLECTED,
            collectionId=graphql_id,
            trackId=graphql.ids[name],
        )
        await assert_same_rows(database, actors)
    await rest.rest("PATCH", f"/collections/{rest_id}/order", {"ordered_track_ids": [rest.ids["track 2"], "x"]})
    order = [graphql.ids["track 2"], "x"]
    await graphql.mutate("reorderCollection", COLLECTED, id=graphql_id, orderedTrackIds=order)
    await assert_same_rows(database, actors)
    await rest.rest("DELETE", f"/collections/{rest_id}/tracks/{rest.ids['track 0']}")
    await graphql.mutate(
        "removeCollectionTrack",
        COLLECTED,
        collectionId=graphql_id,
        trackId=graphql.ids["track 0"],
    )
    await rest.rest("PATCH", f"/collections/{rest_id}", {"description": None, "name": "Renamed"})
    await graphql.mutate("updateCollection", COLLECTED, id=graphql_id, description=None, name="Renamed")
    await assert_same_rows(database, actors)
    for actor in actors:
        await _assert_same_collection(actor, actor.ids["collection"])
    await rest.rest("DELETE", f"/collections/{rest_id}")
    await graphql.mutate("deleteCollection", "DeleteCollectionPayload { deletedId }", id=graphql_id)
    await assert_same_rows(database, actors)


async def _assert_same_collection(actor: Actor, collection_id: str) -> None:
    one = await actor.rest("GET", f"/collections/{collection_id}")
    seen = await actor.query(f'collection(id: "{collection_id}")', f"{COLLECTION} trackCount coverTrack {{ id }}")
    assert pick(one, COLLECTION_FIELDS) == pick(to_rest_names(seen), COLLECTION_FIELDS)  # type: ignore[arg-type]
    assert (one["track_count"], one["cover_track_id"]) == (seen["trackCount"], seen["coverTrack"]["id"])
    listed = (await actor.rest("GET", "/collections"))["items"]
    edges = (await actor.query("collections", f"edges {{ node {{ {COLLECTION} }} }}"))["edges"]
    assert [pick(row, COLLECTION_FIELDS) for row in listed] == [to_rest_names(edge["node"]) for edge in edges]
    members = (await actor.rest("GET", f"/collections/{collection_id}/tracks"))["items"]
    tracks = await actor.query(f'collection(id: "{collection_id}")', "tracks { edges { node { id } } }")
    assert [member["track_id"] for member in members] == [edge["node"]["id"] for edge in tracks["tracks"]["edges"]]


async def test_sharing_tracks_and_collections(
    client: httpx.AsyncClient, database: Database, actors: tuple[Actor, Actor]
) -> None:
    rest, graphql = actors
    shared = await rest.rest(
        "POST", f"/tracks/{rest.ids['track 0']}/share", {"visibility": "public", "expires_in_days": 400}
    )
    payload = "SharePayload { token link { id } }"
    arguments = {"id": graphql.ids["track 0"], "visibility": "PUBLIC", "expiresInDays": 400}
    share = await graphql.mutate("shareTrack", payload, **arguments)
    await assert_same_rows(database, actors)
    for token in (shared["token"], share["token"]):
        by_rest = (await client.get(f"/v1/music/shared/{token}")).json()
        fields = "kind isAvailable track { id title licence { class } }"
        query = f'{{ sharedLink(token: "{token}") {{ {fields} }} }}'
        answer = await client.post("/graphql", json={"query": query})
        link = answer.json()["data"]["sharedLink"]
        assert (by_rest["kind"], by_rest["available"]) == (link["kind"].lower(), link["isAvailable"])
        assert (by_rest["track"]["id"], by_rest["track"]["title"]) == (link["track"]["id"], link["track"]["title"])
        assert by_rest["track"]["licence"]["licence_class"] == link["track"]["licence"]["class"].lower()
    await rest.rest("DELETE", f"/share/{shared['id']}")
    await graphql.mutate("revokeShare", "RevokeSharePayload { link { id } }", id=share["link"]["id"])
    await assert_same_rows(database, actors)
    for actor in actors:
        actor.ids["collection"] = (await actor.rest("POST", "/collections", {"name": "Shared"}))["id"]
    await rest.rest("POST", f"/collections/{rest.ids['collection']}/share")
    await graphql.mutate("shareCollection", payload, id=graphql.ids["collection"])
    await assert_same_rows(database, actors)


async def test_reading_usage(database: Database, actors: tuple[Actor, Actor]) -> None:
    for actor in actors:
        await factories.put_track(database, actor.person, cost_chf="0.4")
        by_rest = (await actor.rest("GET", "/usage"))["windows"]
        fields = "window startsAt costChf limitChf byEngine { engine trackCount costChf }"
        by_graphql = await actor.query("usage", fields)
        assert [
            (one["window"], one["window_start"], one["cost_chf"], one["limit_chf"], one["by_engine"][0]["track_count"])
            for one in by_rest
        ] == [
            (
                one["window"].lower(),
                one["startsAt"],
                float(one["costChf"]),
                one["limitChf"],
                one["byEngine"][0]["trackCount"],
            )
            for one in by_graphql
        ]
