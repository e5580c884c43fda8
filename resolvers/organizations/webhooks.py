"""Webhooks of an organization, and their deliveries; for the organization's admins."""

from collections.abc import Collection
from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StrictInt, StringConstraints
from pydantic.dataclasses import dataclass
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids
from core.errors import Conflict, NotFound
from core.webhooks import MAX_ROTATION, MAX_WEBHOOKS, DeliveryStatus, WebhookEvent
from resolvers.access import own_rows, validation
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.organizations import webhook_secrets, webhook_urls
from storage.queries import webhooks
from storage.tables import Webhook, WebhookDelivery

_FORBIDDEN: Final = "Only an admin of the organization may see or change its webhooks"


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class CreateWebhook:
    """A URL to call, and the events to call it for. The validators' context has the allowed hosts."""

    url: Annotated[
        str,
        StringConstraints(strict=True, min_length=1, max_length=webhook_urls.MAX_URL_LENGTH),
        AfterValidator(webhook_urls.check_url),
    ]
    events: Annotated[tuple[WebhookEvent, ...], Field(min_length=1, max_length=len(WebhookEvent))]


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class RotateSecret:
    """How long the replaced secret signs deliveries too."""

    overlap_seconds: (
        Annotated[StrictInt, Field(ge=0, le=int(MAX_ROTATION.total_seconds())), validation.WHOLE] | None
    ) = None
    """Seconds; 0 ends the secret at once. By default, the setting's."""


async def create(ctx: Context, organization_id: str, request: Unvalidated[CreateWebhook]) -> Webhook:
    """Create a webhook. Its secret must be shown to the caller now and never again.

    Raises Forbidden, InvalidInput, Conflict (too many webhooks).
    """
    ctx.require_admin(organization_id, _FORBIDDEN)
    allowed_hosts = ctx.services.settings.webhooks.allowed_hosts
    command = request.validate(allowed_hosts)
    await webhook_urls.require_public(command.url, allowed_hosts)
    row = Webhook(
        id=ids.new(ids.Kind.WEBHOOK),
        organization_id=organization_id,
        user_id=ctx.caller.user_id,
        url=command.url,
        events=sorted({event.value for event in command.events}),
        secret=webhook_secrets.create(),
    )
    async with ctx.services.database.transaction() as session:
        await webhooks.lock_organization(session, organization_id)
        if await webhooks.count(session, organization_id) >= MAX_WEBHOOKS:
            raise Conflict(f"An organization has at most {MAX_WEBHOOKS} webhooks")
        session.add(row)
    return row


async def rotate_secret(ctx: Context, webhook_id: str, request: Unvalidated[RotateSecret]) -> Webhook:
    """Replace a webhook's secret; the current one signs as well for the overlap, an older one no longer.

    The new secret must be shown to the caller now and never again. Raises NotFound, InvalidInput.
    """
    overlap = request.validate().overlap_seconds
    if overlap is None:
        overlap = ctx.services.settings.webhooks.rotation_seconds
    async with ctx.services.database.transaction() as session:
        row = await _lock(ctx, session, webhook_id)
        row.previous_secret = row.secret if overlap else None
        row.previous_secret_expires_at = clock.now() + timedelta(seconds=overlap) if overlap else None
        row.secret = webhook_secrets.create()
    return row


async def enable(ctx: Context, webhook_id: str) -> Webhook:
    """Send events to a disabled webhook again, from now. Enabling an enabled one changes nothing. Raises NotFound."""
    async with ctx.services.database.transaction() as session:
        row = await _lock(ctx, session, webhook_id)
        row.disabled_at, row.disabled_reason = None, None
    return row


async def disable(ctx: Context, webhook_id: str) -> Webhook:
    """Send no events to a webhook until it is enabled; its pending deliveries fail. Raises NotFound."""
    async with ctx.services.database.transaction() as session:
        row = await _lock(ctx, session, webhook_id)
        await webhooks.disable(session, row.id, "Disabled by an admin.", clock.now())
        await session.refresh(row)
    return row


async def delete(ctx: Context, webhook_id: str) -> Webhook:
    """Delete a webhook. Raises NotFound."""
    async with ctx.services.database.transaction() as session:
        row = await _lock(ctx, session, webhook_id)
        await webhooks.mark_deleted(session, row.id, clock.now())
    return row


async def find_many(ctx: Context, webhook_ids: Collection[str]) -> dict[str, Webhook]:
    """Return those of the webhooks that the caller administers, by id."""
    async with ctx.services.database.transaction() as session:
        return {row.id: row for row in await webhooks.list_owned(session, webhook_ids, ctx.administered)}


list_page = own_rows.for_admin(webhooks.page, _FORBIDDEN)
"""Return an organization's webhooks, newest first. Raises Forbidden."""

count = own_rows.for_admin(webhooks.count, _FORBIDDEN)
"""Return how many webhooks ``list_page`` has in all. Raises Forbidden."""


list_deliveries = own_rows.unchecked(webhooks.list_deliveries)
"""Return a page of each webhook's deliveries, newest first. The caller must administer the webhooks."""


count_deliveries = own_rows.unchecked(webhooks.count_deliveries)
"""Return how many deliveries each webhook has in all. The caller must administer the webhooks."""


async def find_deliveries(ctx: Context, delivery_ids: Collection[str]) -> dict[str, WebhookDelivery]:
    """Return those of the deliveries whose webhook or generation the caller administers or owns, by id."""
    owner = (ctx.caller.user_id, ctx.administered)
    async with ctx.services.database.transaction() as session:
        return {row.id: row for row in await webhooks.list_owned_deliveries(session, delivery_ids, *owner)}


find_callback_deliveries = own_rows.unchecked(webhooks.load_callback_deliveries)
"""Return the delivery of each generation's callback, by the id of the generation. The caller must own them."""


async def redeliver(ctx: Context, delivery_id: str) -> WebhookDelivery:
    """Schedule a delivery again, from now, with all its attempts. Raises NotFound, Conflict (webhook disabled)."""
    async with ctx.services.database.transaction() as session:
        row = None
        if ids.is_a(ids.Kind.DELIVERY, delivery_id):
            row = await webhooks.lock_owned_delivery(session, delivery_id, ctx.caller.user_id, ctx.administered)
        if row is None:
            raise NotFound("Webhook delivery", delivery_id=delivery_id)
        if row.webhook_id and (await session.get_one(Webhook, row.webhook_id)).disabled_at is not None:
            raise Conflict(f"The webhook {row.webhook_id} is disabled; enable it first")
        row.status, row.tries, row.next_attempt_at = DeliveryStatus.PENDING, 0, clock.now()
    return row


async def _lock(ctx: Context, session: AsyncSession, webhook_id: str) -> Webhook:
    row = None
    if ids.is_a(ids.Kind.WEBHOOK, webhook_id):
        row = await webhooks.lock_owned(session, webhook_id, ctx.administered)
    if row is None:
        raise NotFound("Webhook", webhook_id=webhook_id)
    return row
