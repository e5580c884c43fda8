"""Frequent queries take one statement, which reads the selected columns only."""

import re

import pytest

from core import clock, ids
from storage.postgres.database import Database
from storage.queries import tracks
from storage.tables import LibraryEntry, Track
from tests.support.factories import put_track
from tests.support.graphql.cost import Cost
from tests.support.users import Cast, Person

PLAIN = "track { id title tempoBpm createdAt }"
PAGE = """
query($org: ID!) {{ organization(id: $org) {{ library(first: 2) {{
  pageInfo {{ hasNextPage }} edges {{ cursor node {{ id savedAt isFavourite tags {} }} }}
}} }} }}
"""


async def save(database: Database, person: Person) -> str:
    track_id = await put_track(database, person)
    entry = LibraryEntry(
        id=ids.new(ids.Kind.LIBRARY_ENTRY),
        organization_id=person.organization_id,
        user_id=person.user_id,
        track_id=track_id,
        created_at=clock.now(),
    )
    async with database.transaction() as session:
        await tracks.save_to_library(session, entry)
    return track_id


async def test_an_organization_is_found_without_a_query(cast: Cast, cost: Cost) -> None:
    query = "query($org: ID!) { organization(id: $org) { id } node(id: $org) { id __typename } }"
    response, statements = await cost(cast.ada, query, org=cast.ada.organization_id)
    assert response["organization"]["id"] == response["node"]["id"] == cast.ada.organization_id
    assert statements == []
    assert (await cost(cast.ada, query, org=cast.cid.organization_id))[0] == {"organization": None, "node": None}


async def test_the_name_of_an_organization_is_read_if_selected(cast: Cast, cost: Cost) -> None:
    query = "query($org: ID!) { organization(id: $org) { name } again: organization(id: $org) { name } }"
    response, statements = await cost(cast.ada, query, org=cast.ada.organization_id)
    assert response == {"organization": {"name": "First"}, "again": {"name": "First"}}
    assert len(statements) == 1


@pytest.mark.parametrize(
    "selection",
    [
        "track { id title }",
        "... on Generation { track { id title } }",
        "... on Node { ... Made }",
        "status track { id } track { title }",
        "track @include(if: true) { id title }",
    ],
)
async def test_a_generation_and_its_track_take_one_statement(
    database: Database, cast: Cast, cost: Cost, selection: str
) -> None:
    track_id = await put_track(database, cast.ada, title="Night Desk")
    async with database.transaction() as session:
        track = await session.get_one(Track, track_id)
    query = f"query($org: ID!, $id: ID!) {{ organization(id: $org) {{ generation(id: $id) {{ {selection} }} }} }}"
    fragment = "fragment Made on Generation { track { id title } }" if "Made" in selection else ""
    # the second execution uses a plan
    for _ in range(2):
        response, statements = await cost(
            cast.ada, query + fragment, org=cast.ada.organization_id, id=track.generation_id
        )
        assert response["organization"]["generation"]["track"] == {"id": track_id, "title": "Night Desk"}
        assert len(statements) == 1


async def test_a_generation_without_its_track_is_read_alone(database: Database, cast: Cast, cost: Cost) -> None:
    await put_track(database, cast.ada)
    query = "query($org: ID!, $id: ID!) { organization(id: $org) { generation(id: $id) { status } } }"
    missing = ids.new(ids.Kind.GENERATION)
    response, [statement] = await cost(cast.ada, query, org=cast.ada.organization_id, id=missing)
    assert response == {"organization": {"generation": None}}
    assert "tracks" not in statement


async def test_a_page_reads_large_columns_only_if_selected(database: Database, cast: Cast, cost: Cost) -> None:
    for _ in range(3):
        await save(database, cast.ada)
    org = cast.ada.organization_id
    light, [short] = await cost(cast.ada, PAGE.format(PLAIN), org=org)
    complete, [long] = await cost(cast.ada, PAGE.format(f"{PLAIN} track {{ sections {{ name }} }}"), org=org)
    assert "tracks.chords" not in short
    assert "tracks.chords" in long
    for edge in complete["organization"]["library"]["edges"]:
        assert edge["node"]["track"].pop("sections") is not None
    assert light == complete


ATTRIBUTES = [
    *("id", "title", "engine", "engineVersion", "mode", "instrumental", "measuredDurationSeconds", "tempoBpm", "key"),
    *("metre", "style", "loudnessLufs", "truePeakDbtp", "seed", "createdAt"),
]


@pytest.mark.parametrize("field", ATTRIBUTES)
async def test_a_page_reads_the_selected_columns_of_its_tracks(
    database: Database, cast: Cast, cost: Cost, field: str
) -> None:
    track_id, org = await save(database, cast.ada), cast.ada.organization_id
    complete, _ = await cost(
        cast.ada, f"query($id: ID!) {{ node(id: $id) {{ ... on Track {{ {field} }} }} }}", id=track_id
    )
    query = (
        f"query($org: ID!) {{ organization(id: $org) {{ library {{ edges {{ node {{ track {{ {field} }} }} }} }} }} }}"
    )
    for _ in range(2):
        response, [statement] = await cost(cast.ada, query, org=org)
        assert response["organization"]["library"]["edges"] == [{"node": {"track": complete["node"]}}]
        read = statement.partition("FROM")[0].count("tracks.")
        assert read == (1 if field == "id" else 2)


@pytest.mark.parametrize(
    ("field", "column"),
    [("source", "source"), ("tags", "tags"), ("isFavourite", "is_favourite"), ("savedAt", "created_at")],
)
async def test_a_page_reads_the_selected_columns_of_its_entries(
    database: Database, cast: Cast, cost: Cost, field: str, column: str
) -> None:
    await save(database, cast.ada)
    page = (
        f"query($org: ID!) {{ organization(id: $org) {{ library(first: 1) {{ edges {{ node {{ {field} %s }} }} }} }} }}"
    )
    complete, _ = await cost(cast.ada, page % "track { palette }", org=cast.ada.organization_id)
    [edge] = complete["organization"]["library"]["edges"]
    del edge["node"]["track"]
    for _ in range(2):
        response, [statement] = await cost(cast.ada, page % "", org=cast.ada.organization_id)
        assert response == complete
        # the last column is the sort key of the page
        *read, _ = re.findall(r"library_entries\.(\w+)", statement.partition("FROM")[0])
        assert read == ["id", column]


@pytest.mark.parametrize("field", ["licence { class }", "playbackUrl", "palette", "receipt", "downloads { format }"])
async def test_a_page_supports_fields_that_need_all_columns(
    database: Database, cast: Cast, cost: Cost, field: str
) -> None:
    track_id = await save(database, cast.ada)
    query = "query($org: ID!) { organization(id: $org) { library { edges { node { ... Extra } } } } }"
    fragment = f"fragment Extra on LibraryEntry {{ track {{ id {field} }} }}"
    response, _ = await cost(cast.ada, query + fragment, org=cast.ada.organization_id)
    assert response["organization"]["library"]["edges"][0]["node"]["track"]["id"] == track_id
