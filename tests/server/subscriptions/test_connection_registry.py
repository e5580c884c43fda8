"""Connections are closed with their credentials, and their number is limited."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import httpx
import jwt
import pytest
from sqlalchemy import text
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from core import api_keys
from core.jobs import Status
from core.network import tls
from core.settings import Settings
from resolvers.access import accounts
from storage.postgres import notifications
from storage.postgres.connector import Connector
from storage.postgres.database import Database
from tests.support.factories import put_generation
from tests.support.polling import DEADLINE_SECONDS
from tests.support.processes import configured_server
from tests.support.processes.servers import TOKEN_SECRET
from tests.support.users import Cast, Person

WATCH = "subscription($id: ID!) { generationUpdated(id: $id) { status } }"
LIMITS: dict[str, object] = {
    "check_seconds": 0.1,
    "max_operations": 3,
    "max_per_caller": 4,
    "max_per_address": 6,
}


@pytest.fixture(scope="module")
def narrow_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server with frequent checks and low limits."""
    with configured_server.run_server(settings, quiet_redis_url, sockets=LIMITS) as url:
        yield url


@pytest.fixture(scope="module")
def impatient_url(settings: Settings, quiet_redis_url: str) -> Iterator[str]:
    """A server with short timeouts, but long enough for a busy machine."""
    sockets: dict[str, object] = {"check_seconds": 0.1, "idle_seconds": 3.0, "init_seconds": 2.0}
    with configured_server.run_server(settings, quiet_redis_url, sockets=sockets) as url:
        yield url


async def revoke(database: Database, person: Person) -> None:
    async with database.transaction() as session:
        key_id = await session.scalar(
            text("SELECT id FROM api_keys WHERE digest = :digest"), {"digest": api_keys.digest(person.key)}
        )
    await accounts.revoke_key(database, str(key_id))


async def expire(database: Database, person: Person) -> None:
    async with database.transaction() as session:
        statement = text("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE digest = :digest")
        await session.execute(statement, {"digest": api_keys.digest(person.key)})


async def banish(database: Database, person: Person) -> None:
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM memberships WHERE user_id = :user"), {"user": person.user_id})


@pytest.mark.parametrize("turn", [revoke, expire, banish])
async def test_a_socket_is_closed_when_its_credential_is_revoked_and_others_stay_open(
    narrow_url: str, database: Database, cast: Cast, turn: Callable[[Database, Person], Awaitable[None]]
) -> None:
    job_id = await put_generation(database, cast.ada, Status.QUEUED)
    async with (
        configured_server.open_socket(narrow_url, cast.ada.key) as ended,
        configured_server.open_socket(narrow_url, cast.bea.key) as kept,
        asyncio.timeout(DEADLINE_SECONDS),
    ):
        await configured_server.subscribe(ended, "1", query=WATCH, variables={"id": job_id})
        assert (await configured_server.receive(ended, "next"))["payload"]["data"] == {
            "generationUpdated": {"status": "QUEUED"}
        }
        await turn(database, cast.ada)
        assert await configured_server.wait_closed(ended) == (4403, "Forbidden")
        await configured_server.subscribe(kept, "1", query="{ __typename }")
        await configured_server.receive(kept, "complete")


async def test_a_socket_is_closed_when_its_token_expires(narrow_url: str, database: Database, cast: Cast) -> None:
    job_id = await put_generation(database, cast.ada, Status.QUEUED)
    claims = {"sub": cast.ada.user_id, "orgs": [cast.ada.organization_id], "exp": time.time() - 25}
    token = jwt.encode(claims, TOKEN_SECRET, algorithm="HS256")
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        configured_server.open_socket(narrow_url, additional_headers=headers) as connection,
        asyncio.timeout(DEADLINE_SECONDS),
    ):
        await configured_server.subscribe(connection, "1", query=WATCH, variables={"id": job_id})
        await configured_server.receive(connection, "next")
        assert await configured_server.wait_closed(connection) == (4403, "Forbidden")


@pytest.mark.parametrize(
    "accept", ["text/event-stream", "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json"]
)
async def test_a_stream_ends_with_an_error_when_its_credential_is_revoked(
    narrow_url: str, database: Database, cast: Cast, accept: str
) -> None:
    job_id = await put_generation(database, cast.ada, Status.QUEUED)
    body_text = ""
    async with httpx.AsyncClient(base_url=narrow_url, timeout=30, verify=tls.default_context()) as client:
        body = {"query": WATCH, "variables": {"id": job_id}}
        headers = {**cast.ada.headers, "Accept": accept}
        async with client.stream("POST", "/graphql", json=body, headers=headers) as answer:
            async for part in answer.aiter_text():
                body_text += part
                if "QUEUED" in body_text and "API_KEY" not in body_text:
                    await revoke(database, cast.ada)
    assert "API_KEY_DEACTIVATED" in body_text
    assert body_text.endswith(("event: complete\ndata: \n\n", "--graphql--\r\n"))


async def test_a_socket_without_connection_init_is_closed(impatient_url: str) -> None:
    address = impatient_url.replace("http", "ws") + "/graphql"
    async with (
        connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as connection,
        asyncio.timeout(DEADLINE_SECONDS),
    ):
        assert await configured_server.wait_closed(connection) == (4408, "Connection initialisation timeout")


