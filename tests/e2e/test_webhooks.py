"""Webhooks from the mutation to a local receiver: deliveries, retries, redirects, limits."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col
from standardwebhooks import Webhook as Verifier

from core import clock
from core.jobs import Status
from core.settings import Settings
from core.webhooks import MAX_WEBHOOKS, DeliveryStatus, retry_delay
from engines.registry import EngineRegistry
from storage.postgres.database import Database
from storage.tables import Webhook, WebhookDelivery
from tests.support import factories
from tests.support.graphql.client import data, execute
from tests.support.polling import wait_for
from tests.support.processes import http_receiver
from tests.support.processes.http_receiver import Receiver
from tests.support.users import Cast, Person
from workers.jobs.generation import run
from workers.services import connect

CREATE: Final = """
mutation($input: CreateWebhookInput!) {
  createWebhook(input: $input) {
    __typename
    ... on CreateWebhookPayload { secret webhook { id url events } }
    ... on Error { code message }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
LIST: Final = """
query($id: ID!) {
  organization(id: $id) {
    webhooks {
      totalCount
      edges { node { id url deliveries { totalCount edges { node {
        id event status payload nextAttemptAt attempts { statusCode error milliseconds }
      } } } } }
    }
  }
}
"""
REDELIVER: Final = """
mutation($id: ID!) {
  redeliverWebhook(input: { deliveryId: $id }) {
    __typename ... on RedeliverWebhookPayload { delivery { status } } ... on Error { code }
  }
}
"""
DELETE: Final = "mutation($id: ID!) { deleteWebhook(input: { id: $id }) { __typename ... on Error { code } } }"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver.running() as server:
        yield server


async def create_webhook(client: httpx.AsyncClient, person: Person, url: str, *events: str) -> Any:  # noqa: ANN401  JSON
    fields = {"organizationId": person.organization_id, "url": url, "events": events}
    return (await data(client, person, CREATE, input=fields))["createWebhook"]


async def list_deliveries(client: httpx.AsyncClient, person: Person) -> list[Any]:
    """Return the deliveries of the user's newest webhook."""
    webhooks = (await data(client, person, LIST, id=person.organization_id))["organization"]["webhooks"]
    return [edge["node"] for edge in webhooks["edges"][0]["node"]["deliveries"]["edges"]]


async def wait_for_attempts(client: httpx.AsyncClient, person: Person, attempts: int = 1) -> Any:  # noqa: ANN401  JSON
    """Wait until the newest delivery has this number of attempts and return it."""

    async def poll() -> Any:  # noqa: ANN401  JSON
        deliveries = await list_deliveries(client, person)
        return deliveries[0] if deliveries and len(deliveries[0]["attempts"]) == attempts else None

    return await wait_for(poll)


async def make_due(database: Database, **changes: object) -> None:
    """Make the pending deliveries due now."""
    async with database.transaction() as session:
        statement = update(WebhookDelivery).where(col(WebhookDelivery.status) == DeliveryStatus.PENDING)
        await session.execute(statement.values(next_attempt_at=clock.now() - timedelta(hours=1), **changes))


async def cancel_new_job(client: httpx.AsyncClient, database: Database, person: Person) -> str:
    """Create a job, cancel it and return its id."""
    job_id = await factories.put_generation(database, person, Status.QUEUED)
    query = "mutation($id: ID!) { cancelGeneration(input: { id: $id }) { __typename } }"
    assert await data(client, person, query, id=job_id) == {
        "cancelGeneration": {"__typename": "CancelGenerationPayload"}
    }
    return job_id


async def test_a_delivery_has_a_valid_signature(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    made = await create_webhook(client, cast.ada, receiver.url, "GENERATION_CANCELLED", "GENERATION_CANCELLED")
    assert made["webhook"]["events"] == ["GENERATION_CANCELLED"]
    job_id = await cancel_new_job(client, database, cast.bea)
    delivery = await wait_for_attempts(client, cast.ada)
    (headers, body) = receiver.received[0]
    payload = Verifier(made["secret"]).verify(body, headers)
    assert payload["type"] == "generation.cancelled"
    assert payload["data"] == {
        "organization_id": cast.ada.organization_id,
        "user_id": cast.bea.user_id,
        "track_id": None,
        "generation_id": job_id,
        "status": "cancelled",
        "error_message": None,
        "refusal_reason": None,
    }
    assert (delivery["event"], delivery["status"]) == ("GENERATION_CANCELLED", "DELIVERED")
    assert (delivery["id"], delivery["payload"]) == (headers["webhook-id"], payload)
    assert delivery["nextAttemptAt"] is None
    assert [(attempt["statusCode"], attempt["error"]) for attempt in delivery["attempts"]] == [(200, None)]


async def test_refused_and_succeeded_generations_are_delivered(
    client: httpx.AsyncClient, settings: Settings, cast: Cast, receiver: Receiver
) -> None:
    await create_webhook(client, cast.ada, receiver.url, "GENERATION_REFUSED", "GENERATION_SUCCEEDED")
    url = f"/v1/music/{cast.ada.organization_id}/generations"
    refused = factories.generation_body(prompt="a song in the voice of Taylor Swift", duration_seconds=1)
    answer = (await client.post(url, json=refused, headers=cast.ada.headers)).json()
    assert answer["status"] == "refused"
    delivery = await wait_for_attempts(client, cast.ada)
    assert (delivery["event"], delivery["payload"]["data"]["generation_id"]) == ("GENERATION_REFUSED", answer["id"])
    job = (await client.post(url, json=factories.generation_body(duration_seconds=1), headers=cast.ada.headers)).json()
    async with connect(settings, EngineRegistry()) as services:
        await run(services)
    delivery = (await list_deliveries(client, cast.ada))[0]
    track_id = (await client.get(f"{url}/{job['id']}", headers=cast.ada.headers)).json()["result_track_id"]
    assert (delivery["event"], delivery["payload"]["data"]["track_id"]) == ("GENERATION_SUCCEEDED", track_id)


async def test_other_events_and_other_organizations_are_not_delivered(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    await create_webhook(client, cast.ada, receiver.url, "GENERATION_FAILED")
    await create_webhook(client, cast.cid, receiver.url, "GENERATION_CANCELLED")
    await cancel_new_job(client, database, cast.ada)
    assert await factories.load_all(database, WebhookDelivery) == []


async def test_a_failed_delivery_is_retried(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    await create_webhook(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    receiver.status = 500
    await cancel_new_job(client, database, cast.ada)
    delivery = await wait_for_attempts(client, cast.ada)
    assert delivery["status"] == "PENDING"
    assert delivery["attempts"][0]["error"] == "Response with status 500"
    receiver.status = 204
    await make_due(database)
    assert (await wait_for_attempts(client, cast.ada, 2))["status"] == "DELIVERED"
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1


async def test_a_delivery_fails_after_ten_attempts_and_can_be_redelivered(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    await create_webhook(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    receiver.status = 503
    await cancel_new_job(client, database, cast.ada)
    await wait_for_attempts(client, cast.ada)
    await make_due(database, tries=9)
    delivery = await wait_for_attempts(client, cast.ada, 2)
    assert (delivery["status"], delivery["nextAttemptAt"]) == ("FAILED", None)
    receiver.status = 200
    again = (await data(client, cast.ada, REDELIVER, id=delivery["id"]))["redeliverWebhook"]
    assert again["delivery"] == {"status": "PENDING"}
    assert (await wait_for_attempts(client, cast.ada, 3))["status"] == "DELIVERED"


async def test_a_redirect_to_an_allowed_host_is_followed(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    await create_webhook(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    with http_receiver.running() as other:
        receiver.status, receiver.location = 307, other.url
        await cancel_new_job(client, database, cast.ada)
        assert (await wait_for_attempts(client, cast.ada))["status"] == "DELIVERED"
        assert len(other.received) == 1


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("http://localhost:9/", "Redirected to a URL without TLS"),
        ("https://localhost:9/", "The host is not on the public Internet, and the operator has not allowed it"),
        ("https://169.254.169.254/", "The host is not on the public Internet, and the operator has not allowed it"),
        ("/hook", "More than 3 redirects"),
    ],
)
async def test_redirects_to_private_hosts_and_redirect_loops_are_refused(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver, location: str, error: str
) -> None:
    await create_webhook(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    receiver.status, receiver.location = 308, location
    await cancel_new_job(client, database, cast.ada)
    assert (await wait_for_attempts(client, cast.ada))["attempts"][0]["error"] == error


async def test_a_deleted_webhook_gets_no_more_deliveries(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    made = await create_webhook(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    receiver.status = 500
    await cancel_new_job(client, database, cast.ada)
    await wait_for_attempts(client, cast.ada)
    answer = (await data(client, cast.ada, DELETE, id=made["webhook"]["id"]))["deleteWebhook"]
    assert answer["__typename"] == "DeleteWebhookPayload"
    await cancel_new_job(client, database, cast.ada)
    (row,) = await factories.load_all(database, WebhookDelivery)
    assert (row.status, row.next_attempt_at) == (DeliveryStatus.FAILED, None)
    assert (await data(client, cast.ada, DELETE, id=made["webhook"]["id"]))["deleteWebhook"]["code"] == (
        "RESOURCE_NOT_FOUND"
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://hooks.example.org",
        "ftp://hooks.example.org",
        "https://",
        "https://user:word@hooks.example.org",
        "https://hooks.example.org/#part",
        "https://hooks.example.org/a b",
        "https://hooks.example.org:99999",
        "https://[half",
        "https://hööks.example.org",
        "https://hooks.example.org/" + "x" * 2048,
    ],
)
async def test_an_invalid_url_is_refused(client: httpx.AsyncClient, database: Database, cast: Cast, url: str) -> None:
    answer = await create_webhook(client, cast.ada, url, "GENERATION_CANCELLED")
    assert [problem["path"] for problem in answer["problems"]] == [["url"]]
    assert await factories.load_all(database, Webhook) == []


async def test_a_webhook_requires_an_event(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await create_webhook(client, cast.ada, "https://hooks.example.org")
    assert [problem["path"] for problem in answer["problems"]] == [["events"]]


async def test_an_organization_has_at_most_ten_webhooks(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    answers = await asyncio.gather(
        *(
            create_webhook(client, cast.ada, "https://hooks.example.org", "GENERATION_FAILED")
            for _ in range(MAX_WEBHOOKS + 2)
        )
    )
    assert sorted(answer["__typename"] for answer in answers) == ["ConflictError"] * 2 + ["CreateWebhookPayload"] * 10
    assert len(await factories.load_all(database, Webhook)) == MAX_WEBHOOKS


async def test_webhooks_require_the_admin_role(client: httpx.AsyncClient, cast: Cast) -> None:
    await create_webhook(client, cast.ada, "https://hooks.example.org", "GENERATION_FAILED")
    answer = await create_webhook(client, cast.bea, "https://hooks.example.org", "GENERATION_FAILED")
    assert (answer["__typename"], answer["code"]) == ("ForbiddenError", "OPERATION_NOT_ALLOWED")
    body = await execute(client, cast.bea, LIST, id=cast.bea.organization_id)
    assert [error["extensions"]["code"] for error in body["errors"]] == ["OPERATION_NOT_ALLOWED"]


def test_the_retry_schedule_has_ten_attempts_within_a_day() -> None:
    waits = [retry_delay(tries) for tries in range(1, 11)]
    assert waits[-1] is None
    assert timedelta(hours=23) < sum(filter(None, waits), timedelta()) < timedelta(days=1)
