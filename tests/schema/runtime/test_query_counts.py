"""A page of any length takes the same statements, at any depth."""

from collections import Counter

import pytest

from core import sharing as tokens
from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.graphql.cost import Cost
from tests.support.graphql.nodes import _add_collection, _link, populate_library
from tests.support.users import Cast

TRACK = """
fragment Whole on Track {
  id title playbackUrl waveformUrl stems { name url } cover { svgUrl } downloads { format isReady url }
  chords { symbol } sections { name } score { midiUrl }
  requested { tempoBpm } measured { tempoBpm } report { notes }
  waveform(points: 10) receipt
  lineage { seedTrack { id playbackUrl } derivedTracks(first: 3) { totalCount edges { node { id playbackUrl } } } }
}
"""
GENERATIONS = """
query($org: ID!, $first: Int!) { organization(id: $org) { page: generations(first: $first) {
  totalCount
  edges { node { id status queuePosition estimatedReadyAt seedTrack { ...Whole } track { ...Whole } } }
} } }
"""
LIBRARY = """
query($org: ID!, $first: Int!) {
  organization(id: $org) { page: library(first: $first, query: "night des", sort: TITLE, filter: { tags: ["calm"] }) {
    totalCount edges { node { id tags isFavourite track { ...Whole } } }
  } }
}
"""
COLLECTIONS = """
query($org: ID!, $first: Int!) { organization(id: $org) { page: collections(first: $first) {
  totalCount
  edges { node { id trackCount coverTrack { ...Whole } cover { svgUrl } tracks(first: 3) {
    totalCount edges { node { ...Whole } }
  } } }
} } }
"""
SHARE_LINKS = """
query($org: ID!, $first: Int!) { organization(id: $org) { page: shareLinks(first: $first) {
  totalCount
  edges { node { id isActive openCount lastOpenedAt track { ...Whole } collection {
    trackCount tracks(first: 2) { edges { node { ...Whole } } }
  } } }
} } }
"""
NODES = """
query($ids: [ID!]!) { page: nodes(ids: $ids) {
  id
  ... on Generation { track { id } queuePosition }
  ... on Track { ...Whole }
  ... on Collection { trackCount tracks(first: 3) { edges { node { ...Whole } } } }
  ... on ShareLink { openCount track { id } }
} }
"""


DEPTHS = 3
"""How often a statement may run: depending on timing, dataloaders batch the keys of several depths or not."""


def _assert_same_statements(few: list[str], many: list[str]) -> None:
    assert set(many) == set(few)
    assert max(Counter(few).values()) <= DEPTHS
    assert max(Counter(many).values()) <= DEPTHS


@pytest.mark.parametrize(
    ("query", "least"),
    [(GENERATIONS, 4), (LIBRARY, 1), (COLLECTIONS, 1), (SHARE_LINKS, 2)],
    ids=["generations", "library", "collections", "shareLinks"],
)
async def test_a_page_of_twenty_takes_the_queries_of_a_short_page(
    database: Database, cast: Cast, cost: Cost, query: str, least: int
) -> None:
    await populate_library(database, cast.ada, 1)
    short, few = await cost(cast.ada, query + TRACK, org=cast.ada.organization_id, first=least)
    await populate_library(database, cast.ada, 20)
    long, many = await cost(cast.ada, query + TRACK, org=cast.ada.organization_id, first=20)
    assert len(short["organization"]["page"]["edges"]) == least
    assert len(long["organization"]["page"]["edges"]) == 20
    _assert_same_statements(few, many)


async def test_a_hundred_nodes_take_the_queries_of_one_of_each_type(database: Database, cast: Cast, cost: Cost) -> None:
    query = NODES + TRACK
    _, few = await cost(cast.ada, query, ids=await populate_library(database, cast.ada, 1))
    nodes = await populate_library(database, cast.ada, 25)
    data, many = await cost(cast.ada, query, ids=nodes)
    assert [node["id"] for node in data["page"]] == nodes
    _assert_same_statements(few, many)


async def test_a_shared_collection_of_any_length_takes_the_same_queries(
    database: Database, cast: Cast, cost: Cost
) -> None:
    query = "query($token: String!) { sharedLink(token: $token) { collection { tracks { id playbackUrl } } } }"
    costs = []
    for number in (1, 50):
        members, token = [await put_track(database, cast.ada) for _ in range(number)], tokens.new_token()
        async with database.transaction() as session:
            collection_id = await _add_collection(session, cast.ada, members)
            session.add(_link(cast.ada, token, collection_id=collection_id))
        data, statements = await cost(cast.ada, query, token=token)
        assert [track["id"] for track in data["sharedLink"]["collection"]["tracks"]] == members
        costs.append(statements)
    _assert_same_statements(*costs)