async def test_an_idle_socket_is_closed_and_a_busy_one_is_not(
    impatient_url: str, database: Database, cast: Cast
) -> None:
    job_id = await put_generation(database, cast.ada, Status.QUEUED)
    async with configured_server.open_socket(impatient_url, cast.ada.key) as busy, asyncio.timeout(DEADLINE_SECONDS):
        await configured_server.subscribe(busy, "1", query=WATCH, variables={"id": job_id})
        await configured_server.receive(busy, "next")
        async with configured_server.open_socket(impatient_url, cast.ada.key) as idle:
            assert await configured_server.wait_closed(idle) == (1000, "Idle")
        await busy.send('{"type": "ping"}')
        await configured_server.receive(busy, "pong")


async def test_the_operations_of_a_socket_are_limited(narrow_url: str, database: Database, cast: Cast) -> None:
    job_id = await put_generation(database, cast.ada, Status.QUEUED)
    async with configured_server.open_socket(narrow_url, cast.ada.key) as connection, asyncio.timeout(DEADLINE_SECONDS):
        for number in range(4):
            await configured_server.subscribe(connection, str(number), query=WATCH, variables={"id": job_id})
        refused = await configured_server.receive(connection, "error")
        assert (refused["id"], refused["payload"][0]["extensions"]["code"]) == ("3", "TOO_MANY_OPERATIONS")
        await connection.send('{"type": "complete", "id": "0"}')
        await configured_server.subscribe(connection, "4", query="{ __typename }")
        assert (await configured_server.receive(connection, "complete"))["id"] == "4"


async def test_the_connections_of_a_caller_are_limited(narrow_url: str, database: Database, cast: Cast) -> None:
    job_id = await put_generation(database, cast.ada, Status.QUEUED)
    address = narrow_url.replace("http", "ws") + "/graphql"
    query = {"query": WATCH, "variables": {"id": job_id}}
    headers = {**cast.ada.headers, "Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(base_url=narrow_url, timeout=30, verify=tls.default_context()) as client,
        asyncio.timeout(DEADLINE_SECONDS),
    ):
        async with client.stream("POST", "/graphql", json=query, headers=headers) as stream:
            assert stream.status_code == 200
            async with (
                configured_server.open_socket(narrow_url, cast.ada.key),
                configured_server.open_socket(narrow_url, cast.ada.key),
                configured_server.open_socket(narrow_url, cast.ada.key),
                connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as late,
            ):
                await late.send(json.dumps({"type": "connection_init", "payload": {"x-api-key": cast.ada.key}}))
                assert await configured_server.wait_closed(late) == (1013, "Too many sockets")
                refused = await client.post("/graphql", json=query, headers=headers)
        assert refused.status_code == 429
        assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMIT_EXCEEDED"
        async with configured_server.open_socket(narrow_url, cast.ada.key):
            """A connection is accepted again."""


async def test_the_connections_of_an_ip_address_are_limited(narrow_url: str) -> None:
    address = narrow_url.replace("http", "ws") + "/graphql"
    protocols = [Subprotocol("graphql-transport-ws")]
    async with AsyncExitStack() as opened:
        for _ in range(6):
            await opened.enter_async_context(connect(address, subprotocols=protocols))
        with pytest.raises(InvalidStatus) as refused:
            await opened.enter_async_context(connect(address, subprotocols=protocols))
    assert refused.value.response.status_code == 429


async def test_the_id_of_an_active_operation_is_rejected(narrow_url: str, database: Database, cast: Cast) -> None:
    job_id = await put_generation(database, cast.ada, Status.QUEUED)
    async with configured_server.open_socket(narrow_url, cast.ada.key) as connection, asyncio.timeout(DEADLINE_SECONDS):
        for _ in range(2):
            await configured_server.subscribe(connection, "1", query=WATCH, variables={"id": job_id})
        assert await configured_server.wait_closed(connection) == (4409, "Subscriber for 1 already exists")


async def test_a_revoked_key_closes_its_sockets_at_once(
    settings: Settings, quiet_redis_url: str, database: Database, cast: Cast
) -> None:
    rarely: dict[str, object] = {"check_seconds": 3600.0}
    with configured_server.run_server(settings, quiet_redis_url, sockets=rarely) as url:
        async with configured_server.open_socket(url, cast.ada.key) as connection, asyncio.timeout(DEADLINE_SECONDS):
            await revoke(database, cast.ada)
            assert await configured_server.wait_closed(connection) == (4403, "Forbidden")


async def test_notifications_resume_after_a_lost_database_connection(database: Database, database_url: str) -> None:
    notified: asyncio.Queue[None] = asyncio.Queue()
    connector = Connector(f"{database_url}?application_name=notices")
    listening = asyncio.create_task(
        notifications.listen_forever(connector, notifications.CREDENTIALS_CHANNEL, lambda: notified.put_nowait(None))
    )
    async with asyncio.timeout(DEADLINE_SECONDS):
        await notified.get()
        async with database.transaction() as session:
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            await session.execute(text(query + " AND application_name = 'notices'"))
        await notified.get()
        async with database.transaction() as session:
            await notifications.notify(session, notifications.CREDENTIALS_CHANNEL)
        await notified.get()
    listening.cancel()
