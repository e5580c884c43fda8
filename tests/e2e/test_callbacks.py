"""Callbacks of single generations: signed, retried, listed, and forgotten with the user."""

from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import text, update
from sqlmodel import col
from standardwebhooks import Webhook as Verifier

from core.settings import RetentionSettings
from resolvers.organizations import offboarding
from storage.maintenance import retention
from storage.postgres.database import Database
from storage.tables import Generation, WebhookDelivery
from tests.support import factories
from tests.support.graphql.client import data
from tests.support.polling import wait_for
from tests.support.processes import http_receiver
from tests.support.processes.http_receiver import Receiver
from tests.support.users import Cast, Person

CREATE: Final = """
mutation($input: CreateGenerationInput!) {
  createGeneration(input: $input) {
    __typename
    ... on CreateGenerationPayload { isReplay generation { id callbackUrl callbackSecret callbackDelivery { id } } }
    ... on Error { code }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
CANCEL: Final = "mutation($id: ID!) { cancelGeneration(input: { id: $id }) { __typename } }"
DELIVERY: Final = """
query($id: ID!) { node(id: $id) { ... on Generation {
  callbackUrl callbackSecret callbackDelivery { id event status payload attempts { statusCode error } }
} } }
"""
NODE: Final = "query($id: ID!) { node(id: $id) { ... on WebhookDelivery { status } } }"
REDELIVER: Final = """
mutation($id: ID!) { redeliverWebhook(input: { deliveryId: $id }) {
  ... on RedeliverWebhookPayload { delivery { status } } ... on Error { code }
} }
"""
SECRET: Final = "whsec_" + "c2VjcmV0" * 5


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver.running() as server:
        yield server


async def create(client: httpx.AsyncClient, person: Person, **fields: object) -> Any:  # noqa: ANN401  JSON
    request = {"organizationId": person.organization_id, "prompt": "jazz", "durationSeconds": 5, **fields}
    return (await data(client, person, CREATE, input=request))["createGeneration"]


async def cancel_new(client: httpx.AsyncClient, person: Person, **fields: object) -> Any:  # noqa: ANN401  JSON
    """Create a generation, cancel it and return it."""
    created = (await create(client, person, **fields))["generation"]
    await data(client, person, CANCEL, id=created["id"])
    return created


async def wait_for_attempts(client: httpx.AsyncClient, person: Person, generation_id: str, attempts: int = 1) -> Any:  # noqa: ANN401
    """Wait until the delivery has this number of attempts and return it."""

    async def poll() -> Any:  # noqa: ANN401  JSON
        delivery = (await data(client, person, DELIVERY, id=generation_id))["node"]["callbackDelivery"]
        return delivery if len(delivery["attempts"]) == attempts else None

    return await wait_for(poll)


async def test_the_end_is_delivered_once_and_signed(client: httpx.AsyncClient, cast: Cast, receiver: Receiver) -> None:
    created = await cancel_new(client, cast.bea, callbackUrl=receiver.url)
    assert (created["callbackUrl"], created["callbackDelivery"]) == (receiver.url, None)
    delivery = await wait_for_attempts(client, cast.bea, created["id"])
    [(headers, body)] = receiver.received
    payload = Verifier(created["callbackSecret"]).verify(body, headers)
    assert (payload["type"], payload["data"]["generation_id"]) == ("generation.cancelled", created["id"])
    assert (delivery["id"], delivery["payload"]) == (headers["webhook-id"], payload)
    assert (delivery["event"], delivery["status"]) == ("GENERATION_CANCELLED", "DELIVERED")
    # its owner and the admins read the delivery, and send it again
    for person, status in ((cast.bea, "DELIVERED"), (cast.ada, "DELIVERED"), (cast.cid, None)):
        found = (await data(client, person, NODE, id=delivery["id"]))["node"]
        assert found == (status and {"status": status})
    refused = await data(client, cast.cid, REDELIVER, id=delivery["id"])
    assert refused == {"redeliverWebhook": {"code": "RESOURCE_NOT_FOUND"}}
    again = await data(client, cast.bea, REDELIVER, id=delivery["id"])
    assert again == {"redeliverWebhook": {"delivery": {"status": "PENDING"}}}
    await wait_for_attempts(client, cast.bea, created["id"], 2)
    assert Verifier(created["callbackSecret"]).verify(receiver.received[1][1], receiver.received[1][0]) == payload


async def test_a_request_is_repeated_with_its_callback(
    client: httpx.AsyncClient, cast: Cast, receiver: Receiver
) -> None:
    fields = {"idempotencyKey": "once", "callbackUrl": receiver.url}
    first = await create(client, cast.ada, **fields)
    again = await create(client, cast.ada, **fields)
    assert (again["isReplay"], again["generation"]) == (True, first["generation"])
    for other in ({"callbackUrl": f"{receiver.url}/other"}, {"callbackSecret": SECRET}):
        assert (await create(client, cast.ada, **{**fields, **other}))["code"] == "CONFLICT"
    own = await create(
        client, cast.ada, prompt="voice of Taylor Swift", callbackUrl=receiver.url, callbackSecret=SECRET
    )
    assert own["generation"]["callbackSecret"] == SECRET
    delivery = await wait_for_attempts(client, cast.ada, own["generation"]["id"])
    assert delivery["event"] == "GENERATION_REFUSED"
    [(headers, body)] = receiver.received
    assert Verifier(SECRET).verify(body, headers)["data"]["refusal_reason"]


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ({"callbackUrl": "http://hooks.example.org"}, "callbackUrl", "Must begin with https://."),
        ({"callbackUrl": "https://10.0.0.1/hook"}, "callbackUrl", "The host 10.0.0.1 on port 443 is not on the public"),
        ({"callbackUrl": "https://localhost"}, "callbackUrl", "The host localhost on port 443 is not on the public"),
        ({"callbackUrl": "hooks"}, "callbackUrl", "Must be an address such as https://hooks.example.org/music"),
        ({"callbackUrl": " "}, "callbackUrl", ""),
        ({"callbackUrl": "https://a.example/" + "x" * 2048}, "callbackUrl", "Must have at most 2048 characters."),
        ({"callbackSecret": SECRET}, "callbackUrl", "Is required with callback_secret."),
        (
            {"callbackUrl": "https://a.example", "callbackSecret": "whsec_c2VjcmV0"},
            "callbackSecret",
            "Must be whsec_ and 24 to 64 random bytes in base64.",
        ),
        ({"callbackUrl": "https://a.example", "callbackSecret": "secret"}, "callbackSecret", "Must be whsec_"),
    ],
)
async def test_an_invalid_callback_is_reported_with_every_problem(
    client: httpx.AsyncClient, cast: Cast, fields: dict[str, str], path: str, message: str
) -> None:
    refused = await create(client, cast.ada, tempoBpm=999, **fields)
    problems = {problem["path"][0]: problem["message"] for problem in refused["problems"]}
    assert problems.keys() == {path, "tempoBpm"}
    assert problems[path].startswith(message)


async def test_a_failed_call_is_repeated_unless_the_receiver_is_gone(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    receiver.status = 500
    created = await cancel_new(client, cast.ada, callbackUrl=receiver.url)
    assert (await wait_for_attempts(client, cast.ada, created["id"]))["status"] == "PENDING"
    receiver.status = 410
    async with database.transaction() as session:
        await session.execute(update(WebhookDelivery).values(next_attempt_at=text("now()")))
    failed = await wait_for_attempts(client, cast.ada, created["id"], 2)
    assert (failed["status"], [attempt["statusCode"] for attempt in failed["attempts"]]) == ("FAILED", [500, 410])


async def test_a_callback_is_cleared_with_its_delivery_and_with_its_user(
    client: httpx.AsyncClient, database: Database, cast: Cast, receiver: Receiver
) -> None:
    old, kept = [await cancel_new(client, cast.ada, callbackUrl=receiver.url) for _ in range(2)]
    for each in (old, kept):
        await wait_for_attempts(client, cast.ada, each["id"])
    month_ago = text("now() - interval '31 days'")
    async with database.transaction() as session:
        is_old = col(Generation.id) == old["id"]
        await session.execute(update(Generation).where(is_old).values(finished_at=month_ago))
        is_old = col(WebhookDelivery.generation_id) == old["id"]
        await session.execute(update(WebhookDelivery).where(is_old).values(created_at=month_ago))
    assert await retention.prune(database, RetentionSettings()) == {"webhook_deliveries_days": 2}
    nothing = {"callbackUrl": None, "callbackSecret": None, "callbackDelivery": None}
    assert (await data(client, cast.ada, DELIVERY, id=old["id"]))["node"] == nothing
    assert (await data(client, cast.ada, DELIVERY, id=kept["id"]))["node"]["callbackUrl"] == receiver.url
    unfinished = (await create(client, cast.ada, callbackUrl=receiver.url))["generation"]["id"]
    await offboarding.erase(database, cast.ada.user_id)
    assert await factories.load_all(database, WebhookDelivery) == []
    rows = {row.id: row for row in await factories.load_all(database, Generation)}
    assert {(row.callback_url, row.callback_secret) for row in rows.values()} == {(None, None)}
    assert rows[unfinished].status.value == "cancelled"
    assert len(receiver.received) == 2


async def test_the_frozen_rest_contract_has_no_callback(client: httpx.AsyncClient, cast: Cast) -> None:
    body = factories.generation_body(callback_url="https://hooks.example.org")
    url = f"/v1/music/{cast.ada.organization_id}/generations"
    answer = await client.post(url, json=body, headers=cast.ada.headers)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["errors"] == [{"field": "callback_url", "message": "Unknown field."}]
