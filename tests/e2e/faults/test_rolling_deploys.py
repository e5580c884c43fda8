"""A deploy: servers drain, and the schema takes its next step while this version's servers and workers are at work."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from alembic import command
from sqlalchemy import Connection, text
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from core.jobs import Status
from storage import migrations
from storage.postgres.database import Database
from tests.support.graphql_client import data
from tests.support.graphql_websocket import collect_states, connected_socket, subscribe
from tests.support.installation import Site
from tests.support.users import Cast

ENOUGH = 3
EXPANDED = ("generations", "tracks", "track_files", "users", "organizations", "api_keys", "webhook_deliveries")
EXPAND = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "next", "{head}"

def upgrade():
    op.create_table("moods", sa.Column("id", sa.Text(), primary_key=True))
    for table in {tables}:
        op.add_column(table, sa.Column("mood", sa.Text(), sa.ForeignKey("moods.id")))
        op.add_column(table, sa.Column("stars", sa.Integer(), nullable=False, server_default="0"))
        op.create_index(f"ix_{{table}}_mood", table, ["mood", "stars"])
    op.create_check_constraint("ck_stars", "generations", "stars >= 0")
"""
MANY = """
query($id: ID!) { organization(id: $id) { generations(first: 5) { edges { node { id status track { id } } } } } }
"""


async def test_clients_of_a_server_that_drains_resume_exactly_elsewhere(site: Site, cast: Cast) -> None:
    elsewhere = site.url
    old = site.server()
    site.worker()
    job_id = await site.submit(cast.ada, is_long=True)
    async with connected_socket(site.url, {"x-api-key": cast.ada.key}) as connection:
        await subscribe(connection, job_id, -1)
        seen = []
        async for sequence in sequences(connection):
            seen.append(sequence)
            if len(seen) == ENOUGH:
                old.terminate()
        assert connection.close_code == 1012
    assert len(seen) >= ENOUGH
    site.release()
    await site.wait_status(job_id, Status.SUCCEEDED)
    async with connected_socket(elsewhere, {"x-api-key": cast.ada.key}) as connection:
        rest = [told["sequence"] for told in await collect_states(connection, job_id, seen[-1])]
        whole = [told["sequence"] for told in await collect_states(connection, job_id, -1)]
    assert rest == [sequence for sequence in whole if sequence > seen[-1]]
    assert seen + rest == sorted({*seen, *rest})
    await asyncio.to_thread(old.wait)
    site.url = elsewhere
    await site.assert_settled()


async def sequences(connection: ClientConnection) -> AsyncIterator[int]:
    """The numbers of the states that come, until the socket closes."""
    with suppress(ConnectionClosed):
        while True:
            message = json.loads(await connection.recv())
            if message["type"] == "next":
                yield int(message["payload"]["data"]["generationUpdated"]["sequence"])


async def test_an_old_server_and_an_old_worker_go_on_through_an_expand_step(
    site: Site, cast: Cast, tmp_path: Path
) -> None:
    worker = site.worker()
    first = await site.submit(cast.ada, is_long=True)
    waiting = await site.submit(cast.ada)
    await site.wait_rendering(first)
    async with (
        connected_socket(site.url, {"x-api-key": cast.ada.key}) as connection,
        httpx.AsyncClient(base_url=site.url, timeout=100) as client,
    ):
        before = await look(client, cast)
        async with expanded(site.database, tmp_path):
            assert ids(await look(client, cast)) == ids(before)
            await site.submit(cast.cid)
            site.release()
            assert (await collect_states(connection, first))[-1]["status"] == "SUCCEEDED"
            assert (await collect_states(connection, waiting))[-1]["status"] == "SUCCEEDED"
            await site.assert_settled()
            ended = await look(client, cast)
    assert {job["status"] for job in ended} == {"SUCCEEDED"}
    assert all(job["track"] for job in ended)
    assert worker.poll() is None


def ids(jobs: list[dict[str, Any]]) -> list[str]:
    return [job["id"] for job in jobs]


async def look(client: httpx.AsyncClient, cast: Cast) -> list[dict[str, Any]]:
    """Ada's jobs by one door, their ids by the other."""
    seen = (await data(client, cast.ada, MANY, id=cast.ada.organization_id))["organization"]["generations"]
    found = [edge["node"] for edge in seen["edges"]]
    answer = await client.get(f"/v1/music/{cast.ada.organization_id}/generations", headers=cast.ada.headers)
    assert ids(answer.json()["jobs"]) == ids(found)
    return found


@asynccontextmanager
async def expanded(database: Database, folder: Path) -> AsyncIterator[None]:
    """The schema is a step ahead of the code while the body runs."""
    head = migrations.head()
    (folder / "next.py").write_text(EXPAND.format(head=head, tables=EXPANDED), encoding="utf-8")

    def expand(connection: Connection) -> None:
        settings = migrations.config(connection)
        versions = Path(migrations.__file__).with_name("versions")
        settings.set_main_option("version_locations", os.pathsep.join([str(versions), str(folder)]))
        command.upgrade(settings, "next")

    def contract(connection: Connection) -> None:
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})
        for table in EXPANDED:
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN mood, DROP COLUMN stars"))
        connection.execute(text("DROP TABLE moods"))

    await migrations.apply(database, expand)
    try:
        yield
    finally:
        await migrations.apply(database, contract)
