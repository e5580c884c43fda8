"""Webhooks of an organization and their deliveries."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Self

import strawberry
from strawberry.scalars import JSON

from core.webhooks import DeliveryStatus, WebhookEvent
from resolvers.organizations import webhooks
from resolvers.organizations.webhooks import CreateWebhook, RotateSecret
from schema.limits.field_costs import ListSize
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
@strawberry.type(
    description="The delivery of an event to a webhook or a callback URL. Receivers get its ID in the header "
    "`webhook-id`."
)
class WebhookDelivery(RowBacked[tables.WebhookDelivery], Node):
    event: WebhookEvent = strawberry.field(description="The event.")
    status: DeliveryStatus = strawberry.field(description="The status.")
    payload: JSON = strawberry.field(description="The request body.")
    attempts: list[WebhookAttempt] = strawberry.field(
        directives=[ListSize(assumed_size=10)], description="The most recent attempts, the latest last."
    )
    next_attempt_at: datetime | None = strawberry.field(description="The time of the next attempt, or null for none.")
    created_at: datetime = strawberry.field(description="The time of the event.")


@row_backed(events=lambda webhook: [WebhookEvent(event) for event in webhook.row.events])
@strawberry.type(description="A URL that receives events of an organization. Visible to admins.")
class Webhook(RowBacked[tables.Webhook], Node):
    url: str = strawberry.field(description="The URL.")
    events: list[WebhookEvent] = strawberry.field(
        directives=[ListSize(assumed_size=len(WebhookEvent))], description="The events that the webhook receives."
    )
    created_at: datetime = strawberry.field(description="The time when the webhook was created.")
    disabled_at: datetime | None = strawberry.field(
        description="The time when the webhook was disabled, or null. A disabled webhook receives no events."
    )
    disabled_reason: str | None = strawberry.field(description="Why the webhook was disabled, or null.")
    previous_secret_expires_at: datetime | None = strawberry.field(
        description="Until this time deliveries are signed with the previous secret too. Null if it was never replaced "
        "or ended at once."
    )

    @strawberry.field(description="The deliveries, newest first.")
    async def deliveries(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> Connection[WebhookDelivery] | None:
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


@strawberry.input(description="The parameters of `rotateWebhookSecret`.")
class RotateWebhookSecretInput:
    id: strawberry.ID = strawberry.field(description="The ID of the webhook.")
    overlap_seconds: int | None = strawberry.field(
        default=None,
        description="How long deliveries are signed with the replaced secret too, in seconds, up to 604800 (7 days). 0 "
        "ends it at once. Default: 86400 (a day), unless the operator has set another time.",
    )


@strawberry.type(description="The secret was replaced.")
class RotateWebhookSecretPayload:
    webhook: Webhook = strawberry.field(description="The webhook.")
    secret: str = strawberry.field(description="The new signing secret (whsec_…). It is not returned again.")


@strawberry.input(description="The parameters of `enableWebhook`.")
class EnableWebhookInput:
    id: strawberry.ID = strawberry.field(description="The ID of the webhook.")


@strawberry.type(description="The webhook is enabled.")
class EnableWebhookPayload:
    webhook: Webhook = strawberry.field(description="The webhook.")


@strawberry.input(description="The parameters of `disableWebhook`.")
class DisableWebhookInput:
    id: strawberry.ID = strawberry.field(description="The ID of the webhook.")


@strawberry.type(description="The webhook is disabled.")
class DisableWebhookPayload:
    webhook: Webhook = strawberry.field(description="The webhook.")


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

    @mutation(
        "Replace a webhook's signing secret. Until the overlap ends, deliveries have a signature of each of the two "
        "secrets. A secret that an earlier rotation replaced ends at once. Requires the admin role.",
        NotFoundError | InvalidInputError,
    )
    async def rotate_webhook_secret(
        self, info: Info, input: Input[RotateWebhookSecretInput]
    ) -> RotateWebhookSecretPayload:
        command = to_command(RotateSecret, input, "id")
        row = await webhooks.rotate_secret(info.context.ctx, input.id, command)
        return RotateWebhookSecretPayload(webhook=Webhook.from_row(row), secret=row.secret)

    @mutation("Enable a disabled webhook; it receives new events. Requires the admin role.", NotFoundError)
    async def enable_webhook(self, info: Info, input: Input[EnableWebhookInput]) -> EnableWebhookPayload:
        return EnableWebhookPayload(webhook=Webhook.from_row(await webhooks.enable(info.context.ctx, input.id)))

    @mutation(
        "Disable a webhook: it receives no events until it is enabled, and its pending deliveries fail. Disabling it "
        "again changes nothing. Requires the admin role.",
        NotFoundError,
    )
    async def disable_webhook(self, info: Info, input: Input[DisableWebhookInput]) -> DisableWebhookPayload:
        return DisableWebhookPayload(webhook=Webhook.from_row(await webhooks.disable(info.context.ctx, input.id)))

    @mutation("Delete a webhook. Requires the admin role.", NotFoundError)
    async def delete_webhook(self, info: Info, input: Input[DeleteWebhookInput]) -> DeleteWebhookPayload:
        return DeleteWebhookPayload(webhook=Webhook.from_row(await webhooks.delete(info.context.ctx, input.id)))

    @mutation(
        "Deliver an event again, with retries for a further day. Requires the admin role, or for the delivery to a "
        "callback URL that the generation is yours.",
        NotFoundError | ConflictError,
    )
    async def redeliver_webhook(self, info: Info, input: Input[RedeliverWebhookInput]) -> RedeliverWebhookPayload:
        row = await webhooks.redeliver(info.context.ctx, input.delivery_id)
        return RedeliverWebhookPayload(delivery=WebhookDelivery.from_row(row))
