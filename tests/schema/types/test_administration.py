"""What admins do with their organization: new members, spending of all, webhooks that they disable."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from sqlalchemy import update

from core import clock, spend_windows
from core.jobs import Status
from core.spend_windows import Window
from storage.postgres.database import Database
from storage.tables import Generation
from tests.support import factories, owned_resources
from tests.support.graphql.client import data, execute
from tests.support.graphql.foreign_ids import mutation_document
from tests.support.users import Cast, Person

CREATE = """
mutation($input: CreateMemberInput!) { answer: createMember(input: $input) {
  __typename ... on CreateMemberPayload { signInUrl member { userId name role } } ... on Error { code }
} }
"""
USAGE = """
query($id: ID!) { organization(id: $id) {
  usage { ...Usage }
  memberUsage { ...Usage }
} }
fragment Usage on Usage {
  window resetsAt costChf committedChf limitChf byEngine { engine trackCount costChf }
}
"""
WEBHOOKS = """
query($id: ID!) { organization(id: $id) { webhooks { edges { node {
  disabledAt disabledReason deliveries { edges { node { status } } }
} } } } }
"""


async def create_member(client: httpx.AsyncClient, person: Person, **fields: object) -> Any:  # noqa: ANN401
    given = {"organizationId": person.organization_id, "name": "Dora", **fields}
    return (await data(client, person, CREATE, input=given))["answer"]


async def test_a_new_member_signs_in_once_by_the_link(client: httpx.AsyncClient, cast: Cast) -> None:
    created = await create_member(client, cast.ada, role="VIEWER")
    assert (created["member"]["name"], created["member"]["role"]) == ("Dora", "VIEWER")
    link = urlsplit(created["signInUrl"])
    assert link.path == "/studio"
    code = {"code": parse_qs(link.query)["code"][0]}
    assert (await client.post("/studio/session", json=code)).status_code == 204
    viewer = await client.post("/graphql", json={"query": "{ viewer { id organizations { viewerRole } } }"})
    assert viewer.json()["data"]["viewer"] == {
        "id": created["member"]["userId"],
        "organizations": [{"viewerRole": "VIEWER"}],
    }
    assert (await client.post("/studio/session", json=code)).status_code == 422


async def test_only_admins_create_members(client: httpx.AsyncClient, cast: Cast) -> None:
    assert (await create_member(client, cast.ada))["member"]["role"] == "MEMBER"
    assert (await create_member(client, cast.ada, name=" "))["__typename"] == "InvalidInputError"
    assert (await create_member(client, cast.bea))["__typename"] == "ForbiddenError"
    foreign = await create_member(client, cast.cid, organizationId=cast.ada.organization_id)
    assert foreign["code"] == "ORGANIZATION_ACCESS_DENIED"


async def test_usage_counts_one_member_or_all_and_what_is_reserved(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    now = clock.now()
    await factories.put_track(database, cast.ada, cost_chf="0.5", created_at=now)
    await factories.put_track(database, cast.bea, cost_chf="0.25", created_at=now, engine="other")
    reserved = await factories.put_generation(database, cast.bea, Status.QUEUED, age=timedelta(0))
    async with database.transaction() as session:
        await session.execute(update(Generation).filter_by(id=reserved).values(cost_chf=Decimal("0.125")))
    answer = (await data(client, cast.ada, USAGE, id=cast.ada.organization_id))["organization"]
    for own, everyone, window in zip(answer["usage"], answer["memberUsage"], Window, strict=True):
        assert own["window"] == everyone["window"] == window.name
        assert own["resetsAt"] == everyone["resetsAt"] == clock.iso(spend_windows.end(window, now))
        assert Decimal(own["committedChf"]) == Decimal(everyone["committedChf"]) == Decimal("0.875")
        assert (Decimal(own["costChf"]), Decimal(everyone["costChf"])) == (Decimal("0.5"), Decimal("0.75"))
        assert [(each["engine"], each["trackCount"]) for each in everyone["byEngine"]] == [("other", 1), ("studio", 1)]
    body = await execute(client, cast.bea, USAGE, id=cast.bea.organization_id)
    assert [error["path"] for error in body["errors"]] == [["organization", "memberUsage"]]
    assert Decimal(body["data"]["organization"]["usage"][0]["costChf"]) == Decimal("0.25")


async def test_a_disabled_webhook_can_be_enabled_again(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    owned = await owned_resources.create_one_of_each(client, database, cast.ada)

    async def change(mutation: str, **fields: str) -> Any:  # noqa: ANN401
        answer = await data(client, cast.ada, mutation_document(mutation), input=fields)
        assert answer[mutation]["__typename"].endswith("Payload")
        page = await data(client, cast.ada, WEBHOOKS, id=cast.ada.organization_id)
        return page["organization"]["webhooks"]["edges"][0]["node"]

    pending = await change("redeliverWebhook", deliveryId=owned["delivery"])
    assert pending["deliveries"]["edges"][0]["node"]["status"] == "PENDING"
    disabled = await change("disableWebhook", id=owned["webhook"])
    assert disabled["disabledReason"] == "Disabled by an admin."
    assert disabled["deliveries"]["edges"][0]["node"]["status"] == "FAILED"
    assert (await change("disableWebhook", id=owned["webhook"]))["disabledAt"] == disabled["disabledAt"]
    assert (await change("enableWebhook", id=owned["webhook"]))["disabledAt"] is None
