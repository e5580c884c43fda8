"""A server and a worker behind PgBouncer, in session mode and in transaction mode."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
import redis
from sqlalchemy import text

from core.network import tls
from core.settings import DatabaseSettings, Settings
from server.embedded import ports
from storage.postgres.database import Database
from tests.support.polling import wait_for, wait_until
from tests.support.processes import pgbouncer
from tests.support.processes.servers import process
from tests.support.users import Cast

MODES: Final = {"session": 40, "transaction": 3}
"""The modes, each with its number of server connections."""


@pytest.fixture(params=MODES)
def pooled_settings(
    request: pytest.FixtureRequest, settings: Settings, quiet_redis_url: str, tmp_path: Path
) -> Iterator[Settings]:
    mode = request.param
    with redis.Redis.from_url(quiet_redis_url) as connection:
        # the keys of processes in another data folder
        connection.flushdb()
    assert settings.database_url is not None
    with pgbouncer.pooler(settings.database_url, mode, MODES[mode]) as url:
        server = settings.server.model_copy(update={"port": ports.find_free()})
        direct = settings.database_url if mode == "transaction" else None
        yield settings.model_copy(
            update={
                "database_url": url,
                "database": DatabaseSettings(pooling=mode, direct_url=direct),
                "redis_url": quiet_redis_url,
                "server": server,
                "data_dir": tmp_path,
            }
        )


async def test_requests_and_jobs_succeed_behind_a_pooler(pooled_settings: Settings, cast: Cast, tmp_path: Path) -> None:
    url, log = f"{pooled_settings.public_url}/v1/music/{cast.ada.organization_id}", tmp_path / "log"
    with process(pooled_settings, "serve", log=log), process(pooled_settings, "worker", log=log):
        wait_until(lambda: is_ready(pooled_settings.public_url))
        async with httpx.AsyncClient(timeout=100, headers=cast.ada.headers, verify=tls.default_context()) as client:
            fields = "generations(first: 5) { edges { node { id track { id } } } } library(first: 5) { totalCount }"
            query = {"query": f'{{ organization(id: "{cast.ada.organization_id}") {{ {fields} }} }}'}
            body = {"engine": "studio", "prompt": "ambient", "duration_seconds": 3}
            created = await asyncio.gather(*(client.post(f"{url}/generations", json=body) for _ in range(2)))
            reads = await asyncio.gather(
                *(client.get(f"{url}/{path}") for path in ("generations", "tracks", "collections", "usage") * 15),
                *(client.post(f"{pooled_settings.public_url}/graphql", json=query) for _ in range(15)),
            )

            async def is_finished() -> bool | None:
                statuses = [(await client.get(f"{url}/generations/{job.json()['id']}")).json() for job in created]
                return all(status["status"] == "succeeded" for status in statuses) or None

            assert not any("errors" in answer.json() for answer in reads), log.read_text()
            assert Counter(answer.status_code for answer in (*created, *reads)) == {202: 2, 200: 75}, log.read_text()
            await wait_for(is_finished)
    assert "database unavailable" not in log.read_text()


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", verify=tls.default_context()).status_code == 200
    except httpx.HTTPError:
        return False


async def test_settings_of_transactions_do_not_reach_other_clients(settings: Settings) -> None:
    assert settings.database_url is not None
    with pgbouncer.pooler(settings.database_url, "transaction", 1) as url:
        ours = Database(url, has_transaction_pooler=True, max_transaction_seconds=9)
        query = "SELECT current_setting('idle_in_transaction_session_timeout'), current_setting('timezone')"
        async with ours.transaction() as session:
            in_session = (await session.execute(text(query))).one()
        single = (await ours.fetch(query, ()))[0]
        assert tuple(in_session) == tuple(single) == ("15s", "UTC")
        connection = await ours.connector.connect()
        assert await connection.fetchval("SELECT current_setting('idle_in_transaction_session_timeout')") == "0"
        await connection.close()
        await ours.close()


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
async def test_a_startup_parameter_that_the_pooler_refuses_is_named_in_one_line(
    settings: Settings, tmp_path: Path, command: str
) -> None:
    assert settings.database_url is not None
    log = tmp_path / "log"
    with pgbouncer.pooler(settings.database_url, "session") as url:
        server = settings.server.model_copy(update={"port": ports.find_free()})
        changes = {"database_url": f"{url}?options=-c%20geqo%3Doff", "data_dir": tmp_path, "server": server}
        refused = settings.model_copy(update=changes)
        with process(refused, command, log=log) as child:
            assert await asyncio.to_thread(child.wait, 100) == 1
    printed = log.read_text()
    assert printed.count("\n") == 1
    assert "startup parameter" in printed
    assert "options" in printed
