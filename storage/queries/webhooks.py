"""Queries on webhooks and their outbox of deliveries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import ids
from core.webhooks import DeliveryStatus
from storage.queries import pagination
from storage.queries.pagination import Position
from storage.tables import Generation, Webhook, WebhookDelivery


@dataclass(frozen=True, slots=True)
class Target:
    """Where a delivery goes: a webhook, or the callback URL of a generation, for which ``webhook_id`` is None."""

    url: str
    secrets: Sequence[str]
    webhook_id: str | None = None


async def insert_deliveries(
    session: AsyncSession, organization_id: str, event: str, payload: Mapping[str, Any], now: datetime
) -> None:
    """Insert a delivery for each webhook that subscribes to the event; it is sent once the transaction commits."""
    is_subscribed = col(Webhook.events).contains([event]) & col(Webhook.disabled_at).is_(None)
    subscribed = select(col(Webhook.id)).where(_is_owned(organization_id), is_subscribed)
    for webhook_id in (await session.scalars(subscribed)).all():
        session.add(_delivery(event, payload, now, webhook_id=webhook_id))


def insert_callback(
    session: AsyncSession, generation_id: str, event: str, payload: Mapping[str, Any], now: datetime
) -> None:
    """Insert the delivery to the callback URL of a generation; it is sent once the transaction commits."""
    session.add(_delivery(event, payload, now, generation_id=generation_id))


def _delivery(
    event: str,
    payload: Mapping[str, Any],
    now: datetime,
    *,
    webhook_id: str | None = None,
    generation_id: str | None = None,
) -> WebhookDelivery:
    return WebhookDelivery(
        id=ids.new(ids.Kind.DELIVERY),
        event=event,
        payload=dict(payload),
        next_attempt_at=now,
        created_at=now,
        webhook_id=webhook_id,
        generation_id=generation_id,
    )


async def count(session: AsyncSession, organization_id: str) -> int:
    return await session.scalar(select(func.count()).where(_is_owned(organization_id))) or 0


async def page(session: AsyncSession, organization_id: str, *, limit: int, after: Position | None) -> Sequence[Webhook]:
    """List a page of an organization's webhooks, newest first."""
    statement = select(Webhook).where(_is_owned(organization_id))
    return (await session.scalars(pagination.newest_first(statement, Webhook, after).limit(limit))).all()


async def list_owned(
    session: AsyncSession, webhook_ids: Collection[str], organization_ids: Collection[str]
) -> Sequence[Webhook]:
    """List those of the webhooks that belong to one of these organizations."""
    statement = select(Webhook).where(col(Webhook.id).in_(webhook_ids), _is_owned(*organization_ids))
    return (await session.scalars(statement)).all()


async def list_deliveries(
    session: AsyncSession, webhook_ids: Collection[str], *, limit: int, after: Position | None
) -> dict[str, Sequence[WebhookDelivery]]:
    """Return at most ``limit`` deliveries of each webhook, newest first."""
    webhook_id = col(WebhookDelivery.webhook_id)
    return await pagination.newest_of_each(session, WebhookDelivery, webhook_id, webhook_ids, limit=limit, after=after)


async def count_deliveries(session: AsyncSession, webhook_ids: Collection[str]) -> dict[str, int]:
    return await pagination.count_by(session, col(WebhookDelivery.webhook_id), webhook_ids)


async def lock_owned(session: AsyncSession, webhook_id: str, organization_ids: Collection[str]) -> Webhook | None:
    """Lock a webhook of one of these organizations; deliveries of it can still be inserted."""
    statement = select(Webhook).where(col(Webhook.id) == webhook_id, _is_owned(*organization_ids))
    return await session.scalar(statement.with_for_update(key_share=True))


async def load_callback_deliveries(
    session: AsyncSession, generation_ids: Collection[str]
) -> dict[str, WebhookDelivery]:
    """Return the deliveries to callback URLs by the id of the generation."""
    statement = select(WebhookDelivery).where(col(WebhookDelivery.generation_id).in_(generation_ids))
    return {str(row.generation_id): row for row in await session.scalars(statement)}


