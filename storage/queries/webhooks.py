"""Queries on webhooks and their outbox."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import ids
from core.webhooks import DeliveryStatus
from storage.tables import Webhook, WebhookDelivery

Position = tuple[datetime, str]


async def insert_deliveries(
    session: AsyncSession, organization_id: str, event: str, payload: Mapping[str, Any], now: datetime
) -> None:
    """Write an event down for each webhook that wants it; it goes out once the transaction is committed."""
    statement = select(col(Webhook.id)).where(
        col(Webhook.organization_id) == organization_id,
        col(Webhook.deleted_at).is_(None),
        col(Webhook.events).contains([event]),
    )
    for webhook_id in (await session.scalars(statement)).all():
        delivery = WebhookDelivery(
            id=ids.new(ids.Kind.DELIVERY),
            webhook_id=webhook_id,
            event=event,
            payload=dict(payload),
            next_attempt_at=now,
            created_at=now,
        )
        session.add(delivery)


async def count(session: AsyncSession, organization_id: str) -> int:
    """How many webhooks an organization has."""
    return await session.scalar(select(func.count()).where(*_is_owned(organization_id))) or 0


async def page(session: AsyncSession, organization_id: str, *, limit: int, after: Position | None) -> Sequence[Webhook]:
    """An organization's webhooks, newest first."""
    keys = (col(Webhook.created_at), col(Webhook.id))
    statement = select(Webhook).where(*_is_owned(organization_id))
    if after is not None:
        statement = statement.where(tuple_(*keys) < tuple_(*after))
    return (await session.scalars(statement.order_by(*(key.desc() for key in keys)).limit(limit))).all()


async def list_owned(
    session: AsyncSession, webhook_ids: Collection[str], organization_ids: Collection[str]
) -> Sequence[Webhook]:
    """Those of the webhooks that are of one of these organizations."""
    statement = select(Webhook).where(
        col(Webhook.id).in_(webhook_ids),
        col(Webhook.organization_id).in_(organization_ids),
        col(Webhook.deleted_at).is_(None),
    )
    return (await session.scalars(statement)).all()


async def list_deliveries(
    session: AsyncSession, webhook_ids: Collection[str], *, limit: int, after: Position | None
) -> dict[str, Sequence[WebhookDelivery]]:
    """Of each webhook at most ``limit`` of what it was told or is to be told, newest first."""
    owner, keys = col(WebhookDelivery.webhook_id), (col(WebhookDelivery.created_at), col(WebhookDelivery.id))
    newest = [key.desc() for key in keys]
    ranked = select(col(WebhookDelivery.id), func.row_number().over(partition_by=owner, order_by=newest).label("place"))
    ranked = ranked.where(owner.in_(webhook_ids))
    if after is not None:
        ranked = ranked.where(tuple_(*keys) < tuple_(*after))
    chosen = ranked.subquery()
    statement = select(WebhookDelivery).join(chosen, col(WebhookDelivery.id) == chosen.c.id)
    rows = await session.scalars(statement.where(chosen.c.place <= limit).order_by(chosen.c.place))
    found: dict[str, list[WebhookDelivery]] = {webhook_id: [] for webhook_id in webhook_ids}
    for row in rows:
        found[row.webhook_id].append(row)
    return dict(found)


async def count_deliveries(session: AsyncSession, webhook_ids: Collection[str]) -> dict[str, int]:
    """How many ``deliveries`` has of each in all."""
    owner = col(WebhookDelivery.webhook_id)
    statement = select(owner, func.count()).where(owner.in_(webhook_ids)).group_by(owner)
    found = {row[0]: row[1] for row in (await session.execute(statement)).all()}
    return {webhook_id: found.get(webhook_id, 0) for webhook_id in webhook_ids}


async def lock_owned_delivery(
    session: AsyncSession, delivery_id: str, organization_ids: Collection[str]
) -> WebhookDelivery | None:
    """A delivery of a webhook of one of these organizations, locked."""
    statement = (
        select(WebhookDelivery)
        .join(Webhook, col(Webhook.id) == col(WebhookDelivery.webhook_id))
        .where(
            col(WebhookDelivery.id) == delivery_id,
            col(Webhook.organization_id).in_(organization_ids),
            col(Webhook.deleted_at).is_(None),
        )
        .with_for_update(of=WebhookDelivery)
    )
    return await session.scalar(statement)


async def claim(session: AsyncSession, limit: int, lease: timedelta) -> list[tuple[WebhookDelivery, Webhook]]:
    """Take deliveries that are due; nobody else takes them for the time of the lease. Postgres' clock decides."""
    due = (
        select(col(WebhookDelivery.id))
        .where(
            col(WebhookDelivery.status) == DeliveryStatus.PENDING, col(WebhookDelivery.next_attempt_at) <= func.now()
        )
        .order_by(col(WebhookDelivery.next_attempt_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(WebhookDelivery)
        .where(col(WebhookDelivery.id).in_(due.scalar_subquery()))
        .values(next_attempt_at=func.now() + lease)
        .returning(WebhookDelivery)
    )
    rows = (await session.scalars(statement)).all()
    found = await session.scalars(select(Webhook).where(col(Webhook.id).in_([row.webhook_id for row in rows])))
    webhooks = {webhook.id: webhook for webhook in found}
    return [(row, webhooks[row.webhook_id]) for row in rows]


async def lock_delivery(session: AsyncSession, delivery_id: str) -> WebhookDelivery:
    """A delivery as it is now, held until the end of the transaction."""
    return (await session.scalars(select(WebhookDelivery).filter_by(id=delivery_id).with_for_update())).one()


async def reschedule(session: AsyncSession, delivery_id: str, wait: timedelta) -> None:
    """Let it be due after so long."""
    statement = update(WebhookDelivery).where(col(WebhookDelivery.id) == delivery_id)
    await session.execute(statement.values(next_attempt_at=func.now() + wait))


async def mark_deleted(session: AsyncSession, webhook_id: str, now: datetime) -> None:
    """Delete a webhook; what it was still to be told is given up."""
    await session.execute(update(Webhook).where(col(Webhook.id) == webhook_id).values(deleted_at=now))
    await session.execute(
        update(WebhookDelivery)
        .where(col(WebhookDelivery.webhook_id) == webhook_id, col(WebhookDelivery.status) == DeliveryStatus.PENDING)
        .values(status=DeliveryStatus.FAILED, next_attempt_at=None)
    )


async def lock_organization(session: AsyncSession, organization_id: str) -> None:
    """Until the end of the transaction nobody else who asks for this adds a webhook to the organization."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": organization_id})


def _is_owned(organization_id: str) -> tuple[Any, ...]:
    return col(Webhook.organization_id) == organization_id, col(Webhook.deleted_at).is_(None)
