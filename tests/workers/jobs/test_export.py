"""Exports from request to expiry, including failures of workers and services."""

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

from core.exports import ExportStatus
from core.settings import Settings
from engines.registry import EngineRegistry
from storage.postgres.database import Database
from storage.queries import exports
from storage.tables import Export, Role
from tests.support import factories, receipt_factories
from tests.support.graphql.client import data, execute
from tests.support.graphql.exports import GET, create_export, get_export
from tests.support.storage import full_disk
from tests.support.users import Cast
from workers.jobs.export import run_due
from workers.loops import recovery
from workers.services import WorkerServices, connect

LIST: Final = "query($org: ID!) { organization(id: $org) { exports { totalCount edges { node { id status } } } } }"


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[WorkerServices]:
    async with connect(settings, EngineRegistry()) as services:
        yield services


async def update_exports(database: Database, values: str) -> None:
    async with database.transaction() as session:
        await session.execute(text(f"UPDATE exports SET {values}"))  # noqa: S608  our own words


async def test_an_export_can_be_downloaded_until_it_expires(
    client: httpx.AsyncClient,
    database: Database,
    settings: Settings,
    cast: Cast,
    worker: WorkerServices,
    tmp_path: Path,
) -> None:
    track_id = await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path)
    requested = await create_export(client, cast.ada)
    assert (requested["status"], requested["progress"], requested["url"]) == ("QUEUED", 0, None)
    assert (await create_export(client, cast.ada))["id"] == requested["id"]
    assert await run_due(worker)
    assert not await run_due(worker)
    done = await get_export(client, cast.ada, requested["id"])
    assert (done["status"], done["progress"], done["trackCount"], done["missingFiles"]) == ("SUCCEEDED", 100, 1, 0)
    answer = await client.get(done["url"])
    assert (answer.status_code, len(answer.content)) == (200, done["sizeBytes"])
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert [track["id"] for track in json.loads(archive.read("index.json"))["tracks"]] == [track_id]
    assert await recovery.remove_unused(database, worker.blobs, settings.workers) == 0
    [archive_key] = [row.blob_key for row in await factories.load_all(database, Export)]
    await update_exports(database, "expires_at = now() - interval '1 second'")
    expired = await get_export(client, cast.ada, requested["id"])
    assert (expired["isExpired"], expired["url"]) == (True, None)
    assert (await client.get(done["url"])).status_code == 404
    assert not await run_due(worker)
    assert [row.blob_key for row in await factories.load_all(database, Export)] == [None]
    unused = settings.workers.model_copy(update={"unused_seconds": 0.001})
    assert {blob.key async for blob in worker.blobs.walk()} >= {archive_key}
    await recovery.remove_unused(database, worker.blobs, unused)
    assert archive_key not in {blob.key async for blob in worker.blobs.walk()}


async def test_a_new_export_replaces_earlier_ones(
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


async def test_a_selection_contains_its_tracks_alone(
    client: httpx.AsyncClient,
    database: Database,
    settings: Settings,
    cast: Cast,
    worker: WorkerServices,
    tmp_path: Path,
) -> None:
    chosen, other = [
        await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path) for _ in range(2)
    ]
    foreign = await receipt_factories.put_track_with_files(database, settings, cast.cid, tmp_path)
    whole = await create_export(client, cast.ada)
    await run_due(worker)
    refused = await create_export(client, cast.ada, track_ids=[chosen, foreign, "mtrack_0"])
    assert [problem["path"] for problem in refused["problems"]] == [["trackIds", "1"], ["trackIds", "2"]]
    assert (await create_export(client, cast.ada, track_ids=[]))["code"] == "VALIDATION_ERROR"

    requested = await create_export(client, cast.ada, track_ids=[chosen, chosen])
    assert requested["trackIds"] == [chosen]
    assert (await create_export(client, cast.ada, track_ids=[chosen]))["id"] == requested["id"]
    for others in ([other], None):
        assert (await create_export(client, cast.ada, track_ids=others))["code"] == "CONFLICT"
    await run_due(worker)
    done = await get_export(client, cast.ada, requested["id"])
    assert (done["status"], done["trackCount"]) == ("SUCCEEDED", 1)
    with zipfile.ZipFile(io.BytesIO((await client.get(done["url"])).content)) as archive:
        assert [track["id"] for track in json.loads(archive.read("index.json"))["tracks"]] == [chosen]
    # the archive of everything is replaced by a later one of everything only
    assert (await client.get((await get_export(client, cast.ada, whole["id"]))["url"])).status_code == 200


