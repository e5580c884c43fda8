"""Optional arguments that are null or blank have their defaults, as if they were left out."""

import re
from collections.abc import Mapping
from typing import Final

import httpx
import pytest

from storage.postgres.database import Database
from tests.support.graphql.client import data
from tests.support.owned_resources import create_one_of_each
from tests.support.users import Cast

NAMES: Final = ["first", "offset", "points", "after", "query", "trackId", "sort", "direction", "status", "filter"]
PAGE: Final = "edges { cursor } pageInfo { hasNextPage hasPreviousPage }"
LISTS: Final = f"""
  organization(id: $organization) {{
    generations(first after status) {{ {PAGE} }}
    library(first after filter query sort direction) {{ {PAGE} }}
    shareLinks(first after filter) {{ {PAGE} }}
    memberShareLinks(first after filter) {{ {PAGE} }}
    collections(first after) {{ {PAGE} }}
    focusSessions(first after) {{ {PAGE} }}
    webhooks(first after) {{ {PAGE} }}
    exports(first after) {{ {PAGE} }}
    members(first after) {{ {PAGE} }}
  }}
  collection: node(id: $collection) {{ ... on Collection {{ tracks(first after) {{ {PAGE} }} }} }}
  session: node(id: $session) {{ ... on FocusSession {{ segments(first offset) {{ __typename }} }} }}
  track: node(id: $track) {{ ... on Track {{
    waveform(points) lineage {{ derivedTracks(first after) {{ {PAGE} }} }} }} }}
  verifyTrack(sha256: "{"0" * 64}" trackId) {{ __typename }}
"""
FORMS: Final[Mapping[str, Mapping[str, str]]] = {
    "null": dict.fromkeys(NAMES, "null"),
    "blank": {**dict.fromkeys(NAMES, "null"), **dict.fromkeys(("after", "query", "trackId"), '" "')},
    "variables": {
        **dict.fromkeys(("first", "offset", "points"), "$number"),
        **dict.fromkeys(("after", "query"), "$text"),
        "trackId": "$trackId",
        "sort": "$sort",
        **dict.fromkeys(("direction", "status", "filter"), "null"),
    },
}


def write_document(values: Mapping[str, str]) -> str:
    """Return the document with these arguments; others are left out."""
    written = re.sub(
        r"(?<=[( ])(\w+)(?=[ )])",
        lambda name: (f"{name[1]}: {values[name[1]]}" if name[1] in values else "") if name[1] in NAMES else name[1],
        LISTS,
    )
    head = "$organization: ID!, $collection: ID!, $session: ID!, $track: ID!"
    variables = (
        ", $number: Int, $text: String, $trackId: ID, $sort: LibrarySort" if "$" in "".join(values.values()) else ""
    )
    return re.sub(r"\( *\)", "", f"query({head}{variables}) {{ {written} }}")


@pytest.mark.parametrize("form", FORMS)
async def test_null_and_blank_arguments_are_left_out(
    client: httpx.AsyncClient, database: Database, cast: Cast, form: str
) -> None:
    owned = await create_one_of_each(client, database, cast.ada)
    await data(
        client, cast.ada, "mutation($id: ID!) { saveTrack(input: { id: $id }) { __typename } }", id=owned["track"]
    )
    ids = {name: owned[name] for name in ("organization", "collection", "session", "track")}
    nulls = dict.fromkeys(("number", "text", "trackId", "sort")) if form == "variables" else {}
    expected = await data(client, cast.ada, write_document({}), **ids)
    assert await data(client, cast.ada, write_document(FORMS[form]), **ids, **nulls) == expected
    assert len(expected["organization"]["library"]["edges"]) == len(expected["collection"]["tracks"]["edges"]) == 1
