"""The storage usage of an organization: one row that database triggers keep up to date."""

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
from tests.support.graphql.client import data, execute
from tests.support.graphql.cost import Cost
from tests.support.users import Cast, Person

STORAGE: Final = "query($org: ID!) { organization(id: $org) { storage { bytes files } } }"
DELETE: Final = "mutation($id: ID!) { deleteTrack(input: { id: $id }) { __typename } }"
# the expected usage, counted from the files
RECOUNT: Final = """
SELECT coalesce(sum(size), 0), count(*) FROM (
    SELECT max(size_bytes) AS size FROM track_files f JOIN tracks t ON t.id = f.track_id
    WHERE organization_id = :org GROUP BY blob_key
) AS contents
"""


async def read_usage(client: httpx.AsyncClient, database: Database, person: Person) -> tuple[int, int]:
    """Return bytes and files, after a comparison with a recount."""
    response: Any = await data(client, person, STORAGE, org=person.organization_id)
    storage = response["organization"]["storage"]
    async with database.transaction() as session:
        row = (await session.execute(text(RECOUNT), {"org": person.organization_id})).one()
    assert tuple(row) == (storage["bytes"], storage["files"])
    return storage["bytes"], storage["files"]


async def test_shared_content_counts_once_until_it_is_removed_from_disk(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    assert await read_usage(client, database, cast.ada) == (0, 0)
    shared, own = b"s" * 1000, b"o" * 200
    files = {(FileRole.MASTER, ""): shared, (FileRole.STEM, "drums"): own}
    first = await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path, files)
    assert await read_usage(client, database, cast.ada) == (1200, 2)
    # the same content of another member, and of another organization
    second = await receipt_factories.put_track_with_files(
        database, settings, cast.bea, tmp_path, {(FileRole.MASTER, ""): shared}
    )
    await receipt_factories.put_track_with_files(
        database, settings, cast.cid, tmp_path, {(FileRole.MASTER, ""): shared}
    )
    assert await read_usage(client, database, cast.bea) == (1200, 2)
    assert await read_usage(client, database, cast.cid) == (1000, 1)
    await data(client, cast.ada, DELETE, id=first)
    assert await read_usage(client, database, cast.ada) == (1200, 2)
    async with database.transaction() as session:
        assert await orphans.remove_files_of_deleted_tracks(session, timedelta(hours=1)) == 0
        assert await orphans.remove_files_of_deleted_tracks(session, timedelta(0)) == 2
    assert await read_usage(client, database, cast.ada) == (1000, 1)
    await data(client, cast.bea, DELETE, id=second)
    async with database.transaction() as session:
        await orphans.remove_files_of_deleted_tracks(session, timedelta(0))
    assert await read_usage(client, database, cast.ada) == (0, 0)
    assert await read_usage(client, database, cast.cid) == (1000, 1)


async def test_a_replaced_file_counts_with_its_new_size(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    track_id = await receipt_factories.put_track_with_files(
        database, settings, cast.ada, tmp_path, {(FileRole.MASTER, ""): b"x" * 100}
    )
    async with database.transaction() as session:
        key = f"sha256/ee/{'ee' * 32}.mp3"
        query = text("UPDATE track_files SET blob_key = :key, size_bytes = 70 WHERE track_id = :id")
        await session.execute(query, {"key": key, "id": track_id})
    assert await read_usage(client, database, cast.ada) == (70, 1)


async def test_concurrently_added_identical_content_counts_once(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    async def put(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        person = (cast.ada, cast.bea)[number % 2]
        await receipt_factories.put_track_with_files(
            database, settings, person, folder, {(FileRole.MASTER, ""): b"x" * 100}
        )

    await asyncio.gather(*map(put, range(8)))
    assert await read_usage(client, database, cast.ada) == (100, 1)


async def test_reading_the_usage_takes_one_row_for_any_number_of_files(
    services: Services, database: Database, settings: Settings, cast: Cast, cost: Cost, tmp_path: Path
) -> None:
    statements_without_files = (await cost(cast.ada, STORAGE, org=cast.ada.organization_id))[1]
    for _ in range(3):
        await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path)
    response, statements = await cost(cast.ada, STORAGE, org=cast.ada.organization_id)
    assert response["organization"]["storage"]["files"] == 6
    assert statements == statements_without_files
    assert [statement for statement in statements if "track_files" in statement] == []


async def test_the_usage_of_a_foreign_organization_is_null(client: httpx.AsyncClient, cast: Cast) -> None:
    body = await execute(client, cast.cid, STORAGE, org=cast.ada.organization_id)
    assert body == {"data": {"organization": None}}
