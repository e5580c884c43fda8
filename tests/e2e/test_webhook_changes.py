"""Webhooks that change: rotated secrets, receivers that are gone, receivers that ask for a pause."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import update
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from core import clock
from core.webhooks import MAX_RETRY_AFTER, parse_retry_after, retry_delay
from storage.postgres.database import Database
from storage.tables import Webhook, WebhookDelivery
from tests.e2e.test_webhooks import REDELIVER, cancel_new_job, create_webhook, list_deliveries, wait_for_attempts
from tests.support import factories
from tests.support.graphql.client import data
from tests.support.processes import http_receiver
from tests.support.processes.http_receiver import Receiver
from tests.support.users import Cast, Person

ROTATE: Final = """
mutation($input: RotateWebhookSecretInput!) {
  rotateWebhookSecret(input: $input) {
    ... on RotateWebhookSecretPayload { secret webhook { id previousSecretExpiresAt } }
    ... on Error { code }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
ENABLE: Final = """
mutation($id: ID!) {
  enableWebhook(input: { id: $id }) { ... on EnableWebhookPayload { webhook { disabledAt disabledReason } } }
}
"""
STATE: Final = """
query($id: ID!) { node(id: $id) { ... on Webhook { disabledAt disabledReason previousSecretExpiresAt } } }
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver.running() as server:
        yield server


async def rotate(client: httpx.AsyncClient, person: Person, webhook_id: str, **fields: object) -> Any:  # noqa: ANN401  JSON
    return (await data(client, person, ROTATE, input={"id": webhook_id, **fields}))["rotateWebhookSecret"]


async def deliver(client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver) -> tuple[bytes, Any]:
    """Cause an event and return the body and headers of its first attempt."""
    await cancel_new_job(client, database, cast.ada)
    await wait_for_attempts(client, cast.ada)
    headers, body = receiver.received[-1]
    return body, headers


def is_signed(secret: str, body: bytes, headers: Any) -> bool:  # noqa: ANN401  JSON
    try:
        Verifier(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


async def test_during_a_rotation_deliveries_have_two_signatures(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    made = await create_webhook(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    rotated = await rotate(client, cast.ada, made["webhook"]["id"])
    expires_at = datetime.fromisoformat(rotated["webhook"]["previousSecretExpiresAt"])
    assert timedelta(hours=23) < expires_at - clock.now() <= timedelta(days=1)
    assert rotated["secret"].startswith("whsec_") != made["secret"]
    body, headers = await deliver(client, database, cast, receiver)
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert [is_signed(secret, body, headers) for secret in (made["secret"], rotated["secret"])] == [True, True]


async def test_after_the_overlap_only_the_new_secret_signs(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    made = await create_webhook(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    rotated = await rotate(client, cast.ada, made["webhook"]["id"], overlapSeconds=3600)
    async with database.transaction() as session:
        await session.execute(update(Webhook).values(previous_secret_expires_at=clock.now()))
    body, headers = await deliver(client, database, cast, receiver)
    assert [is_signed(secret, body, headers) for secret in (made["secret"], rotated["secret"])] == [False, True]


async def test_a_secret_can_be_ended_at_once(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    made = await create_webhook(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    first = await rotate(client, cast.ada, made["webhook"]["id"])
    second = await rotate(client, cast.ada, made["webhook"]["id"], overlapSeconds=0)
    assert second["webhook"]["previousSecretExpiresAt"] is None
    body, headers = await deliver(client, database, cast, receiver)
    secrets = (made["secret"], first["secret"], second["secret"])
    assert [is_signed(secret, body, headers) for secret in secrets] == [False, False, True]


@pytest.mark.parametrize("seconds", [-1, 604_801])
async def test_an_overlap_has_bounds(client: httpx.AsyncClient, database: Database, cast: Cast, seconds: int) -> None:
    made = await create_webhook(client, cast.ada, "https://hooks.example.org", "GENERATION_CANCELLED")
    answer = await rotate(client, cast.ada, made["webhook"]["id"], overlapSeconds=seconds)
    assert [problem["path"] for problem in answer["problems"]] == [["overlapSeconds"]]
    (row,) = await factories.load_all(database, Webhook)
    assert (row.secret, row.previous_secret) == (made["secret"], None)


async def test_a_receiver_that_is_gone_disables_its_webhook(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    webhook_id = (await create_webhook(client, cast.ada, receiver.url, "GENERATION_CANCELLED"))["webhook"]["id"]
    receiver.status = 410
    await deliver(client, database, cast, receiver)
    [delivery] = await list_deliveries(client, cast.ada)
    assert (delivery["status"], delivery["nextAttemptAt"]) == ("FAILED", None)
    webhook = (await data(client, cast.ada, STATE, id=webhook_id))["node"]
    assert webhook["disabledAt"] is not None
    assert webhook["disabledReason"] == "The receiver responded with 410 (Gone)"
    await cancel_new_job(client, database, cast.ada)
    assert len(await factories.load_all(database, WebhookDelivery)) == 1
    again = (await data(client, cast.ada, REDELIVER, id=delivery["id"]))["redeliverWebhook"]
    assert again == {"__typename": "ConflictError", "code": "CONFLICT"}

    receiver.status = 200
    enabled = (await data(client, cast.ada, ENABLE, id=webhook_id))["enableWebhook"]
    assert enabled == {"webhook": {"disabledAt": None, "disabledReason": None}}
    await deliver(client, database, cast, receiver)
    assert (await list_deliveries(client, cast.ada))[0]["status"] == "DELIVERED"


@pytest.mark.parametrize("status", [429, 503])
async def test_a_pause_that_the_receiver_requests_is_kept(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver, status: int
) -> None:
    await create_webhook(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    receiver.status, receiver.retry_after = status, "1800"
    await deliver(client, database, cast, receiver)
    [delivery] = await list_deliveries(client, cast.ada)
    wait = datetime.fromisoformat(delivery["nextAttemptAt"]) - clock.now()
    assert timedelta(minutes=29) < wait <= timedelta(minutes=30)


async def test_retry_after_of_other_statuses_is_ignored(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    await create_webhook(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    receiver.status, receiver.retry_after = 500, "1800"
    await deliver(client, database, cast, receiver)
    [delivery] = await list_deliveries(client, cast.ada)
    assert datetime.fromisoformat(delivery["nextAttemptAt"]) - clock.now() <= timedelta(seconds=5)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 0),
        ("120", 120),
        ("0", 0),
        ("-5", 0),
        ("soon", 0),
        ("1e3", 0),
        ("", 0),
        ("٣", 0),
        ("Sun, 29 Nov 2026 12:02:00 GMT", 120),
        ("Sun, 29 Nov 2026 11:00:00 GMT", 0),
        ("Sun, 29 Nov 99999 12:02:00 GMT", 0),
        ("9" * 400, MAX_RETRY_AFTER.total_seconds()),
    ],
)
def test_retry_after_has_seconds_or_a_date(value: str | None, seconds: float) -> None:
    now = datetime.fromisoformat("2026-11-29T12:00:00Z")
    assert parse_retry_after(value, now) == timedelta(seconds=seconds)


def test_a_requested_pause_prolongs_the_schedule_within_bounds() -> None:
    assert retry_delay(1, timedelta(seconds=1)) == retry_delay(1)
    assert retry_delay(1, timedelta(hours=1)) == timedelta(hours=1)
    assert retry_delay(1, timedelta(days=365)) == MAX_RETRY_AFTER
    assert retry_delay(10, timedelta(hours=1)) is None
    now = clock.now().replace(microsecond=0)
    assert parse_retry_after(format_datetime(now + timedelta(hours=2), usegmt=True), now) == timedelta(hours=2)
