"""Library connections: search, filters, orders, and cursors bound to their order."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from core import clock
from storage.postgres.database import Database
from storage.tables import Generation
from tests.support.factories import put_track
from tests.support.graphql import libraries as graphql_libraries
from tests.support.graphql.client import data
from tests.support.graphql.libraries import list_refused_fields, list_titles, load_page, put_saved
from tests.support.users import Cast

SORTS = ["SAVED_AT", "CREATED_AT", "TITLE", "DURATION"]


async def test_search_matches_titles_prompts_styles_and_tags(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    first = await put_track(database, cast.ada, title="Night Desk")
    second = await put_track(database, cast.ada, title="Harbour")
    async with database.transaction() as session:
        await session.execute(update(Generation).values(prompt="warm piano", style_tags=["jazz hop"]))
    for track_id in (first, second):
        await graphql_libraries.save(client, cast.ada, track_id)
    await graphql_libraries.run_mutation(client, cast.ada, graphql_libraries.TAG, id=second, tags=["rainy days"])

    assert await list_titles(client, cast.ada, words="night") == ["Night Desk"]
    assert await list_titles(client, cast.ada, words="rain") == ["Harbour"]
    assert await list_titles(client, cast.ada, words="piano harb") == ["Harbour"]
    assert await list_titles(client, cast.ada, words='"jazz hop"') == ["Harbour", "Night Desk"]
    assert await list_titles(client, cast.ada, words="night or harbour") == ["Harbour", "Night Desk"]
    assert await list_titles(client, cast.ada, words="piano -harbour") == ["Night Desk"]
    assert await list_titles(client, cast.ada, words="trombone") == []
    assert await list_titles(client, cast.ada, words="  ") == ["Harbour", "Night Desk"]
    assert (await load_page(client, cast.ada, words="night", first=0))["totalCount"] == 1


async def test_prompts_of_other_users_are_not_searched(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await put_saved(client, database, cast.ada, title="Harbour")
    share = "mutation($id: ID!) { shareTrack(input: { id: $id }) { ... on SharePayload { token } } }"
    token = (await data(client, cast.ada, share, id=track_id))["shareTrack"]["token"]
    await data(
        client, cast.cid, "mutation($t: String!) { saveSharedTrack(input: { token: $t }) { __typename } }", t=token
    )
    assert await list_titles(client, cast.ada, words="lofi") == ["Harbour"]
    assert await list_titles(client, cast.cid, words="harbour") == ["Harbour"]
    assert await list_titles(client, cast.cid, words="lofi") == []
    assert await list_titles(client, cast.bea, words="harbour") == []


async def test_an_entry_must_match_all_filters(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    calm = await put_saved(client, database, cast.ada, title="Calm")
    late = await put_saved(client, database, cast.ada, title="Late")
    await put_saved(client, database, cast.ada, title="Plain", engine="other", mode="focus")
    await graphql_libraries.run_mutation(
        client, cast.ada, graphql_libraries.TAG, id=calm, tags=["calm", "a 'quoted' \"one\""]
    )
    await graphql_libraries.run_mutation(client, cast.ada, graphql_libraries.TAG, id=late, tags=["calm", "late"])
    await graphql_libraries.run_mutation(client, cast.ada, graphql_libraries.FAVOURITE, id=late)

    assert await list_titles(client, cast.ada, filter={"tags": ["calm"]}) == ["Late", "Calm"]
    assert await list_titles(client, cast.ada, filter={"tags": ["late", "calm"]}) == ["Late"]
    assert await list_titles(client, cast.ada, filter={"tags": ["a 'quoted' \"one\""]}) == ["Calm"]
    assert await list_titles(client, cast.ada, filter={"tags": ["cal"]}) == []
    assert await list_titles(client, cast.ada, filter={"isFavourite": True}) == ["Late"]
    assert await list_titles(client, cast.ada, filter={"isFavourite": False}) == ["Plain", "Calm"]
    assert await list_titles(client, cast.ada, filter={"mode": "FOCUS"}) == ["Plain"]
    assert await list_titles(client, cast.ada, filter={"engine": "studio", "isFavourite": False}) == ["Calm"]
    assert await list_titles(client, cast.ada, filter={}, words="calm late") == ["Late"]
    assert await list_titles(client, cast.ada, filter={"source": "OWN", "tags": ["late"]}) == ["Late"]
    assert await list_titles(client, cast.ada, filter={"source": "SHARED"}) == []


async def test_a_library_is_filtered_by_the_values_of_its_facets(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    """The values are counted for the caller's own library."""
    query = """query($id: ID!) { organization(id: $id) { libraryFacets {
      styles { value count } tags { value count }
    } } }"""
    empty = await data(client, cast.ada, query, id=cast.ada.organization_id)
    assert empty["organization"]["libraryFacets"] == {"styles": [], "tags": []}
    for title, style, tags in [
        ("A", "lofi", ["calm", "late"]),
        ("B", "lofi", ["calm"]),
        ("C", "jazz", []),
        ("D", None, []),
    ]:
        track_id = await put_saved(client, database, cast.ada, title=title, style=style)
        await graphql_libraries.run_mutation(client, cast.ada, graphql_libraries.TAG, id=track_id, tags=tags)
    await put_saved(client, database, cast.bea, style="house")

    found = await data(client, cast.ada, query, id=cast.ada.organization_id)
    assert found["organization"]["libraryFacets"] == {
        "styles": [{"value": "lofi", "count": 2}, {"value": "jazz", "count": 1}],
        "tags": [{"value": "calm", "count": 2}, {"value": "late", "count": 1}],
    }
    assert await list_titles(client, cast.ada, filter={"style": "lofi"}) == ["B", "A"]
    assert await list_titles(client, cast.ada, filter={"style": "lofi", "tags": ["late"]}) == ["A"]
    assert await list_titles(client, cast.ada, filter={"style": "Lofi"}) == []


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("direction", [None, "ASC", "DESC"])
async def test_every_order_is_paginated_without_gaps_or_repetitions(
    client: httpx.AsyncClient, database: Database, cast: Cast, sort: str, direction: str | None
) -> None:
    now = clock.now()
    tracks = [("beta", 3.5, 5), ("Alpha", 3.5, 4), (None, None, 3), ("alpha", 0.001, 2), ("ßeta", 600.0, 1)]
    for title, seconds, age in tracks:
        made = {"title": title, "measured_duration_seconds": seconds, "created_at": now - timedelta(days=age)}
        await put_saved(client, database, cast.ada, **made)
    arguments = {"sort": sort, "direction": direction}
    expected = [edge["node"]["id"] for edge in (await load_page(client, cast.ada, **arguments))["edges"]]
    seen, after = [], None
    for _ in tracks:
        part = await load_page(client, cast.ada, first=1, after=after, **arguments)
        seen += [edge["node"]["id"] for edge in part["edges"]]
        after = part["pageInfo"]["endCursor"]
    assert part["pageInfo"]["hasNextPage"] is False
    assert seen == expected
    assert len(set(seen)) == len(tracks)


