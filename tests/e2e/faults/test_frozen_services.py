"""Services that are frozen, not dead: they accept connections and never answer."""

import asyncio
from collections import Counter
from typing import Any, Final

import httpx

from core.network import tls
from tests.support.polling import wait_for
from tests.support.processes.installation import Site
from tests.support.users import Cast

DEADLINE_SECONDS: Final = 2.0
"""For each response once the server has noticed; far above 0.3 s, because the machine may be busy."""


async def readiness(client: httpx.AsyncClient) -> dict[str, Any]:
    """Return the states of the parts; fail without a response in time."""
    answer = await client.get("/readyz", timeout=DEADLINE_SECONDS)
    parts: dict[str, Any] = answer.json()["parts"]
    assert (answer.status_code == 200) == (set(parts.values()) == {"ok"})
    return parts


async def wait_state(client: httpx.AsyncClient, part: str, *, is_ok: bool) -> None:
    async def poll() -> bool | None:
        return ((await readiness(client))[part] == "ok") is is_ok or None

    await wait_for(poll)


async def test_requests_are_answered_while_redis_is_frozen(site: Site, cast: Cast) -> None:
    url = f"/v1/music/{cast.ada.organization_id}"
    body = {"engine": site.engine, "prompt": "ambient", "duration_seconds": 3}
    async with httpx.AsyncClient(
        base_url=site.url, headers=cast.ada.headers, timeout=100, verify=tls.default_context()
    ) as client:
        assert (await client.get(f"{url}/generations")).status_code == 200
        with site.services.valkey.frozen():
            # the first requests end when the server notices
            first = await asyncio.gather(*(client.post(f"{url}/generations", json=body) for _ in range(3)))
            await wait_state(client, "redis", is_ok=False)
            client.timeout = httpx.Timeout(DEADLINE_SECONDS)
            created = [await client.post(f"{url}/generations", json=body) for _ in range(3)]
            read = [await client.get(f"{url}/generations") for _ in range(3)]
            query = [await client.post("/graphql", json={"query": "{ viewer { id } }"}) for _ in range(3)]
            shared = await client.get("/v1/music/shared/nope")
        assert Counter(answer.status_code for answer in (*first, *created)) == {202: 6}
        assert Counter(answer.status_code for answer in (*read, *query)) == {200: 6}
        assert (shared.status_code, "retry-after" in shared.headers) == (503, True)
        await wait_state(client, "redis", is_ok=True)
    site.accepted += [answer.json()["id"] for answer in (*first, *created)]
    site.worker()
    await site.assert_settled()


async def test_requests_are_refused_while_postgres_is_frozen(site: Site, cast: Cast) -> None:
    url = f"/v1/music/{cast.ada.organization_id}/generations"
    async with httpx.AsyncClient(
        base_url=site.url, headers=cast.ada.headers, timeout=100, verify=tls.default_context()
    ) as client:
        assert (await client.get(url)).status_code == 200
        with site.services.postgres.frozen():
            # these wait on open connections, on a new one or on a place in the pool, and all end
            first = await asyncio.gather(*(client.get(url) for _ in range(40)))
            await wait_state(client, "database", is_ok=False)
            client.timeout = httpx.Timeout(DEADLINE_SECONDS)
            later = [await client.get(url) for _ in range(3)]
            query = await client.post("/graphql", json={"query": "{ viewer { id } }"})
            alive = await client.get("/healthz")
        assert {answer.status_code for answer in (*first, *later, query)} == {503}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in (*first, *later, query))
        assert alive.status_code == 200
        client.timeout = httpx.Timeout(100)
        await wait_state(client, "database", is_ok=True)
        assert (await client.get(url)).status_code == 200
    await site.database.engine.dispose()
    await site.submit(cast.ada)
    site.worker()
    await site.assert_settled()


async def test_a_read_only_database_refuses_writes_until_it_is_writable_again(site: Site, cast: Cast) -> None:
    url = f"/v1/music/{cast.ada.organization_id}/generations"
    body = {"engine": site.engine, "prompt": "ambient", "duration_seconds": 3}
    async with httpx.AsyncClient(
        base_url=site.url, headers=cast.ada.headers, timeout=100, verify=tls.default_context()
    ) as client:
        assert (await client.post(url, json=body)).status_code == 202
        await set_read_only(site, "on")
        try:
            await wait_state(client, "database", is_ok=False)
            assert (await readiness(client))["database"] == "Database is read-only"
            refused = [await client.post(url, json=body) for _ in range(12)]
            read = await client.get(url)
        finally:
            await set_read_only(site, "off")
        assert {answer.status_code for answer in refused} == {503}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
        assert read.status_code == 200
        await wait_state(client, "database", is_ok=True)
        assert (await client.post(url, json=body)).status_code == 202
    log = site.settings.data_dir / f"server-{site.url.rpartition(':')[2]}.log"
    assert "ReadOnlySQLTransactionError" in await asyncio.to_thread(log.read_text)


async def set_read_only(site: Site, value: str) -> None:
    """Make Postgres read-only for all connections, as after a failover, or writable again."""
    async with site.database.engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.execute("SET default_transaction_read_only = off")
        await raw.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        await raw.execute("SELECT pg_reload_conf()")
