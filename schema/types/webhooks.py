"""Webhooks of an organization and their deliveries."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Self

import strawberry
from strawberry.scalars import JSON

from core.webhooks import DeliveryStatus, WebhookEvent
from resolvers.organizations import webhooks
from resolvers.organizations.webhooks import CreateWebhook
from schema.relay import connections
from schema.relay.connections import DEFAULT_FIRST, After, Connection, First
from schema.relay.node import Node
from schema.runtime.context import Info
from schema.runtime.dataloaders import Page
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from schema.types.mutations import Input, mutation, to_command
from storage import tables


@strawberry.type(description="An attempt to deliver an event.")
class WebhookAttempt:
    at: datetime = strawberry.field(description="The time of the attempt.")
    status_code: int | None = strawberry.field(description="The HTTP status of the response, or null for no response.")
    error: str | None = strawberry.field(description="Why the attempt failed, or null if it succeeded.")
    milliseconds: int = strawberry.field(description="The duration of the attempt, in milliseconds.")

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Self:
        return cls(
            at=datetime.fromisoformat(entry["at"]),
            status_code=entry["status"],
            error=entry["error"],
            milliseconds=entry["milliseconds"],
        )


@row_backed(
    event=lambda delivery: WebhookEvent(delivery.row.event),
    attempts=lambda delivery: [WebhookAttempt.from_entry(entry) for entry in delivery.row.attempts],
)
@strawberry.type(description="The delivery of an event to a webhook.")
class WebhookDelivery(RowBacked[tables.WebhookDelivery]):
    id: strawberry.ID = strawberry.field(description="The ID, which receivers get in the header `webhook-id`.")
    event: WebhookEvent = strawberry.field(description="The event.")
    status: DeliveryStatus = strawberry.field(description="The status.")
    payload: JSON = strawberry.field(description="The request body.")
    attempts: list[WebhookAttempt] = strawberry.field(description="The most recent attempts, the latest last.")
    next_attempt_at: datetime | None = strawberry.field(description="The time of the next attempt, or null for none.")
    created_at: datetime = strawberry.field(description="The time of the event.")


@row_backed(events=lambda webhook: [WebhookEvent(event) for event in webhook.row.events])
@strawberry.type(description="A URL that receives events of an organization. Visible to admins.")
class Webhook(RowBacked[tables.Webhook], Node):
    url: str = strawberry.field(description="The URL.")
    events: list[WebhookEvent] = strawberry.field(description="The events that the webhook receives.")
    created_at: datetime = strawberry.field(description="The time when the webhook was created.")

    @strawberry.field(description="The deliveries, newest first.")
    async def deliveries(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> Connection[WebhookDelivery]:
        loaders = info.context.loaders
        return await connections.paginate(
            lambda limit, after: loaders.webhook_deliveries.load(Page(self.row.id, limit, after)),
            WebhookDelivery.from_row,
            partial(loaders.webhook_delivery_count.load, self.row.id),
            first,
            after,
        )


@strawberry.input(description="The parameters of `createWebhook`.")
class CreateWebhookInput:
    organization_id: strawberry.ID = strawberry.field(description="The ID of the organization.")
    url: str = strawberry.field(description="The https URL, up to 2048 characters.")
    events: list[WebhookEvent] = strawberry.field(description="The events to receive, at least one.")


@strawberry.type(description="The webhook was created.")
class CreateWebhookPayload:
    webhook: Webhook = strawberry.field(description="The webhook.")
    secret: str = strawberry.field(description="The signing secret (whsec_…). It is not returned again.")


@strawberry.input(description="The parameters of `deleteWebhook`.")
class DeleteWebhookInput:
    id: strawberry.ID = strawberry.field(description="The ID of the webhook.")


@strawberry.type(description="The webhook was deleted.")
class DeleteWebhookPayload:
    webhook: Webhook = strawberry.field(description="The deleted webhook.")


@strawberry.input(description="The parameters of `redeliverWebhook`.")
class RedeliverWebhookInput:
    delivery_id: strawberry.ID = strawberry.field(description="The ID of the delivery.")


@strawberry.type(description="The event will be delivered again.")
class RedeliverWebhookPayload:
    delivery: WebhookDelivery = strawberry.field(description="The delivery, pending again.")


@strawberry.type
class WebhookMutations:
    @mutation("Create a webhook. Requires the admin role.", InvalidInputError | ForbiddenError | ConflictError)
    async def create_webhook(self, info: Info, input: Input[CreateWebhookInput]) -> CreateWebhookPayload:
        command = to_command(CreateWebhook, input, "organization_id")
        row = await webhooks.create(info.context.ctx, input.organization_id, command)
        return CreateWebhookPayload(webhook=Webhook.from_row(row), secret=row.secret)

    @mutation("Delete a webhook. Requires the admin role.", NotFoundError)
    async def delete_webhook(self, info: Info, input: Input[DeleteWebhookInput]) -> DeleteWebhookPayload:
        return DeleteWebhookPayload(webhook=Webhook.from_row(await webhooks.delete(info.context.ctx, input.id)))

    @mutation("Deliver an event again, with retries for a further day. Requires the admin role.", NotFoundError)
    async def redeliver_webhook(self, info: Info, input: Input[RedeliverWebhookInput]) -> RedeliverWebhookPayload:
        row = await webhooks.redeliver(info.context.ctx, input.delivery_id)
        return RedeliverWebhookPayload(delivery=WebhookDelivery.from_row(row))
