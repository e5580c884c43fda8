"""Mutations of tags, favourites and titles: permissions and validation."""

from typing import Any

import httpx
import pytest

from storage.postgres.database import Database
from storage.tables import LibraryEntry, Track
from tests.support.factories import load_all, put_track
from tests.support.graphql import libraries as graphql_libraries
from tests.support.graphql.client import data, execute
from tests.support.graphql.libraries import FAVOURITE, TAG, list_titles, put_saved, run_mutation
from tests.support.users import Cast

UPDATE = """
mutation($input: UpdateTrackInput!) {
  answer: updateTrack(input: $input) {
    __typename
    ... on UpdateTrackPayload { track { id title } }
    ... on Error { code }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
NOT_FOUND = {"__typename": "NotFoundError", "code": "RESOURCE_NOT_FOUND"}
UNKNOWN_IDS = ["mtrack_" + "0" * 24, "mlib_" + "0" * 24, "nonsense", "", "mtrack_\x00"]


async def rows(database: Database) -> list[dict[str, Any]]:
    """Return all tracks and library entries."""
    stored = [*await load_all(database, Track), *await load_all(database, LibraryEntry)]
    return sorted((row.model_dump() for row in stored), key=lambda row: str(row["id"]))


async def test_tags_are_replaced(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    track_id = await put_saved(client, database, cast.ada)
    first = await run_mutation(client, cast.ada, TAG, id=track_id, tags=[" late ", "calm", "late", "Late"])
    assert first == {
        "__typename": "LibraryEntryPayload",
        "entry": {"tags": ["late", "calm", "Late"], "isFavourite": False, "track": {"id": track_id}},
    }
    again = await run_mutation(client, cast.ada, TAG, id=track_id, tags=["x" * 64] * 20)
    assert again["entry"]["tags"] == ["x" * 64]
    assert (await run_mutation(client, cast.ada, TAG, id=track_id, tags=[]))["entry"]["tags"] == []


@pytest.mark.parametrize(
    ("tags", "paths"),
    [
        (["ok", "", "x" * 65], [["tags", "1"], ["tags", "2"]]),
        ([f"tag {number}" for number in range(21)], [["tags"]]),
        (["a\x00b"], [["tags", "0"]]),
    ],
)
async def test_invalid_tags_are_rejected_and_change_nothing(
    client: httpx.AsyncClient, database: Database, cast: Cast, tags: list[str], paths: list[list[str]]
) -> None:
    track_id = await put_saved(client, database, cast.ada)
    await run_mutation(client, cast.ada, TAG, id=track_id, tags=["calm"])
    before = await rows(database)
    answer = await run_mutation(client, cast.ada, TAG, id=track_id, tags=tags)
    assert answer["__typename"] == "InvalidInputError"
    assert [problem["path"] for problem in answer["problems"]] == paths
    assert await rows(database) == before


async def test_a_track_is_marked_and_unmarked_as_a_favourite(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_saved(client, database, cast.ada)
    for is_favourite in (True, True, False, False):
        answer = await run_mutation(client, cast.ada, FAVOURITE, id=track_id, **{"is": is_favourite})
        assert answer["entry"] == {"tags": [], "isFavourite": is_favourite, "track": {"id": track_id}}


async def test_saving_again_keeps_tags_and_favourite(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    track_id = await put_saved(client, database, cast.ada)
    await run_mutation(client, cast.ada, TAG, id=track_id, tags=["late"])
    await run_mutation(client, cast.ada, FAVOURITE, id=track_id)
    await graphql_libraries.save(client, cast.ada, track_id)
    [edge] = (await graphql_libraries.load_page(client, cast.ada))["edges"]
    assert (edge["node"]["tags"], edge["node"]["isFavourite"]) == (["late"], True)


async def test_only_tracks_in_the_callers_library_can_be_tagged_or_marked(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    saved, unsaved = await put_saved(client, database, cast.ada), await put_track(database, cast.ada)
    before = await rows(database)
    for person, track_id in [(cast.bea, saved), (cast.cid, saved), (cast.ada, unsaved)]:
        assert await run_mutation(client, person, TAG, id=track_id, tags=["x"]) == NOT_FOUND
        assert await run_mutation(client, person, FAVOURITE, id=track_id) == NOT_FOUND
    for unknown_id in UNKNOWN_IDS:
        assert await run_mutation(client, cast.ada, TAG, id=unknown_id, tags=["x"]) == NOT_FOUND
        assert await run_mutation(client, cast.ada, FAVOURITE, id=unknown_id) == NOT_FOUND
    assert await rows(database) == before


async def test_a_new_title_applies_to_all_users_who_saved_the_track(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_saved(client, database, cast.ada, title="Old Harbour")
    share = "mutation($id: ID!) { shareTrack(input: { id: $id }) { ... on SharePayload { token } } }"
    token = (await data(client, cast.ada, share, id=track_id))["shareTrack"]["token"]
    save_shared = "mutation($t: String!) { saveSharedTrack(input: { token: $t }) { __typename } }"
    await data(client, cast.cid, save_shared, t=token)
    answer = await run_mutation(client, cast.ada, UPDATE, input={"id": track_id, "title": "  New Pier "})
    assert answer == {"__typename": "UpdateTrackPayload", "track": {"id": track_id, "title": "New Pier"}}
    for person in (cast.ada, cast.cid):
        assert await list_titles(client, person, words="pier") == ["New Pier"]
        assert await list_titles(client, person, words="harbour") == []
    assert await list_titles(client, cast.ada, words="lofi") == ["New Pier"]
    assert await list_titles(client, cast.cid, words="lofi") == []

    forbidden = await run_mutation(client, cast.cid, UPDATE, input={"id": track_id, "title": "Mine"})
    assert forbidden == {"__typename": "ForbiddenError", "code": "OPERATION_NOT_ALLOWED"}
    assert await list_titles(client, cast.ada) == ["New Pier"]


async def test_an_omitted_title_stays_unchanged(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    track_id = await put_saved(client, database, cast.ada, title="Night Desk")
    before = await rows(database)
    answer = await run_mutation(client, cast.ada, UPDATE, input={"id": track_id})
    assert answer["track"] == {"id": track_id, "title": "Night Desk"}
    assert await rows(database) == before


@pytest.mark.parametrize("title", [None, "", "  ", "x" * 256, "a\x00b"])
async def test_an_invalid_title_is_rejected_and_changes_nothing(
    client: httpx.AsyncClient, database: Database, cast: Cast, title: str | None
) -> None:
    track_id = await put_saved(client, database, cast.ada, title="Night Desk")
    before = await rows(database)
    answer = await run_mutation(client, cast.ada, UPDATE, input={"id": track_id, "title": title})
    assert answer["__typename"] == "InvalidInputError"
    assert [problem["path"] for problem in answer["problems"]] == [["title"]]
    assert await rows(database) == before


async def test_users_cannot_rename_tracks_they_cannot_read(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_saved(client, database, cast.ada, title="Night Desk")
    before = await rows(database)
    for person in (cast.bea, cast.cid):
        assert await run_mutation(client, person, UPDATE, input={"id": track_id, "title": "Mine"}) == NOT_FOUND
    for unknown_id in UNKNOWN_IDS:
        assert await run_mutation(client, cast.ada, UPDATE, input={"id": unknown_id, "title": "x"}) == NOT_FOUND
    assert await rows(database) == before


async def test_unauthenticated_callers_change_nothing(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_saved(client, database, cast.ada)
    before = await rows(database)
    mutations: list[tuple[str, dict[str, object]]] = [
        (TAG, {"id": track_id, "tags": ["x"]}),
        (FAVOURITE, {"id": track_id}),
        (UPDATE, {"input": {"id": track_id, "title": "x"}}),
    ]
    for mutation, variables in mutations:
        body = await execute(client, None, mutation, **variables)
        assert body["errors"][0]["extensions"]["code"] == "AUTHENTICATION_REQUIRED"
    assert await rows(database) == before
