"""Rolling deploys: servers drain, and the schema is expanded while the old servers and workers run."""

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
from core.network import tls
from storage import migrations
from storage.postgres.database import Database
from tests.support.graphql.client import data
from tests.support.graphql.websocket import collect_states, connected_socket, subscribe
from tests.support.processes.installation import Site
from tests.support.users import Cast

MIN_STATES = 3
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


async def test_clients_of_a_draining_server_resume_at_another_server(site: Site, cast: Cast) -> None:
    other_url = site.url
    old = site.server()
    site.worker()
    job_id = await site.submit(cast.ada, is_long=True)
    async with connected_socket(site.url, {"x-api-key": cast.ada.key}) as connection:
        await subscribe(connection, job_id, -1)
        received = []
        async for sequence in sequences(connection):
            received.append(sequence)
            if len(received) == MIN_STATES:
                old.terminate()
        assert connection.close_code == 1012
    assert len(received) >= MIN_STATES
    site.release()
    await site.wait_status(job_id, Status.SUCCEEDED)
    async with connected_socket(other_url, {"x-api-key": cast.ada.key}) as connection:
        remaining = [state["sequence"] for state in await collect_states(connection, job_id, received[-1])]
        whole = [state["sequence"] for state in await collect_states(connection, job_id, -1)]
    assert remaining == [sequence for sequence in whole if sequence > received[-1]]
    assert received + remaining == sorted({*received, *remaining})
    await asyncio.to_thread(old.wait)
    site.url = other_url
    await site.assert_settled()


async def sequences(connection: ClientConnection) -> AsyncIterator[int]:
    """Yield the sequence numbers of states until the socket closes."""
    with suppress(ConnectionClosed):
        while True:
            message = json.loads(await connection.recv())
            if message["type"] == "next":
                yield int(message["payload"]["data"]["generationUpdated"]["sequence"])


async def test_an_old_server_and_an_old_worker_run_through_an_expand_migration(
    site: Site, cast: Cast, tmp_path: Path
) -> None:
    worker = site.worker()
    first = await site.submit(cast.ada, is_long=True)
    waiting = await site.submit(cast.ada)
    await site.wait_rendering(first)
    async with (
        connected_socket(site.url, {"x-api-key": cast.ada.key}) as connection,
        httpx.AsyncClient(base_url=site.url, timeout=100, verify=tls.default_context()) as client,
    ):
        before = await list_generations(client, cast)
        async with expanded(site.database, tmp_path):
            assert ids(await list_generations(client, cast)) == ids(before)
            await site.submit(cast.cid)
            site.release()
            assert (await collect_states(connection, first))[-1]["status"] == "SUCCEEDED"
            assert (await collect_states(connection, waiting))[-1]["status"] == "SUCCEEDED"
            await site.assert_settled()
            ended = await list_generations(client, cast)
    assert {job["status"] for job in ended} == {"SUCCEEDED"}
    assert all(job["track"] for job in ended)
    assert worker.poll() is None


def ids(jobs: list[dict[str, Any]]) -> list[str]:
    return [job["id"] for job in jobs]


async def list_generations(client: httpx.AsyncClient, cast: Cast) -> list[dict[str, Any]]:
    """Return Ada's generations from GraphQL; assert that REST lists the same ids."""
    received = (await data(client, cast.ada, MANY, id=cast.ada.organization_id))["organization"]["generations"]
    found = [edge["node"] for edge in received["edges"]]
    answer = await client.get(f"/v1/music/{cast.ada.organization_id}/generations", headers=cast.ada.headers)
    assert ids(answer.json()["jobs"]) == ids(found)
    return found


@asynccontextmanager
async def expanded(database: Database, folder: Path) -> AsyncIterator[None]:
    """Run the body with a schema that is one expand migration ahead of the code."""
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