async def test_each_sort_has_a_default_direction(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    now = clock.now()
    for title, seconds, age in [("b", 20.0, 1), ("A", 30.0, 2), ("c", 10.0, 3)]:
        made = {"title": title, "measured_duration_seconds": seconds, "created_at": now - timedelta(days=age)}
        await put_saved(client, database, cast.ada, **made)
    assert await list_titles(client, cast.ada) == ["c", "A", "b"]
    assert await list_titles(client, cast.ada, sort="CREATED_AT") == ["b", "A", "c"]
    assert await list_titles(client, cast.ada, sort="TITLE") == ["A", "b", "c"]
    assert await list_titles(client, cast.ada, sort="TITLE", direction="DESC") == ["c", "b", "A"]
    assert await list_titles(client, cast.ada, sort="DURATION") == ["c", "b", "A"]
    assert await list_titles(client, cast.ada, sort="SAVED_AT", direction="ASC") == ["b", "A", "c"]


async def test_a_cursor_of_another_order_is_rejected(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    for title in ("a", "b"):
        await put_saved(client, database, cast.ada, title=title)
    orders = [(sort, direction) for sort in SORTS for direction in ("ASC", "DESC")]
    cursors = {
        order: (await load_page(client, cast.ada, first=1, sort=order[0], direction=order[1]))["pageInfo"]["endCursor"]
        for order in orders
    }
    assert len(set(cursors.values())) == len(orders)
    for order in orders:
        for other, cursor in cursors.items():
            arguments = {"sort": order[0], "direction": order[1], "after": cursor}
            if other == order:
                assert len((await load_page(client, cast.ada, **arguments))["edges"]) == 1
            else:
                assert await list_refused_fields(client, cast.ada, **arguments) == ["after"]


@pytest.mark.parametrize(
    "after",
    [
        "x", "bm9uZQ", "W10", "WzFd", "W251bGxd", "ÄÖ", "=",
        "WyJ0aXRsZSBhc2MiLDEsIngiXQ",  # ["title asc", 1, "x"]
        "WyJ0aXRsZSBhc2MiLCJcdTAwMDAiLCJ4Il0",  # ["title asc", "\u0000", "x"]
        "WyJ0aXRsZSBhc2MiLCJ4IiwxXQ",  # ["title asc", "x", 1]
        "WyJ0aXRsZSBhc2MiLFsxLDJdLCJ4Il0",  # ["title asc", [1,2], "x"]
        "e30",  # {}
    ],
)  # fmt: skip
async def test_a_malformed_cursor_is_rejected(client: httpx.AsyncClient, cast: Cast, after: str) -> None:
    assert await list_refused_fields(client, cast.ada, sort="TITLE", after=after) == ["after"]


@pytest.mark.parametrize(
    ("arguments", "fields"),
    [
        ({"words": "x" * 201}, ["query"]),
        ({"words": "a\x00b"}, ["query"]),
        ({"filter": {"tags": ["x"] * 21}}, ["tags"]),
        ({"filter": {"tags": ["ok", " ", "x" * 65]}}, ["tags.1", "tags.2"]),
        ({"filter": {"engine": "a\x00b"}}, ["engine"]),
        ({"filter": {"engine": "x" * 256, "collectionId": "x" * 256}}, ["engine", "collection_id"]),
        ({"first": 101}, ["first"]),
        ({"first": -1}, ["first"]),
    ],
)
async def test_invalid_arguments_are_rejected(
    client: httpx.AsyncClient, cast: Cast, arguments: dict[str, object], fields: list[str]
) -> None:
    assert await list_refused_fields(client, cast.ada, **arguments) == fields


async def test_filtering_by_a_foreign_collection_gives_an_empty_page(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    await put_saved(client, database, cast.ada)
    for collection_id in ("mcoll_" + "0" * 24, "nonsense", "\x01"):
        found = await load_page(client, cast.ada, filter={"collectionId": collection_id})
        assert (found["totalCount"], found["edges"]) == (0, [])
