"""Webhooks from a mutation to a receiver on a port, and through its bad days."""

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
from tests.support import factories, http_receiver
from tests.support.graphql_client import data, execute
from tests.support.http_receiver import Receiver
from tests.support.polling import wait_for
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


async def created(client: httpx.AsyncClient, person: Person, url: str, *events: str) -> Any:  # noqa: ANN401  JSON
    wish = {"organizationId": person.organization_id, "url": url, "events": events}
    return (await data(client, person, CREATE, input=wish))["createWebhook"]


async def listed(client: httpx.AsyncClient, person: Person) -> list[Any]:
    """The deliveries of the person's newest webhook."""
    webhooks = (await data(client, person, LIST, id=person.organization_id))["organization"]["webhooks"]
    return [edge["node"] for edge in webhooks["edges"][0]["node"]["deliveries"]["edges"]]


async def tried(client: httpx.AsyncClient, person: Person, attempts: int = 1) -> Any:  # noqa: ANN401  JSON
    """The newest delivery, once it was tried so often."""

    async def look() -> Any:  # noqa: ANN401  JSON
        deliveries = await listed(client, person)
        return deliveries[0] if deliveries and len(deliveries[0]["attempts"]) == attempts else None

    return await wait_for(look)


async def hurry(database: Database, **changes: object) -> None:
    """Let no more time pass before the next try."""
    async with database.transaction() as session:
        statement = update(WebhookDelivery).where(col(WebhookDelivery.status) == DeliveryStatus.PENDING)
        await session.execute(statement.values(next_attempt_at=clock.now() - timedelta(hours=1), **changes))


async def cancelled(client: httpx.AsyncClient, database: Database, person: Person) -> str:
    """A job that was submitted and taken back."""
    job_id = await factories.put_generation(database, person, Status.QUEUED)
    query = "mutation($id: ID!) { cancelGeneration(input: { id: $id }) { __typename } }"
    assert await data(client, person, query, id=job_id) == {
        "cancelGeneration": {"__typename": "CancelGenerationPayload"}
    }
    return job_id


