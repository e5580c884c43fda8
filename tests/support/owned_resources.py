"""One resource of each kind for a user, and digests of all tables."""

from collections.abc import Mapping
from typing import Final

import httpx
from sqlalchemy import text

from core import clock, ids
from core.exports import ExportStatus
from core.jobs import Status
from core.webhooks import DeliveryStatus, WebhookEvent
from resolvers.access import accounts
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
    "reference_audio": "mref_00000000000000000000dead",
    "user": "user_00000000000000000000dead",
    "api_key": "key_00000000000000000000dead",
}
"""Well-formed ids of missing resources."""

IGNORED_TABLES: Final = frozenset({"api_keys", "share_accesses"})
"""Tables that requests change: last use of keys, access log of share links."""

OwnedIds = Mapping[str, str]
"""Ids by kind, as in MISSING_IDS, and of the user's organization."""


async def create_one_of_each(client: httpx.AsyncClient, database: Database, person: Person) -> OwnedIds:
    """Create one resource of each kind for this user."""
    base = f"/v1/music/{person.organization_id}"
    track_id = await factories.put_track(database, person)
    collection = (await client.post(f"{base}/collections", json={"name": "Mine"}, headers=person.headers)).json()["id"]
    await client.post(f"{base}/collections/{collection}/tracks", json={"track_id": track_id}, headers=person.headers)
    link = (await client.post(f"{base}/tracks/{track_id}/share", headers=person.headers)).json()["id"]
    body = {"goal": "focus", "target_minutes": 2}
    declaration = {"name": "Mine", "basis": "own_work"}
    upload = await client.post(f"{base}/reference-audios", json=declaration, headers=person.headers)
    session = (await client.post(f"{base}/focus/sessions", json=body, headers=person.headers)).json()["session_id"]
    return {
        "job": await factories.put_generation(database, person, Status.QUEUED),
        "track": track_id,
        "collection": collection,
        "link": link,
        "session": session,
        **await _webhook(database, person),
        "export": await _export(database, person),
        "reference_audio": upload.json()["id"],
        "organization": person.organization_id,
        "user": person.user_id,
        "api_key": (await accounts.create_key(database, person.user_id, "key", None)).row.id,
    }


def inaccessible_ids(kind: str, foreign: OwnedIds) -> list[str]:
    """Return ids with the same answer: foreign, missing, of another kind, truncated, malformed."""
    foreign_id = foreign[kind]
    other = foreign["track" if kind != "track" else "job"]
    return [foreign_id, MISSING_IDS[kind], other, foreign_id[:-1], foreign_id.upper(), "1 OR 1=1", "ключ", "x" * 200]


async def digest_tables(database: Database) -> dict[str, str]:
    """Return a digest of the rows of every table."""
    queries = (
        f"SELECT '{name}', md5(coalesce(string_agg(r::text, '|' ORDER BY r::text), '')) FROM {name} r"  # noqa: S608
        for name in sorted(set(metadata.tables) - IGNORED_TABLES)
    )
    async with database.transaction() as session:
        return {row[0]: row[1] for row in await session.execute(text(" UNION ALL ".join(queries)))}


async def _export(database: Database, person: Person) -> str:
    """Insert a failed export, which no worker takes."""
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
    """Insert a webhook of the user's organization and a failed delivery."""
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
