"""Webhooks of an organization, for its admins."""

import base64
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NoReturn

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids
from core.errors import Conflict, NotFound
from core.webhooks import MAX_WEBHOOKS, DeliveryStatus, WebhookEvent
from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.organizations.commands import CreateWebhook
from storage.queries import webhooks
from storage.tables import Role, Webhook, WebhookDelivery

_SECRET_BYTES: Final = 32
_FORBIDDEN: Final = "Only an admin of the organization may see or change its webhooks"

Position = tuple[datetime, str]


async def create(ctx: Context, organization_id: str, url: str, events: Sequence[WebhookEvent]) -> Webhook:
    """Call this address from now on. The row's secret is to be told once.

    Raises NotAMember, Forbidden, InvalidInput, Conflict when there are too many.
    """
    ctx.admin(organization_id, _FORBIDDEN)
    hosts = ctx.services.settings.webhooks.allowed_hosts
    command = validation.read(CreateWebhook, {"url": url, "events": tuple(events)}, hosts)
    row = Webhook(
        id=ids.new(ids.Kind.WEBHOOK),
        organization_id=organization_id,
        user_id=ctx.caller.user_id,
        url=command.url,
        events=sorted({event.value for event in command.events}),
        secret="whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode(),
    )
    async with ctx.services.database.transaction() as session:
        await webhooks.lock_organization(session, organization_id)
        if await webhooks.count(session, organization_id) >= MAX_WEBHOOKS:
            raise Conflict(f"An organization has at most {MAX_WEBHOOKS} webhooks")
        session.add(row)
    return row


async def delete(ctx: Context, webhook_id: str) -> Webhook:
    """Call an address no longer. Raises Unauthenticated, NotFound."""
    async with ctx.services.database.transaction() as session:
        row = await _find(session, ctx, webhook_id)
        if row is None:
            _refuse_missing(webhook_id)
        await webhooks.mark_deleted(session, row.id, clock.now())
    return row


async def mine(ctx: Context, webhook_ids: Collection[str]) -> dict[str, Webhook]:
    """Those of the webhooks whose organization's admin the caller is, by id. Raises Unauthenticated."""
    organizations = _administered(ctx)
    async with ctx.services.database.transaction() as session:
        return {row.id: row for row in await webhooks.list_owned(session, webhook_ids, organizations)}


async def page(ctx: Context, organization_id: str, *, limit: int, after: Position | None = None) -> Sequence[Webhook]:
    """An organization's webhooks, newest first. Raises NotAMember, Forbidden."""
    ctx.admin(organization_id, _FORBIDDEN)
    async with ctx.services.database.transaction() as session:
        return await webhooks.page(session, organization_id, limit=limit, after=after)


async def count(ctx: Context, organization_id: str) -> int:
    """How many it has. Raises NotAMember, Forbidden."""
    ctx.admin(organization_id, _FORBIDDEN)
    async with ctx.services.database.transaction() as session:
        return await webhooks.count(session, organization_id)


async def deliveries(
    ctx: Context, webhook_ids: Collection[str], *, limit: int, after: Position | None = None
) -> dict[str, Sequence[WebhookDelivery]]:
    """What webhooks that were found to be the caller's were told, newest first."""
    async with ctx.services.database.transaction() as session:
        return await webhooks.list_deliveries(session, webhook_ids, limit=limit, after=after)


async def count_deliveries(ctx: Context, webhook_ids: Collection[str]) -> dict[str, int]:
    """How many ``deliveries`` has of each in all."""
    async with ctx.services.database.transaction() as session:
        return await webhooks.count_deliveries(session, webhook_ids)


async def redeliver(ctx: Context, delivery_id: str) -> WebhookDelivery:
    """Send a delivery again, now, with another day of tries. Raises Unauthenticated, NotFound."""
    async with ctx.services.database.transaction() as session:
        row = None
        if ids.is_a(ids.Kind.DELIVERY, delivery_id):
            row = await webhooks.lock_owned_delivery(session, delivery_id, _administered(ctx))
        if row is None:
            raise NotFound("Webhook delivery", delivery_id=delivery_id)
        row.status, row.tries, row.next_attempt_at = DeliveryStatus.PENDING, 0, clock.now()
    return row


async def _find(session: AsyncSession, ctx: Context, webhook_id: str) -> Webhook | None:
    organizations = _administered(ctx)
    if not ids.is_a(ids.Kind.WEBHOOK, webhook_id):
        return None
    return next(iter(await webhooks.list_owned(session, [webhook_id], organizations)), None)


def _administered(ctx: Context) -> list[str]:
    return [organization_id for organization_id, role in ctx.caller.roles.items() if role is Role.ADMIN]


def _refuse_missing(webhook_id: str) -> NoReturn:
    raise NotFound("Webhook", webhook_id=webhook_id)
