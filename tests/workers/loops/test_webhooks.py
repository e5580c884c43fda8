"""The webhook sender: each delivery ends once, also if something changes during a call."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import update

from core import clock, ids
from core.webhooks import DeliveryStatus
from storage.postgres.database import Database
from storage.queries import webhooks
from storage.tables import Webhook, WebhookDelivery
from tests.support import factories
from tests.support.polling import wait_for
from tests.support.processes import http_receiver
from tests.support.processes.http_receiver import Receiver
from tests.support.processes.services import cloned
from tests.support.users import Cast
from workers.loops.safe_http import SafeHttpClient, UnreachableError
from workers.loops.webhooks import Sender

SECRET = "whsec_" + "c2VjcmV0" * 5


@pytest_asyncio.fixture(scope="module")
async def database_url(service_urls: tuple[str, str], worker_id: str) -> AsyncIterator[str]:
    """A database without servers, whose senders would take the deliveries of these tests."""
    async with cloned(service_urls[0], f"studio_{worker_id}_senders") as url:
        yield url


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver.running() as server:
        yield server


@pytest.fixture
def sender(database: Database) -> Sender:
    return Sender(database, SafeHttpClient(("127.0.0.1:*", "hooks.example:*"), 30))


async def due(database: Database, cast: Cast, url: str, **changes: object) -> Webhook:
    """Create a webhook with a due delivery."""
    facts: dict[str, Any] = {"id": ids.new(ids.Kind.WEBHOOK), "secret": SECRET, **changes}
    row = Webhook(
        organization_id=cast.ada.organization_id,
        user_id=cast.ada.user_id,
        url=url,
        events=["generation.failed"],
        **facts,
    )
    async with database.transaction() as session:
        session.add(row)
        await session.flush()
        now = clock.now() - timedelta(seconds=1)
        await webhooks.insert_deliveries(
            session, row.organization_id, "generation.failed", {"type": "generation.failed", "data": {}}, now
        )
    return row


async def only(database: Database) -> WebhookDelivery:
    row: WebhookDelivery
    (row,) = await factories.load_all(database, WebhookDelivery)
    return row


async def change(database: Database, **values: object) -> None:
    async with database.transaction() as session:
        await session.execute(update(WebhookDelivery).values(**values))


async def test_a_webhook_with_an_invalid_secret_does_not_block_others(
    database: Database, cast: Cast, sender: Sender, receiver: Receiver
) -> None:
    broken, good = await due(database, cast, receiver.url, secret="whsec_!"), await due(database, cast, receiver.url)
    await sender.send_due()
    rows = {row.webhook_id: row for row in await factories.load_all(database, WebhookDelivery)}
    assert rows[good.id].status is DeliveryStatus.DELIVERED
    assert rows[broken.id].status is DeliveryStatus.PENDING
    assert [attempt["error"] for attempt in rows[broken.id].attempts] == ["The call could not be made"]
    assert await sender.send_due() == 0


async def test_a_webhook_deleted_during_a_call_is_not_called_again(
    database: Database, cast: Cast, sender: Sender, receiver: Receiver
) -> None:
    webhook = await due(database, cast, receiver.url)
    async with being_called(sender, receiver, status=500), database.transaction() as session:
        await webhooks.mark_deleted(session, webhook.id, clock.now())
    row = await only(database)
    assert (row.status, row.next_attempt_at, row.tries) == (DeliveryStatus.FAILED, None, 0)
    assert [attempt["status"] for attempt in row.attempts] == [500]


async def test_a_delivery_redelivered_during_its_last_attempt_is_retried(
    database: Database, cast: Cast, sender: Sender, receiver: Receiver
) -> None:
    await due(database, cast, receiver.url)
    await change(database, tries=9)
    async with being_called(sender, receiver, status=500):
        await change(database, tries=0)
    row = await only(database)
    assert (row.status, row.tries) == (DeliveryStatus.PENDING, 1)


async def test_of_two_concurrent_attempts_the_successful_one_counts(
    database: Database, cast: Cast, sender: Sender, receiver: Receiver
) -> None:
    await due(database, cast, receiver.url)
    async with being_called(sender, receiver, status=500):
        await change(database, status=DeliveryStatus.DELIVERED, next_attempt_at=None, attempts=[{"status": 200}])
    row = await only(database)
    assert (row.status, row.next_attempt_at) == (DeliveryStatus.DELIVERED, None)
    assert [attempt["status"] for attempt in row.attempts] == [200, 500]


async def test_the_deliveries_of_a_dead_sender_are_claimed_again(
    database: Database, cast: Cast, sender: Sender, receiver: Receiver
) -> None:
    await due(database, cast, receiver.url)
    async with database.transaction() as session:
        assert len(await webhooks.claim(session, 20, timedelta(seconds=-1), clock.now())) == 1
    assert await sender.send_due() == 1
    assert (await only(database)).status is DeliveryStatus.DELIVERED


async def test_a_host_is_resolved_once_and_the_checked_address_is_called(
    database: Database, cast: Cast, sender: Sender, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The resolver returns a different address each time, like an attacker's name server."""
    resolved = []

    def resolve(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        resolved.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{len(resolved)}", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    response = await sender.http.post(f"http://hooks.example:{receiver.server_port}/hook", {}, b"{}")
    assert (response.status, resolved) == (200, ["hooks.example"])
    [(headers, _)] = receiver.received
    assert headers["host"] == f"hooks.example:{receiver.server_port}"


@pytest.mark.parametrize("second", ["10.0.0.1", "::1"])
async def test_a_host_with_a_private_address_is_not_called(second: str, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("1.1.1.1", second)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    with pytest.raises(UnreachableError, match="not on the public Internet"):
        await SafeHttpClient((), 5).post("https://hooks.example", {}, b"")


async def test_the_next_address_is_tried_if_one_does_not_accept(
    sender: Sender, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the receiver listens on 127.0.0.1 alone
    addresses = ("127.0.0.9", "127.0.0.1")
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, receiver.server_port)) for a in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    assert (await sender.http.post(f"http://hooks.example:{receiver.server_port}/hook", {}, b"{}")).status == 200


@asynccontextmanager
async def being_called(sender: Sender, receiver: Receiver, status: int) -> AsyncIterator[None]:
    """Run the body during a call, which then receives ``status``."""
    receiver.status = status
    receiver.may_answer.clear()
    sending = asyncio.create_task(sender.send_due())

    async def look() -> bool | None:
        return len(receiver.received) == 1 or None

    await wait_for(look)
    yield
    receiver.may_answer.set()
    assert await sending == 1
