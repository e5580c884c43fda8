"""Webhooks: addresses that an organization wants to be called, and what they were told."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Self

import strawberry
from strawberry.scalars import JSON

from core.webhooks import DeliveryStatus, WebhookEvent
from resolvers.organizations import webhooks
from schema.relay import connections
from schema.relay.connections import After, Connection, First
from schema.relay.node import Node
from schema.runtime.context import Info
from schema.runtime.dataloaders import KeysetPage
from schema.types.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, UnavailableError
from storage import tables


@strawberry.type(description="One try to deliver.")
class WebhookAttempt:
    """From an entry of a delivery's row."""

    at: datetime = strawberry.field(description="When.")
    status_code: int | None = strawberry.field(description="What was answered; null when nothing was.")
    error: str | None = strawberry.field(description="Why it did not count; null when it did.")
    milliseconds: int = strawberry.field(description="How long it took.")

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Self:
        """The entry as a type."""
        return cls(
            at=datetime.fromisoformat(entry["at"]),
            status_code=entry["status"],
            error=entry["error"],
            milliseconds=entry["milliseconds"],
        )


@strawberry.type(description="One event for one webhook.")
class WebhookDelivery:
    """From a row of a webhook that the caller may see."""

    id: strawberry.ID = strawberry.field(description="Its id, which receivers see as `webhook-id`.")
    event: WebhookEvent = strawberry.field(description="What happened.")
    status: DeliveryStatus = strawberry.field(description="Where it stands.")
    payload: JSON = strawberry.field(description="The body as it is sent.")
    attempts: list[WebhookAttempt] = strawberry.field(description="The newest tries, the latest last.")
    next_attempt_at: datetime | None = strawberry.field(description="When it is tried next; null for never.")
    created_at: datetime = strawberry.field(description="When it happened.")

    @classmethod
    def from_row(cls, row: tables.WebhookDelivery) -> Self:
        """The row as a type."""
        return cls(
            id=strawberry.ID(row.id),
            event=WebhookEvent(row.event),
            status=row.status,
            payload=JSON(row.payload),
            attempts=[WebhookAttempt.from_entry(entry) for entry in row.attempts],
            next_attempt_at=row.next_attempt_at,
            created_at=row.created_at,
        )


@strawberry.type(description="An address that is called when something happens in an organization; its admins see it.")
class Webhook(Node):
    """From a row of an organization whose admin the caller is."""

    url: str = strawberry.field(description="The address.")
    events: list[WebhookEvent] = strawberry.field(description="What it is told of.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @strawberry.field(description="What it was told and is to be told, newest first.")
    async def deliveries(
        self, info: Info, first: First = connections.DEFAULT_FIRST, after: After = None
    ) -> Connection[WebhookDelivery]:
        """Batched over the page."""
        loaders, limit, webhook_id = info.context.loaders, connections.page_size(first), str(self.id)
        rows = await loaders.webhook_deliveries.load(
            KeysetPage(webhook_id, limit + 1, connections.decode_position(after))
        )

        def edge(row: tables.WebhookDelivery) -> tuple[connections.Position, WebhookDelivery]:
            return (row.created_at, row.id), WebhookDelivery.from_row(row)

        return connections.from_rows(rows, limit, after, edge, partial(loaders.webhook_delivery_count.load, webhook_id))

    @classmethod
    def from_row(cls, row: tables.Webhook) -> Self:
        """The row as a type."""
        events = [WebhookEvent(event) for event in row.events]
        return cls(id=strawberry.ID(row.id), url=row.url, events=events, created_at=row.created_at)


@strawberry.input(description="An address to call.")
class CreateWebhookInput:
    """Decoded into CreateWebhook."""

    organization_id: strawberry.ID = strawberry.field(description="Of which it is told.")
    url: str = strawberry.field(description="An https address, at most 2048 characters.")
    events: list[WebhookEvent] = strawberry.field(description="What to tell, at least one.")


@strawberry.type(description="The address is called from now on.")
class CreateWebhookPayload:
    """Success of createWebhook."""

    webhook: Webhook = strawberry.field(description="The webhook.")
    secret: str = strawberry.field(description="What calls are signed with (whsec_…); told only here.")


@strawberry.input(description="A webhook.")
class DeleteWebhookInput:
    """Names a webhook."""

    id: strawberry.ID = strawberry.field(description="Its id.")


@strawberry.type(description="The address is called no longer.")
class DeleteWebhookPayload:
    """Success of deleteWebhook."""

    webhook: Webhook = strawberry.field(description="As it was.")


@strawberry.input(description="A delivery to send again.")
class RedeliverWebhookInput:
    """Names a delivery."""

    delivery_id: strawberry.ID = strawberry.field(description="Its id.")


@strawberry.type(description="It is sent again.")
class RedeliverWebhookPayload:
    """Success of redeliverWebhook."""

    delivery: WebhookDelivery = strawberry.field(description="The delivery, pending again.")


CreateWebhookResult = Annotated[
    CreateWebhookPayload | InvalidInputError | ForbiddenError | ConflictError | UnavailableError,
    strawberry.union("CreateWebhookResult", description="What createWebhook answers."),
]
DeleteWebhookResult = Annotated[
    DeleteWebhookPayload | NotFoundError | UnavailableError,
    strawberry.union("DeleteWebhookResult", description="What deleteWebhook answers."),
]
RedeliverWebhookResult = Annotated[
    RedeliverWebhookPayload | NotFoundError | UnavailableError,
    strawberry.union("RedeliverWebhookResult", description="What redeliverWebhook answers."),
]


@strawberry.type
class WebhookMutations:
    """Mixed into Mutation."""

    @strawberry.mutation(description="Have an address called when something happens; for admins.")
    async def create_webhook(
        self,
        info: Info,
        input: Annotated[CreateWebhookInput, strawberry.argument(description="The address.")],  # noqa: A002
    ) -> CreateWebhookResult:
        """See webhooks.create."""
        row = await webhooks.create(info.context.ctx, input.organization_id, input.url, input.events)
        return CreateWebhookPayload(webhook=Webhook.from_row(row), secret=row.secret)

    @strawberry.mutation(description="Have an address called no longer; for admins.")
    async def delete_webhook(
        self,
        info: Info,
        input: Annotated[DeleteWebhookInput, strawberry.argument(description="The webhook.")],  # noqa: A002
    ) -> DeleteWebhookResult:
        """See webhooks.delete."""
        return DeleteWebhookPayload(webhook=Webhook.from_row(await webhooks.delete(info.context.ctx, input.id)))

    @strawberry.mutation(description="Send a delivery again, now and for another day if need be; for admins.")
    async def redeliver_webhook(
        self,
        info: Info,
        input: Annotated[RedeliverWebhookInput, strawberry.argument(description="The delivery.")],  # noqa: A002
    ) -> RedeliverWebhookResult:
        """See webhooks.redeliver."""
        row = await webhooks.redeliver(info.context.ctx, input.delivery_id)
        return RedeliverWebhookPayload(delivery=WebhookDelivery.from_row(row))


async def connection(info: Info, organization_id: str, *, first: int, after: str | None) -> Connection[Webhook]:
    """The page behind a cursor."""
    ctx, limit = info.context.ctx, connections.page_size(first)
    rows = await webhooks.page(ctx, organization_id, limit=limit + 1, after=connections.decode_position(after))

    def edge(row: tables.Webhook) -> tuple[connections.Position, Webhook]:
        return (row.created_at, row.id), Webhook.from_row(row)

    return connections.from_rows(rows, limit, after, edge, lambda: webhooks.count(ctx, organization_id))
