"""What a person owns, one of each kind, and what the tables hold."""

from collections.abc import Mapping
from typing import Final

import httpx
from sqlalchemy import text

from core import clock, ids
from core.exports import ExportStatus
from core.jobs import Status
from core.webhooks import DeliveryStatus, WebhookEvent
from storage.postgres.database import Database
from storage.tables import Export, Webhook, WebhookDelivery, metadata
from tests.support import factories
from tests.support.users import Person

MISSING_IDS: Final[Mapping[str, str]] = {
    "job": "mgen_00000000000000000000dead",
    "track": "mtrack_00000000000000000000dead",
    "collection": "mcoll_00000000000000000000dead",
    "link": "mslink_00000000000000000000dead",
    "session": "mfocus_00000000000000000000dead",
    "webhook": "mhook_00000000000000000000dead",
    "delivery": "mdel_00000000000000000000dead",
    "export": "mexp_00000000000000000000dead",
}
"""Well-formed ids of nothing."""

IGNORED_TABLES: Final = frozenset({"api_keys", "share_accesses"})
"""Notes of when a key was used, and of who tried which link."""

OwnedIds = Mapping[str, str]
"""Ids by kind, as in MISSING, and the person's organization."""


async def create_one_of_each(client: httpx.AsyncClient, database: Database, person: Person) -> OwnedIds:
    """One of each kind for this person."""
    base = f"/v1/music/{person.organization_id}"
    track_id = await factories.put_track(database, person)
    collection = (await client.post(f"{base}/collections", json={"name": "Mine"}, headers=person.headers)).json()["id"]
    await client.post(f"{base}/collections/{collection}/tracks", json={"track_id": track_id}, headers=person.headers)
    link = (await client.post(f"{base}/tracks/{track_id}/share", headers=person.headers)).json()["id"]
    wish = {"goal": "focus", "target_minutes": 2}
    session = (await client.post(f"{base}/focus/sessions", json=wish, headers=person.headers)).json()["session_id"]
    return {
        "job": await factories.put_generation(database, person, Status.QUEUED),
        "track": track_id,
        "collection": collection,
        "link": link,
        "session": session,
        **await _webhook(database, person),
        "export": await _export(database, person),
        "organization": person.organization_id,
    }


def inaccessible_ids(kind: str, foreign: OwnedIds) -> list[str]:
    """Ids that must all be answered alike: somebody else's, nobody's, another kind's, cut short, and no id at all."""
    theirs = foreign[kind]
    other = foreign["track" if kind != "track" else "job"]
    return [theirs, MISSING_IDS[kind], other, theirs[:-1], theirs.upper(), "1 OR 1=1", "ключ", "x" * 200]


async def digest_tables(database: Database) -> dict[str, str]:
    """A digest of every table's rows."""
    digests = {}
    async with database.transaction() as session:
        for name in sorted(set(metadata.tables) - IGNORED_TABLES):
            query = text(f"SELECT md5(coalesce(string_agg(r::text, '|' ORDER BY r::text), '')) FROM {name} r")  # noqa: S608
            digests[name] = str(await session.scalar(query))
    return digests


async def _export(database: Database, person: Person) -> str:
    """One that failed: no worker takes it."""
    row = Export(
        id=ids.new(ids.Kind.EXPORT),
        organization_id=person.organization_id,
        user_id=person.user_id,
        status=ExportStatus.FAILED,
        finished_at=clock.now(),
    )
    async with database.transaction() as session:
        session.add(row)
    return row.id


async def _webhook(database: Database, person: Person) -> dict[str, str]:
    """A webhook of the person's organization and a delivery that failed."""
    events = [WebhookEvent.GENERATION_SUCCEEDED.value]
    webhook = Webhook(
        id=ids.new(ids.Kind.WEBHOOK),
        organization_id=person.organization_id,
        user_id=person.user_id,
        url="https://hooks.example.org",
        events=events,
        secret="whsec_c2VjcmV0",
    )
    delivery = WebhookDelivery(
        id=ids.new(ids.Kind.DELIVERY),
        webhook_id=webhook.id,
        event=events[0],
        payload={},
        status=DeliveryStatus.FAILED,
    )
    async with database.transaction() as session:
        session.add(webhook)
        await session.flush()
        session.add(delivery)
    return {"webhook": webhook.id, "delivery": delivery.id}