async def test_concurrent_requests_return_the_same_export(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    requested = await asyncio.gather(
        *(create_export(client, cast.ada) for _ in range(8)), create_export(client, cast.bea)
    )
    assert len({export["id"] for export in requested[:-1]}) == 1
    assert len(await factories.load_all(database, Export)) == 2


async def test_a_user_has_one_running_export_in_all_organizations(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    async with database.transaction() as session:
        query = text("INSERT INTO memberships VALUES (:org, :user, :role, now())")
        values = {"org": cast.cid.organization_id, "user": cast.ada.user_id, "role": Role.MEMBER.value}
        await session.execute(query, values)
    await create_export(client, cast.ada)
    refused = await create_export(client, cast.ada, cast.cid.organization_id)
    assert (refused["__typename"], refused["code"]) == ("ConflictError", "CONFLICT")


async def test_an_export_is_visible_to_its_owner_only(
    client: httpx.AsyncClient, cast: Cast, worker: WorkerServices
) -> None:
    requested = await create_export(client, cast.ada)
    await run_due(worker)
    for other_user in (cast.bea, cast.cid):
        assert await get_export(client, other_user, requested["id"]) is None
        listed = await data(client, other_user, LIST, org=other_user.organization_id)
        assert listed["organization"]["exports"]["edges"] == []
    body = await execute(client, None, GET, id=requested["id"])
    assert body["errors"][0]["extensions"]["code"] == "AUTHENTICATION_REQUIRED"


async def test_the_export_of_a_dead_worker_is_finished_by_another(
    client: httpx.AsyncClient, database: Database, cast: Cast, worker: WorkerServices
) -> None:
    requested = await create_export(client, cast.ada)
    async with database.transaction() as session:
        dead = await exports.claim(session, timedelta(seconds=60))
    assert dead is not None
    assert not await run_due(worker)
    await update_exports(database, "lease_expires_at = now() - interval '1 second'")
    assert await run_due(worker)
    done = await get_export(client, cast.ada, requested["id"])
    assert done["status"] == "SUCCEEDED"
    async with database.transaction() as session:
        assert not await exports.succeed(session, dead, "x", 1, (0, 0), timedelta(1))
        assert not await exports.renew_lease(session, dead, 50, timedelta(1))
        assert not await exports.fail(session, dead)
    now = await get_export(client, cast.ada, requested["id"])
    # each response signs another URL
    assert {**now, "url": None} == {**done, "url": None}


async def run_postponed(database: Database, services: WorkerServices) -> None:
    """Run the export as if the delay after an outage had passed."""
    await update_exports(database, "lease_expires_at = now() - interval '1 second' WHERE status = 'running'")
    assert await run_due(services)


async def test_a_full_disk_counts_no_attempt(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path)
    requested = await create_export(client, cast.ada)
    scratch = tmp_path / "scratch"
    workers = settings.workers.model_copy(update={"scratch_dir": scratch})
    async with connect(settings.model_copy(update={"workers": workers}), EngineRegistry()) as services:
        with full_disk.mount_small_disk(scratch, "4k"):
            for number in range(settings.exports.max_attempts + 1):
                await run_postponed(database, services)
                [row] = await factories.load_all(database, Export)
                assert (row.status, row.attempts, row.fence) == (ExportStatus.RUNNING, 0, number + 1)
                assert not await run_due(services)
        await run_postponed(database, services)
    assert (await get_export(client, cast.ada, requested["id"]))["status"] == "SUCCEEDED"


async def test_an_outage_counts_no_attempt_and_repeated_errors_fail_the_export(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    place = tmp_path / "mount"
    place.touch()
    requested = await create_export(client, cast.ada)
    async with connect(settings.model_copy(update={"storage": str(place)}), EngineRegistry()) as away:
        for _ in range(settings.exports.max_attempts + 1):
            await run_postponed(database, away)
    [row] = await factories.load_all(database, Export)
    assert (row.status, row.attempts) == (ExportStatus.RUNNING, 0)
    await update_exports(database, "lease_expires_at = now()")
    workers = settings.workers.model_copy(update={"scratch_dir": place / "none"})
    async with connect(settings.model_copy(update={"workers": workers}), EngineRegistry()) as broken:
        for _ in range(settings.exports.max_attempts):
            assert await run_due(broken)
        assert not await run_due(broken)
    failed = await get_export(client, cast.ada, requested["id"])
    assert (failed["status"], failed["url"]) == ("FAILED", None)
    assert (await create_export(client, cast.ada))["id"] != requested["id"]
