"""Save, tag and list library entries over GraphQL."""

from typing import Any, Final

import httpx

from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.graphql.client import data, execute
from tests.support.users import Person

LIBRARY: Final = """
query(
  $org: ID!, $first: Int! = 20, $after: String, $filter: LibraryFilter, $words: String,
  $sort: LibrarySort! = SAVED_AT, $direction: SortDirection
) {
  organization(id: $org) {
    library(first: $first, after: $after, filter: $filter, query: $words, sort: $sort, direction: $direction) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { cursor node { id source tags isFavourite track { id title } } }
    }
  }
}
"""
SAVE: Final = """
mutation($id: ID!) {
  saveTrack(input: { id: $id }) { __typename ... on SaveTrackPayload { entry { id } } ... on Error { code } }
}
"""
TAG: Final = """
mutation($id: ID!, $tags: [String!]!) {
  answer: tagTrack(input: { id: $id, tags: $tags }) {
    __typename
    ... on LibraryEntryPayload { entry { tags isFavourite track { id } } }
    ... on Error { code }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
FAVOURITE: Final = """
mutation($id: ID!, $is: Boolean! = true) {
  answer: favouriteTrack(input: { id: $id, isFavourite: $is }) {
    __typename
    ... on LibraryEntryPayload { entry { tags isFavourite track { id } } }
    ... on Error { code }
  }
}
"""


async def put_saved(client: httpx.AsyncClient, database: Database, person: Person, **changes: object) -> str:
    """Insert a track and save it to its owner's library."""
    track_id = await put_track(database, person, **changes)  # type: ignore[arg-type]
    await save(client, person, track_id)
    return track_id


async def save(client: httpx.AsyncClient, person: Person, track_id: str) -> None:
    answer = await data(client, person, SAVE, id=track_id)
    assert answer["saveTrack"]["__typename"] == "SaveTrackPayload", answer


async def load_page(client: httpx.AsyncClient, person: Person, **arguments: object) -> Any:  # noqa: ANN401  a page of any shape
    answer = await data(client, person, LIBRARY, org=person.organization_id, **arguments)
    return answer["organization"]["library"]


async def list_titles(client: httpx.AsyncClient, person: Person, **arguments: object) -> list[str | None]:
    """Return the titles of a page in order."""
    return [edge["node"]["track"]["title"] for edge in (await load_page(client, person, **arguments))["edges"]]


async def list_refused_fields(client: httpx.AsyncClient, person: Person, **arguments: object) -> list[str]:
    """Return the fields of the validation errors of a page."""
    body = await execute(client, person, LIBRARY, org=person.organization_id, **arguments)
    [error] = body["errors"]
    assert error["extensions"]["code"] == "VALIDATION_ERROR"
    return [problem["field"] for problem in error["extensions"]["errors"]]


async def run_mutation(client: httpx.AsyncClient, person: Person, mutation: str, **variables: object) -> Any:  # noqa: ANN401
    return (await data(client, person, mutation, **variables))["answer"]