async def list_owned_deliveries(
    session: AsyncSession, delivery_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> Sequence[WebhookDelivery]:
    """List those of the deliveries that belong to one of these organizations, or to a generation of the user."""
    statement = select(WebhookDelivery).where(
        col(WebhookDelivery.id).in_(delivery_ids), _is_readable(user_id, organization_ids)
    )
    return (await session.scalars(statement)).all()


async def lock_owned_delivery(
    session: AsyncSession, delivery_id: str, user_id: str, organization_ids: Collection[str]
) -> WebhookDelivery | None:
    """Lock a delivery that belongs to one of these organizations, or to a generation of the user."""
    statement = select(WebhookDelivery).where(
        col(WebhookDelivery.id) == delivery_id, _is_readable(user_id, organization_ids)
    )
    return await session.scalar(statement.with_for_update())


async def claim(
    session: AsyncSession, limit: int, lease: timedelta, now: datetime
) -> list[tuple[WebhookDelivery, Target]]:
    """Claim due deliveries for the time of the lease, by the clock of Postgres."""
    statement = select(WebhookDelivery).from_statement(text(_CLAIM).bindparams(limit=limit, lease=lease))
    deliveries = (await session.scalars(statement)).all()
    if not deliveries:
        # the usual case, once a second in each server
        return []
    named = select(Webhook).where(col(Webhook.id).in_([row.webhook_id for row in deliveries]))
    targets = {webhook.id: _webhook_target(webhook, now) for webhook in await session.scalars(named)}
    callbacks = select(col(Generation.id), col(Generation.callback_url), col(Generation.callback_secret)).where(
        col(Generation.id).in_([row.generation_id for row in deliveries])
    )
    for generation_id, url, secret in (await session.execute(callbacks)).all():
        if url is not None and secret is not None:
            targets[generation_id] = Target(url, [secret])
    keys = [row.webhook_id or str(row.generation_id) for row in deliveries]
    return [(row, targets[key]) for row, key in zip(deliveries, keys, strict=True) if key in targets]


def _webhook_target(webhook: Webhook, now: datetime) -> Target:
    """Return a webhook with its secrets: while a rotation lasts these are the new and the previous one."""
    secrets, expires_at = [webhook.secret], webhook.previous_secret_expires_at
    if webhook.previous_secret is not None and expires_at is not None and expires_at > now:
        secrets.append(webhook.previous_secret)
    return Target(webhook.url, secrets, webhook.id)


async def disable(session: AsyncSession, webhook_id: str, reason: str, now: datetime) -> None:
    """Disable a webhook and mark its pending deliveries as failed. A disabled webhook keeps its time and reason.

    Lock no delivery before in the same transaction: another one may wait for it and hold the webhook.
    """
    is_enabled = (col(Webhook.id) == webhook_id) & col(Webhook.disabled_at).is_(None)
    await session.execute(update(Webhook).where(is_enabled).values(disabled_at=now, disabled_reason=reason))
    await _fail_pending(session, webhook_id)


async def lock_delivery(session: AsyncSession, delivery_id: str) -> WebhookDelivery | None:
    """Lock a delivery and return its current state, or None if its user was erased."""
    return await session.scalar(select(WebhookDelivery).filter_by(id=delivery_id).with_for_update())


async def reschedule(session: AsyncSession, delivery_id: str, delay: timedelta) -> None:
    """Make a delivery due after the delay, by the clock of Postgres."""
    statement = update(WebhookDelivery).where(col(WebhookDelivery.id) == delivery_id)
    await session.execute(statement.values(next_attempt_at=func.now() + delay))


async def mark_deleted(session: AsyncSession, webhook_id: str, now: datetime) -> None:
    """Mark a webhook as deleted, and its pending deliveries as failed."""
    await session.execute(update(Webhook).where(col(Webhook.id) == webhook_id).values(deleted_at=now))
    await _fail_pending(session, webhook_id)


async def _fail_pending(session: AsyncSession, webhook_id: str) -> None:
    await session.execute(
        update(WebhookDelivery)
        .where(col(WebhookDelivery.webhook_id) == webhook_id, col(WebhookDelivery.status) == DeliveryStatus.PENDING)
        .values(status=DeliveryStatus.FAILED, next_attempt_at=None)
    )


async def lock_organization(session: AsyncSession, organization_id: str) -> None:
    """Serialise the creation of webhooks in an organization until the end of the transaction."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": organization_id})


def _is_readable(user_id: str, organization_ids: Collection[str]) -> ColumnElement[bool]:
    webhooks = select(col(Webhook.id)).where(_is_owned(*organization_ids))
    is_own = (col(Generation.user_id) == user_id) | col(Generation.organization_id).in_(organization_ids)
    generation = select(col(Generation.id)).where(col(Generation.id) == col(WebhookDelivery.generation_id), is_own)
    return col(WebhookDelivery.webhook_id).in_(webhooks) | generation.exists()


def _is_owned(*organization_ids: str) -> ColumnElement[bool]:
    return col(Webhook.organization_id).in_(organization_ids) & col(Webhook.deleted_at).is_(None)


_CLAIM: Final = """
UPDATE webhook_deliveries SET next_attempt_at = now() + :lease
WHERE id IN (
    SELECT id FROM webhook_deliveries WHERE status = 'pending' AND next_attempt_at <= now()
    ORDER BY next_attempt_at LIMIT :limit FOR UPDATE SKIP LOCKED
)
RETURNING webhook_deliveries.*
"""
