"""What an organization's files take: told from one row, kept true by the database whatever happens to files."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from sqlalchemy import text

from core.settings import Settings
from resolvers.access.context import Services
from storage.maintenance import orphans
from storage.postgres.database import Database
from storage.tables import FileRole
from tests.support import receipt_factories
from tests.support.graphql_client import data, execute
from tests.support.graphql_cost import Cost
from tests.support.users import Cast, Person

STORAGE: Final = "query($org: ID!) { organization(id: $org) { storage { bytes files } } }"
DELETE: Final = "mutation($id: ID!) { deleteTrack(input: { id: $id }) { __typename } }"
# what the row has to say, counted anew
COUNTED: Final = """
SELECT coalesce(sum(size), 0), count(*) FROM (
    SELECT max(size_bytes) AS size FROM track_files f JOIN tracks t ON t.id = f.track_id
    WHERE organization_id = :org GROUP BY blob_key
) AS contents
"""


async def told(client: httpx.AsyncClient, database: Database, person: Person) -> tuple[int, int]:
    """Bytes and files; the same as counted anew."""
    found: Any = await data(client, person, STORAGE, org=person.organization_id)
    storage = found["organization"]["storage"]
    async with database.transaction() as session:
        row = (await session.execute(text(COUNTED), {"org": person.organization_id})).one()
    assert tuple(row) == (storage["bytes"], storage["files"])
    return storage["bytes"], storage["files"]


async def test_each_content_counts_once_in_an_organization_until_it_leaves_the_disk(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    assert await told(client, database, cast.ada) == (0, 0)
    shared, own = b"s" * 1000, b"o" * 200
    files = {(FileRole.MASTER, ""): shared, (FileRole.STEM, "drums"): own}
    first = await receipt_factories.put(database, settings, cast.ada, tmp_path, files)
    assert await told(client, database, cast.ada) == (1200, 2)
    # the same sound of a colleague's, and elsewhere
    second = await receipt_factories.put(database, settings, cast.bea, tmp_path, {(FileRole.MASTER, ""): shared})
    await receipt_factories.put(database, settings, cast.cid, tmp_path, {(FileRole.MASTER, ""): shared})
    assert await told(client, database, cast.bea) == (1200, 2)
    assert await told(client, database, cast.cid) == (1000, 1)
    await data(client, cast.ada, DELETE, id=first)
    assert await told(client, database, cast.ada) == (1200, 2)
    async with database.transaction() as session:
        assert await orphans.remove_files_of_deleted_tracks(session, timedelta(hours=1)) == 0
        assert await orphans.remove_files_of_deleted_tracks(session, timedelta(0)) == 2
    assert await told(client, database, cast.ada) == (1000, 1)
    await data(client, cast.bea, DELETE, id=second)
    async with database.transaction() as session:
        await orphans.remove_files_of_deleted_tracks(session, timedelta(0))
    assert await told(client, database, cast.ada) == (0, 0)
    assert await told(client, database, cast.cid) == (1000, 1)


async def test_a_file_that_is_replaced_counts_as_what_it_is_now(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    track_id = await receipt_factories.put(database, settings, cast.ada, tmp_path, {(FileRole.MASTER, ""): b"x" * 100})
    async with database.transaction() as session:
        key = f"sha256/ee/{'ee' * 32}.mp3"
        query = text("UPDATE track_files SET blob_key = :key, size_bytes = 70 WHERE track_id = :id")
        await session.execute(query, {"key": key, "id": track_id})
    assert await told(client, database, cast.ada) == (70, 1)


async def test_those_who_add_the_same_sound_at_the_same_moment_count_it_once(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    async def put(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        person = (cast.ada, cast.bea)[number % 2]
        await receipt_factories.put(database, settings, person, folder, {(FileRole.MASTER, ""): b"x" * 100})

    await asyncio.gather(*map(put, range(8)))
    assert await told(client, database, cast.ada) == (100, 1)


async def test_the_question_reads_one_row_however_many_files_there_are(
    services: Services, database: Database, settings: Settings, cast: Cast, cost: Cost, tmp_path: Path
) -> None:
    nothing = (await cost(cast.ada, STORAGE, org=cast.ada.organization_id))[1]
    for _ in range(3):
        await receipt_factories.put(database, settings, cast.ada, tmp_path)
    found, statements = await cost(cast.ada, STORAGE, org=cast.ada.organization_id)
    assert found["organization"]["storage"]["files"] == 6
    assert statements == nothing
    assert [statement for statement in statements if "track_files" in statement] == []


async def test_of_a_foreign_organization_nothing_is_told(client: httpx.AsyncClient, cast: Cast) -> None:
    body = await execute(client, cast.cid, STORAGE, org=cast.ada.organization_id)
    assert body == {"data": {"organization": None}}
