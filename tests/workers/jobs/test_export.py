"""Exports from request to expiry: by GraphQL and a worker, one at a time, whatever dies on the way."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
import pytest
from sqlalchemy import text

from core.errors import Unavailable
from core.exports import ExportStatus
from core.settings import Settings
from engines.registry import EngineRegistry
from storage.postgres.database import Database
from storage.queries import exports
from storage.tables import Export, Role
from tests.support import factories, full_disk, receipt_factories
from tests.support.graphql_client import data, execute
from tests.support.graphql_exports import GET, create_export, get_export
from tests.support.users import Cast
from workers.jobs.export import run_due
from workers.loops import cleanup
from workers.services import WorkerServices, connect

LIST: Final = "query($org: ID!) { organization(id: $org) { exports { totalCount edges { node { id status } } } } }"


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[WorkerServices]:
    async with connect(settings, EngineRegistry()) as services:
        yield services


async def pretend(database: Database, values: str) -> None:
    async with database.transaction() as session:
        await session.execute(text(f"UPDATE exports SET {values}"))  # noqa: S608  our own words


async def test_an_export_is_made_and_fetched_by_a_link_until_it_expires(
    client: httpx.AsyncClient,
    database: Database,
    settings: Settings,
    cast: Cast,
    worker: WorkerServices,
    tmp_path: Path,
) -> None:
    track_id = await receipt_factories.put(database, settings, cast.ada, tmp_path)
    asked = await create_export(client, cast.ada)
    assert (asked["status"], asked["progress"], asked["url"]) == ("QUEUED", 0, None)
    assert (await create_export(client, cast.ada))["id"] == asked["id"]
    assert await run_due(worker)
    assert not await run_due(worker)
    done = await get_export(client, cast.ada, asked["id"])
    assert (done["status"], done["progress"], done["trackCount"], done["missingFiles"]) == ("SUCCEEDED", 100, 1, 0)
    answer = await client.get(done["url"])
    assert (answer.status_code, len(answer.content)) == (200, done["sizeBytes"])
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert [track["id"] for track in json.loads(archive.read("index.json"))["tracks"]] == [track_id]
    assert await cleanup.remove_unused(database, worker.blobs, settings.workers) == 0
    [archive_key] = [row.blob_key for row in await factories.every(database, Export)]
    await pretend(database, "expires_at = now() - interval '1 second'")
    expired = await get_export(client, cast.ada, asked["id"])
    assert (expired["isExpired"], expired["url"]) == (True, None)
    assert (await client.get(done["url"])).status_code == 404
    assert not await run_due(worker)
    assert [row.blob_key for row in await factories.every(database, Export)] == [None]
    unused = settings.workers.model_copy(update={"unused_seconds": 0.001})
    assert {blob.key async for blob in worker.blobs.walk()} >= {archive_key}
    await cleanup.remove_unused(database, worker.blobs, unused)
    assert archive_key not in {blob.key async for blob in worker.blobs.walk()}


async def test_a_new_export_takes_the_place_of_those_before(
    client: httpx.AsyncClient, cast: Cast, worker: WorkerServices
) -> None:
    first = await create_export(client, cast.ada)
    await run_due(worker)
    url = (await get_export(client, cast.ada, first["id"]))["url"]
    assert (await client.get(url)).status_code == 200
    second = await create_export(client, cast.ada)
    assert second["id"] != first["id"]
    assert (await client.get(url)).status_code == 200
    await run_due(worker)
    assert (await client.get(url)).status_code == 404
    assert (await get_export(client, cast.ada, first["id"]))["isExpired"]
    listed = (await data(client, cast.ada, LIST, org=cast.ada.organization_id))["organization"]["exports"]
    assert [edge["node"]["id"] for edge in listed["edges"]] == [second["id"], first["id"]]
    assert listed["totalCount"] == 2


async def test_those_who_ask_at_the_same_moment_get_the_same_one(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    asked = await asyncio.gather(*(create_export(client, cast.ada) for _ in range(8)), create_export(client, cast.bea))
    assert len({one["id"] for one in asked[:-1]}) == 1
    assert len(await factories.every(database, Export)) == 2


async def test_one_at_a_time_whatever_the_organization(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    async with database.transaction() as session:
        query = text("INSERT INTO memberships VALUES (:org, :user, :role, now())")
        values = {"org": cast.cid.organization_id, "user": cast.ada.user_id, "role": Role.MEMBER.value}
        await session.execute(query, values)
    await create_export(client, cast.ada)
    refused = await create_export(client, cast.ada, cast.cid.organization_id)
    assert (refused["__typename"], refused["code"]) == ("ConflictError", "CONFLICT")


async def test_an_export_is_its_owners_alone(client: httpx.AsyncClient, cast: Cast, worker: WorkerServices) -> None:
    asked = await create_export(client, cast.ada)
    await run_due(worker)
    for stranger in (cast.bea, cast.cid):
        assert await get_export(client, stranger, asked["id"]) is None
        listed = await data(client, stranger, LIST, org=stranger.organization_id)
        assert listed["organization"]["exports"]["edges"] == []
    body = await execute(client, None, GET, id=asked["id"])
    assert body["errors"][0]["extensions"]["code"] == "AUTHENTICATION_REQUIRED"


async def test_what_a_dead_worker_began_another_ends_and_the_dead_ones_result_is_thrown_away(
    client: httpx.AsyncClient, database: Database, cast: Cast, worker: WorkerServices
) -> None:
    asked = await create_export(client, cast.ada)
    async with database.transaction() as session:
        dead = await exports.claim(session, timedelta(seconds=60))
    assert dead is not None
    assert not await run_due(worker)
    await pretend(database, "lease_expires_at = now() - interval '1 second'")
    assert await run_due(worker)
    done = await get_export(client, cast.ada, asked["id"])
    assert done["status"] == "SUCCEEDED"
    async with database.transaction() as session:
        assert not await exports.succeed(session, dead, "x", 1, (0, 0), timedelta(1))
        assert not await exports.renew_lease(session, dead, 50, timedelta(1))
        assert not await exports.fail(session, dead)
    assert await get_export(client, cast.ada, asked["id"]) == {
        **done,
        "url": (await get_export(client, cast.ada, asked["id"]))["url"],
    }


async def test_a_full_disk_is_waited_for_and_counts_nothing(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    await receipt_factories.put(database, settings, cast.ada, tmp_path)
    asked = await create_export(client, cast.ada)
    scratch = tmp_path / "scratch"
    workers = settings.workers.model_copy(update={"scratch_dir": scratch})
    async with connect(settings.model_copy(update={"workers": workers}), EngineRegistry()) as services:
        with full_disk.full(scratch, "4k"):
            for _ in range(settings.exports.max_attempts + 1):
                with pytest.raises(Unavailable):
                    await run_due(services)
        [row] = await factories.every(database, Export)
        assert (row.status, row.attempts) == (ExportStatus.QUEUED, 0)
        assert await run_due(services)
    assert (await get_export(client, cast.ada, asked["id"]))["status"] == "SUCCEEDED"


async def test_a_store_that_is_away_is_waited_for_and_what_breaks_too_often_has_failed(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    place = tmp_path / "mount"
    place.touch()
    asked = await create_export(client, cast.ada)
    async with connect(settings.model_copy(update={"storage": str(place)}), EngineRegistry()) as away:
        for _ in range(settings.exports.max_attempts + 1):
            with pytest.raises(Unavailable):
                await run_due(away)
    [row] = await factories.every(database, Export)
    assert (row.status, row.attempts) == (ExportStatus.QUEUED, 0)
    workers = settings.workers.model_copy(update={"scratch_dir": place / "none"})
    async with connect(settings.model_copy(update={"workers": workers}), EngineRegistry()) as broken:
        for _ in range(settings.exports.max_attempts):
            assert await run_due(broken)
        assert not await run_due(broken)
    failed = await get_export(client, cast.ada, asked["id"])
    assert (failed["status"], failed["url"]) == ("FAILED", None)
    assert (await create_export(client, cast.ada))["id"] != asked["id"]
