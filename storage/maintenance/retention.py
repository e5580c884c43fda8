"""Delete records that are no longer needed, and shorten the addresses of visitors. One rule for each kind of record."""

import ipaddress
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import text

from core.settings import RetentionSettings
from storage.postgres.database import Database

_BATCH_SIZE: Final = 1_000
"""Rows in one transaction, so that none holds its locks for long."""

_LOCK: Final = 7_305_114_816
_TRY_LOCK: Final = text("SELECT pg_try_advisory_xact_lock(:lock)")

# ruff: noqa: S608  these statements contain no user input

_IPV4_PREFIX: Final = 24
_IPV6_PREFIX: Final = 48


_OLD: Final = "< now() - CAST(:age AS interval)"
"""Ends a condition; by the clock of Postgres."""


def _delete(table: str, is_old: str) -> str:
    rows = f"SELECT ctid FROM {table} WHERE {is_old} LIMIT {_BATCH_SIZE}"
    return f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({rows})) RETURNING 1"


def _clear_key(table: str) -> str:
    is_old = f"idempotency_key IS NOT NULL AND created_at {_OLD}"
    rows = f"SELECT id FROM {table} WHERE {is_old} LIMIT {_BATCH_SIZE}"
    return f"UPDATE {table} SET idempotency_key = NULL WHERE id = ANY(ARRAY({rows})) RETURNING 1"


_CLEAR_CALLBACKS: Final = (
    "UPDATE generations SET callback_url = NULL, callback_secret = NULL WHERE id = ANY(ARRAY("
    f"SELECT id FROM generations WHERE callback_url IS NOT NULL AND finished_at {_OLD} AND NOT EXISTS ("
    f"SELECT FROM webhook_deliveries WHERE generation_id = generations.id) LIMIT {_BATCH_SIZE})) RETURNING 1"
)

_EXPIRE_REFERENCE_AUDIOS: Final = (
    "UPDATE reference_audios SET blob_key = NULL, deleted_at = now() WHERE id = ANY(ARRAY("
    f"SELECT id FROM reference_audios WHERE deleted_at IS NULL AND created_at {_OLD} LIMIT {_BATCH_SIZE})) RETURNING 1"
)

_RULES: Final[Mapping[str, tuple[str, ...]]] = {
    "share_accesses_days": (_delete("share_accesses", f"resolved_at {_OLD}"),),
    "webhook_deliveries_days": (
        _delete("webhook_deliveries", f"status <> 'pending' AND created_at {_OLD}"),
        _CLEAR_CALLBACKS,
    ),
    # the declaration belongs to the tracks that were made under it
    "reference_audios_days": (
        _EXPIRE_REFERENCE_AUDIOS,
        _delete(
            "reference_audios",
            f"deleted_at IS NOT NULL AND created_at {_OLD} AND NOT EXISTS ("
            "SELECT FROM generations WHERE reference_audio_id = reference_audios.id)",
        ),
    ),
    # an archive is deleted before its record
    "exports_days": (_delete("exports", f"finished_at {_OLD} AND blob_key IS NULL"),),
    # a converted file may be impossible to make again, so it is kept with its track
    "conversions_days": (
        _delete(
            "conversions",
            f"finished_at {_OLD} AND (status = 'failed' OR NOT EXISTS ("
            "SELECT FROM tracks WHERE tracks.id = track_id AND deleted_at IS NULL))",
        ),
    ),
    "removed_files_days": (_delete("forgotten_files", f"removed_at {_OLD}"),),
    "browser_sessions_days": (_delete("api_keys", f"kind <> 'key' AND expires_at {_OLD}"),),
    "idempotency_keys_days": (_clear_key("generations"), _clear_key("focus_sessions")),
}
"""The statements of each setting, which change a batch of the rows that are older than ``age``."""

_OLD_ADDRESSES: Final = text(
    f"SELECT DISTINCT client_ip FROM share_accesses WHERE resolved_at {_OLD} AND client_ip NOT LIKE '%/%' "
    f"LIMIT {_BATCH_SIZE}"
)
_SHORTEN: Final = text(
    "UPDATE share_accesses SET client_ip = network FROM unnest(CAST(:addresses AS text[]), CAST(:networks AS text[])) "
    f"AS shortened (address, network) WHERE client_ip = address AND resolved_at {_OLD}"
)


async def prune(database: Database, settings: RetentionSettings) -> dict[str, int]:
    """Delete what is older than the settings allow and return the number of rows of each. Raises Unavailable."""
    counts = {name: await _prune(database, name, settings) for name in _RULES}
    shortened = await _shorten_addresses(database, timedelta(days=settings.visitor_addresses_days))
    return {name: count for name, count in {**counts, "visitor_addresses_days": shortened}.items() if count}


async def _prune(database: Database, name: str, settings: RetentionSettings) -> int:
    age, total = timedelta(days=getattr(settings, name)), 0
    for statement in _RULES[name]:
        count = _BATCH_SIZE
        while count == _BATCH_SIZE:
            async with database.transaction() as session:
                if not await session.scalar(_TRY_LOCK, {"lock": _LOCK}):
                    return total
                count = len((await session.execute(text(statement), {"age": age})).all())
            total += count
    return total


async def _shorten_addresses(database: Database, age: timedelta) -> int:
    total, count = 0, _BATCH_SIZE
    while count == _BATCH_SIZE:
        async with database.transaction() as session:
            if not await session.scalar(_TRY_LOCK, {"lock": _LOCK}):
                return total
            addresses = list((await session.scalars(_OLD_ADDRESSES, {"age": age})).all())
            networks = list(map(shorten_address, addresses))
            await session.execute(_SHORTEN, {"addresses": addresses, "networks": networks, "age": age})
            count = len(addresses)
        total += count
    return total


def shorten_address(address: str) -> str:
    """Return the network of an IP address, /24 or /48, which identifies no visitor."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown/0"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    prefix = _IPV4_PREFIX if parsed.version == 4 else _IPV6_PREFIX  # noqa: PLR2004  the version of IP
    return str(ipaddress.ip_network((parsed, prefix), strict=False))