async def test_a_receiver_is_told_with_a_signature_that_holds(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    made = await created(client, cast.ada, receiver.url, "GENERATION_CANCELLED", "GENERATION_CANCELLED")
    assert made["webhook"]["events"] == ["GENERATION_CANCELLED"]
    job_id = await cancelled(client, database, cast.bea)
    delivery = await tried(client, cast.ada)
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


async def test_a_refusal_and_a_success_are_told(
    client: httpx.AsyncClient, settings: Settings, cast: Cast, receiver: Receiver
) -> None:
    await created(client, cast.ada, receiver.url, "GENERATION_REFUSED", "GENERATION_SUCCEEDED")
    url = f"/v1/music/{cast.ada.organization_id}/generations"
    refused = factories.generation_body(prompt="a song in the voice of Taylor Swift", duration_seconds=1)
    answer = (await client.post(url, json=refused, headers=cast.ada.headers)).json()
    assert answer["status"] == "refused"
    told = await tried(client, cast.ada)
    assert (told["event"], told["payload"]["data"]["generation_id"]) == ("GENERATION_REFUSED", answer["id"])
    job = (await client.post(url, json=factories.generation_body(duration_seconds=1), headers=cast.ada.headers)).json()
    async with connect(settings, EngineRegistry()) as services:
        await run(services)
    told = (await listed(client, cast.ada))[0]
    track_id = (await client.get(f"{url}/{job['id']}", headers=cast.ada.headers)).json()["result_track_id"]
    assert (told["event"], told["payload"]["data"]["track_id"]) == ("GENERATION_SUCCEEDED", track_id)


async def test_nobody_is_told_of_what_is_not_asked_for_or_not_theirs(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    await created(client, cast.ada, receiver.url, "GENERATION_FAILED")
    await created(client, cast.cid, receiver.url, "GENERATION_CANCELLED")
    await cancelled(client, database, cast.ada)
    assert await factories.load_all(database, WebhookDelivery) == []


async def test_a_receiver_that_fails_is_called_again(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    await created(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    receiver.status = 500
    await cancelled(client, database, cast.ada)
    delivery = await tried(client, cast.ada)
    assert delivery["status"] == "PENDING"
    assert delivery["attempts"][0]["error"] == "Response with status 500"
    receiver.status = 204
    await hurry(database)
    assert (await tried(client, cast.ada, 2))["status"] == "DELIVERED"
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1


async def test_after_a_day_it_is_given_up_until_somebody_asks(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    await created(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    receiver.status = 503
    await cancelled(client, database, cast.ada)
    await tried(client, cast.ada)
    await hurry(database, tries=9)
    delivery = await tried(client, cast.ada, 2)
    assert (delivery["status"], delivery["nextAttemptAt"]) == ("FAILED", None)
    receiver.status = 200
    again = (await data(client, cast.ada, REDELIVER, id=delivery["id"]))["redeliverWebhook"]
    assert again["delivery"] == {"status": "PENDING"}
    assert (await tried(client, cast.ada, 3))["status"] == "DELIVERED"


async def test_a_redirection_is_followed_where_a_call_may_go(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    await created(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    with http_receiver.running() as other:
        receiver.status, receiver.location = 307, other.url
        await cancelled(client, database, cast.ada)
        assert (await tried(client, cast.ada))["status"] == "DELIVERED"
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
async def test_no_redirection_leads_into_our_own_network_or_round_and_round(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver, location: str, error: str
) -> None:
    await created(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    receiver.status, receiver.location = 308, location
    await cancelled(client, database, cast.ada)
    assert (await tried(client, cast.ada))["attempts"][0]["error"] == error


async def test_a_deleted_webhook_is_told_nothing_more(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    made = await created(client, cast.ada, receiver.url, "GENERATION_CANCELLED")
    receiver.status = 500
    await cancelled(client, database, cast.ada)
    await tried(client, cast.ada)
    answer = (await data(client, cast.ada, DELETE, id=made["webhook"]["id"]))["deleteWebhook"]
    assert answer["__typename"] == "DeleteWebhookPayload"
    await cancelled(client, database, cast.ada)
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
async def test_an_address_that_cannot_be_called_is_not_accepted(
    client: httpx.AsyncClient, database: Database, cast: Cast, url: str
) -> None:
    answer = await created(client, cast.ada, url, "GENERATION_CANCELLED")
    assert [problem["path"] for problem in answer["problems"]] == [["url"]]
    assert await factories.load_all(database, Webhook) == []


async def test_a_webhook_wants_an_event(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await created(client, cast.ada, "https://hooks.example.org")
    assert [problem["path"] for problem in answer["problems"]] == [["events"]]


async def test_an_organization_has_ten_at_most(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    answers = await asyncio.gather(
        *(created(client, cast.ada, "https://hooks.example.org", "GENERATION_FAILED") for _ in range(MAX_WEBHOOKS + 2))
    )
    assert sorted(answer["__typename"] for answer in answers) == ["ConflictError"] * 2 + ["CreateWebhookPayload"] * 10
    assert len(await factories.load_all(database, Webhook)) == MAX_WEBHOOKS


async def test_webhooks_are_for_admins(client: httpx.AsyncClient, cast: Cast) -> None:
    await created(client, cast.ada, "https://hooks.example.org", "GENERATION_FAILED")
    answer = await created(client, cast.bea, "https://hooks.example.org", "GENERATION_FAILED")
    assert (answer["__typename"], answer["code"]) == ("ForbiddenError", "OPERATION_NOT_ALLOWED")
    body = await execute(client, cast.bea, LIST, id=cast.bea.organization_id)
    assert [error["extensions"]["code"] for error in body["errors"]] == ["OPERATION_NOT_ALLOWED"]


def test_ten_tries_fit_into_a_day() -> None:
    waits = [retry_delay(tries) for tries in range(1, 11)]
    assert waits[-1] is None
    assert timedelta(hours=23) < sum(filter(None, waits), timedelta()) < timedelta(days=1)
