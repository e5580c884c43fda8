"""The rows of an installation of version 0.1.0, migrated and used by this version.

``data_0_1_0.sql`` was made by that version: its server and worker got requests of every kind; pg_dump wrote the rows.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import pytest
from alembic import command

from core.network import tls
from core.settings import Settings
from server.embedded import ports
from storage import migrations
from storage.postgres.database import Database
from storage.queue import dispatch
from tests.support.processes.cli import run_cli
from tests.support.processes.servers import serving
from tests.support.processes.services import cloned

DATA: Final = Path(__file__).with_name("data_0_1_0.sql")
REVISION: Final = "2026_11_25_archives"
ORGANIZATION: Final = "org_f7826c283468aa9876fd07fd"
KEY: Final = "ak_LT2CybqYqaVNcKaAymDNrAa2SK1b2Xx83w9wUO"
TOKEN: Final = "shr_9201be096e2c38e420cdb5680e78f10e"
TRACK: Final = "mtrack_f2ae128b08f832c6a9988338"
RUNNING: Final = "mgen_74514c9a653c86addffdee87"
QUEUED: Final = "mgen_fe0cbc1e9888414f6568ac07"
_OVERVIEW: Final = """
query($org: ID!) {
  organization(id: $org) {
    generations(first: 50) { totalCount edges { node { id status prompt track { id } } } }
    library(first: 50) { edges { node { tags isFavourite track { id title key report { key { delivered } } } } } }
    collections(first: 50) { edges { node { name tracks(first: 5) { totalCount } } } }
    shareLinks(first: 50) { totalCount }
    focusSessions(first: 50) { edges { node { status } } }
    webhooks(first: 50) { edges { node { url } } }
    usage { window limitChf }
  }
}
"""


@pytest.fixture
async def older_url(service_urls: tuple[str, str], worker_id: str) -> AsyncIterator[str]:
    """Return the URL of a database with the schema and the rows of 0.1.0."""
    async with cloned(service_urls[0], f"older_{worker_id}", template="template0") as url:
        older = Database(url, pooled=False)
        async with older.engine.begin() as connection:
            await connection.run_sync(lambda sync: command.upgrade(migrations.config(sync), REVISION))
        await older.close()
        rows = await asyncpg.connect(url)
        # as pg_restore --disable-triggers does: the rows of triggers are in the dump
        await rows.execute("SET session_replication_role = replica; DELETE FROM alembic_version")
        await rows.execute(DATA.read_text(encoding="utf-8"))
        await rows.close()
        yield url


async def _count(url: str) -> dict[str, int]:
    """Return the number of rows of each table."""
    connection = await asyncpg.connect(url)
    names = [row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    counts = {name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for name in names}  # noqa: S608
    await connection.close()
    return counts


async def test_rows_of_the_last_version_are_migrated_and_used(
    settings: Settings, older_url: str, quiet_redis_url: str, tmp_path: Path
) -> None:
    server = settings.server.model_copy(update={"port": ports.find_free()})
    changes = {"database_url": older_url, "redis_url": quiet_redis_url, "data_dir": tmp_path, "server": server}
    own = settings.model_copy(update=changes)
    before = await _count(older_url)
    status, output = run_cli(own, command="migrate")
    assert (status, output) == (0, f"The database schema is at revision {migrations.head()}.\n")
    after = await _count(older_url)
    assert {name: after[name] for name in before} == before

    with serving(own) as url:
        async with httpx.AsyncClient(
            base_url=url, timeout=100, headers={"X-API-Key": KEY}, verify=tls.default_context()
        ) as client:
            answer = await client.post("/graphql", json={"query": _OVERVIEW, "variables": {"org": ORGANIZATION}})
            body: dict[str, Any] = answer.json()
            assert "errors" not in body, body
            found = body["data"]["organization"]
            assert found["generations"]["totalCount"] == before["generations"] - 2  # segments of a focus session
            [entry] = [edge["node"] for edge in found["library"]["edges"]]
            assert (entry["track"]["id"], entry["track"]["title"]) == (TRACK, "Harbour")
            assert (entry["tags"], entry["isFavourite"]) == (["evening"], True)
            assert entry["track"]["report"]["key"]["delivered"] == entry["track"]["key"]
            assert [edge["node"]["name"] for edge in found["collections"]["edges"]] == ["Rain"]
            assert found["shareLinks"]["totalCount"] == before["share_links"]
            assert [edge["node"]["status"] for edge in found["focusSessions"]["edges"]] == ["ENDED"]
            assert [edge["node"]["url"] for edge in found["webhooks"]["edges"]] == ["https://hooks.example.org/studio"]
            assert {usage["window"]: usage["limitChf"] for usage in found["usage"]}["MONTH"] == "100.0000"
            shared = await client.get(f"/v1/music/shared/{TOKEN}", headers={"X-API-Key": ""})
            assert shared.status_code == 200
            assert TRACK in shared.text
            receipt = await client.get(f"/v1/music/{ORGANIZATION}/tracks/{TRACK}/receipt")
            assert {file["role"] for file in receipt.json()["files"]} >= {"master", "stem", "score"}
            cancelled = await client.post(f"/v1/music/{ORGANIZATION}/generations/{QUEUED}/cancel")
            assert cancelled.json()["status"] == "cancelled"

    upgraded = Database(older_url, pooled=False)
    async with upgraded.transaction() as session:
        # the worker of the old version was stopped while it rendered
        claimed = await dispatch.claim(session, timedelta(minutes=1))
        assert claimed is not None
        assert (claimed.id, claimed.attempts) == (RUNNING, 2)
    await upgraded.close()
