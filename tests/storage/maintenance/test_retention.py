"""Old records are deleted by one rule each; younger ones and those that are in use stay."""

import hashlib
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from core.jobs import Status
from core.settings import RetentionSettings
from storage.maintenance import retention
from storage.postgres.database import Database
from tests.support import factories
from tests.support.users import Cast

DAYS = RetentionSettings(
    share_accesses_days=30,
    visitor_addresses_days=7,
    webhook_deliveries_days=30,
    exports_days=30,
    conversions_days=30,
    removed_files_days=30,
    idempotency_keys_days=1,
)


async def execute(database: Database, statement: str, **values: Any) -> Sequence[Any]:  # noqa: ANN401  of any column
    async with database.transaction() as session:
        connection = await session.connection()
        result = await connection.execute(text(statement), values)
        return result.all() if result.returns_rows else []


async def put_access(database: Database, days: float, address: str) -> None:
    await execute(
        database,
        "INSERT INTO share_accesses (resolved_at, client_ip, token_digest, outcome) "
        "VALUES (now() - :days * interval '1 day', :address, :digest, 'not_found')",
        days=days,
        address=address,
        digest=hashlib.sha256(address.encode()).digest(),
    )


async def test_accesses_lose_their_address_first_and_are_deleted_later(database: Database) -> None:
    for days, address in [(1, "203.0.113.7"), (8, "203.0.113.7"), (9, "2001:db8:1:2::3"), (10, "unknown"), (31, "::1")]:
        await put_access(database, days, address)
    assert await retention.prune(database, DAYS) == {"share_accesses_days": 1, "visitor_addresses_days": 3}
    rows = await execute(database, "SELECT client_ip FROM share_accesses ORDER BY resolved_at DESC")
    assert [row[0] for row in rows] == ["203.0.113.7", "203.0.113.0/24", "2001:db8:1::/48", "unknown/0"]
    assert await retention.prune(database, DAYS) == {}


async def test_more_rows_than_a_batch_are_deleted(database: Database) -> None:
    await execute(
        database,
        "INSERT INTO share_accesses (resolved_at, client_ip, token_digest, outcome) "
        "SELECT now() - interval '31 days', '::1', sha256(n::text::bytea), 'not_found' FROM generate_series(1, 2500) n",
    )
    assert await retention.prune(database, DAYS) == {"share_accesses_days": 2500}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.255", "198.51.100.0/24"),
        ("::ffff:198.51.100.9", "198.51.100.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("2001:db8:ffff:ffff::1", "2001:db8:ffff::/48"),
        ("", "unknown/0"),
        ("proxy.example.org", "unknown/0"),
    ],
)
def test_an_address_is_shortened_to_its_network(address: str, network: str) -> None:
    assert retention.shorten_address(address) == network


async def test_ended_deliveries_exports_and_failed_conversions_are_deleted(database: Database, cast: Cast) -> None:
    owner = {"org": cast.ada.organization_id, "user": cast.ada.user_id}
    webhook = "INSERT INTO webhooks (id, organization_id, user_id, url, events, secret, created_at) VALUES "
    await execute(database, webhook + "('w', :org, :user, 'https://example.org', '[]', 's', now())", **owner)
    delivery = (
        "INSERT INTO webhook_deliveries "
        "(id, webhook_id, event, payload, status, tries, attempts, next_attempt_at, created_at) VALUES (:id, 'w', 'e', "
        "'{}', :status, 1, '[]', CASE WHEN :is_due THEN now() END, now() - :days * interval '1 day')"
    )
    for name, status, days in [("old", "delivered", 31), ("due", "pending", 31), ("new", "failed", 29)]:
        await execute(database, delivery, id=name, status=status, is_due=status == "pending", days=days)
    export = (
        "INSERT INTO exports (id, organization_id, user_id, status, progress, attempts, fence, blob_key, created_at, "
        "finished_at, expires_at) VALUES (:id, :org, :user, 'succeeded', 100, 1, 1, :key, now(), "
        "now() - :days * interval '1 day', now())"
    )
    for name, key, days in [("old", None, 31), ("kept", "sha256/ab", 31), ("new", None, 29)]:
        await execute(database, export, id=name, key=key, days=days, **owner)
    counts = await retention.prune(database, DAYS)
    assert counts == {"webhook_deliveries_days": 1, "exports_days": 1}
    assert {row[0] for row in await execute(database, "SELECT id FROM webhook_deliveries")} == {"due", "new"}
    assert {row[0] for row in await execute(database, "SELECT id FROM exports")} == {"kept", "new"}


async def test_conversions_and_removed_files_of_old_tracks_are_deleted(database: Database, cast: Cast) -> None:
    kept, gone = await factories.put_track(database, cast.ada), await factories.put_track(database, cast.ada)
    await execute(database, "UPDATE tracks SET deleted_at = now() WHERE id = :id", id=gone)
    conversion = (
        "INSERT INTO conversions (track_id, format, user_id, status, attempts, fence, asked_at, finished_at) "
        "VALUES (:track, :format, :user, :status, 1, 1, now(), now() - interval '31 days')"
    )
    for track, target, status in [(kept, "wav", "done"), (kept, "flac", "failed"), (gone, "wav", "done")]:
        await execute(database, conversion, track=track, format=target, status=status, user=cast.ada.user_id)
    removed = (
        "INSERT INTO forgotten_files (track_id, role, name, digest, media_type, size_bytes, removed_at) "
        "VALUES (:track, 'master', '', :digest, 'audio/mpeg', 1, now() - :days * interval '1 day')"
    )
    for digest, days in [("a", 31), ("b", 29)]:
        await execute(database, removed, track=kept, digest=digest, days=days)
    assert await retention.prune(database, DAYS) == {"conversions_days": 2, "removed_files_days": 1}
    rows = await execute(database, "SELECT track_id, format FROM conversions")
    assert [tuple(row) for row in rows] == [(kept, "wav")]
    assert [row[0] for row in await execute(database, "SELECT digest FROM forgotten_files")] == ["b"]


async def test_idempotency_keys_are_kept_for_a_day_at_least(database: Database, cast: Cast) -> None:
    for key, hours in [("old", 25), ("new", 23)]:
        job_id = await factories.put_generation(database, cast.ada, Status.SUCCEEDED)
        changed = "idempotency_key = :key, created_at = now() - :hours * interval '1 hour'"
        await execute(database, f"UPDATE generations SET {changed} WHERE id = :id", key=key, hours=hours, id=job_id)  # noqa: S608
    assert await retention.prune(database, DAYS) == {"idempotency_keys_days": 1}
    rows = await execute(database, "SELECT idempotency_key FROM generations ORDER BY created_at")
    assert [row[0] for row in rows] == [None, "new"]
    with pytest.raises(ValidationError):
        RetentionSettings(idempotency_keys_days=0)


async def test_one_process_at_a_time_prunes(database: Database) -> None:
    await put_access(database, 31, "::1")
    async with database.transaction() as session:
        await session.execute(text("SELECT pg_advisory_xact_lock(7305114816)"))
        assert await retention.prune(database, DAYS) == {}
    assert await retention.prune(database, DAYS) == {"share_accesses_days": 1}
