"""Library entries of an earlier version are indexed for search by a migration."""

import httpx
from sqlalchemy import text

from storage import migrations
from storage.postgres.database import Database
from tests.support import factories
from tests.support.graphql.client import data
from tests.support.users import Cast

SEARCH = """
query($org: ID!, $words: String!) {
  organization(id: $org) { library(query: $words) { edges { node { track { title } } } } }
}
"""
SAVE = "mutation($id: ID!) { saveTrack(input: { id: $id }) { __typename } }"
TAG = "mutation($id: ID!, $tags: [String!]!) { tagTrack(input: { id: $id, tags: $tags }) { __typename } }"
RENAME = "mutation($id: ID!, $title: String!) { updateTrack(input: { id: $id, title: $title }) { __typename } }"


async def test_titles_tags_and_prompts_are_found_after_every_change_and_after_a_migration(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    track_id = await factories.put_track(database, cast.ada, title="夜の机")
    other = await factories.put_track(database, cast.ada, title="Don\u2019t Stop")

    async def titles(words: str) -> list[str]:
        found = await data(client, cast.ada, SEARCH, org=cast.ada.organization_id, words=words)
        return sorted(edge["node"]["track"]["title"] for edge in found["organization"]["library"]["edges"])

    for each in (track_id, other):
        await data(client, cast.ada, SAVE, id=each)
    assert await titles("机") == ["夜の机"]
    assert await titles("don't") == ["Don\u2019t Stop"]
    assert await titles("LÖFI") == ["Don\u2019t Stop", "夜の机"]  # of the prompt
    await data(client, cast.ada, TAG, id=other, tags=["Straßen-Musik"])
    assert await titles("strassenmusik") == ["Don\u2019t Stop"]
    await data(client, cast.ada, RENAME, id=track_id, title="Éclair")
    assert (await titles("机"), await titles("eclair")) == ([], ["Éclair"])

    # as rows of the earlier version; several migrations may run at once
    async with database.transaction() as session:
        await session.execute(text("UPDATE library_entries SET search = NULL"))
    assert await titles("eclair") == []
    await migrations.upgrade(database)
    assert (await titles("eclair"), await titles("strassen")) == (["Éclair"], ["Don\u2019t Stop"])
