"""Webhooks: HTTP requests of the server when something happens. Admins only."""

from collections.abc import AsyncIterator, Sequence

from music_studio_client._async.resources import Resource
from music_studio_client.errors import payload_of
from music_studio_client.graphql.create_webhook import CreateWebhookResultCreateWebhookPayload
from music_studio_client.graphql.delete_webhook import DeleteWebhookResultDeleteWebhookPayload
from music_studio_client.graphql.enable_webhook import EnableWebhookResultEnableWebhookPayload
from music_studio_client.graphql.input_types import (
    CreateWebhookInput,
    DeleteWebhookInput,
    EnableWebhookInput,
    RotateWebhookSecretInput,
)
from music_studio_client.graphql.list_webhooks import ListWebhooksOrganizationWebhooks
from music_studio_client.graphql.rotate_webhook_secret import RotateWebhookSecretResultRotateWebhookSecretPayload
from music_studio_client.models import Webhook, WebhookEvent


class Webhooks(Resource):
    """The webhooks of an organization."""

    async def list(self, *, page_size: int = 50) -> AsyncIterator[Webhook]:
        """Yield the webhooks. Pages are requested as needed."""
        organization_id = await self.organization.id()

        async def load(after: str | None) -> ListWebhooksOrganizationWebhooks | None:
            found = await self.operations.list_webhooks(organization_id, page_size, after)
            return found.webhooks if found else None

        async for webhook in self.paginate(load):
            yield webhook

    async def create(self, url: str, events: Sequence[WebhookEvent]) -> CreateWebhookResultCreateWebhookPayload:
        """Create a webhook. `secret` of the result signs the deliveries and is returned only now."""
        organization_id = await self.organization.id()
        request = CreateWebhookInput(organization_id=organization_id, url=url, events=[*events])
        result = await self.operations.create_webhook(request)
        return payload_of(result, CreateWebhookResultCreateWebhookPayload)

    async def rotate_secret(self, webhook_id: str) -> RotateWebhookSecretResultRotateWebhookSecretPayload:
        """Replace the secret. Deliveries are signed with both until the old one expires."""
        result = await self.operations.rotate_webhook_secret(RotateWebhookSecretInput(id=webhook_id))
        return payload_of(result, RotateWebhookSecretResultRotateWebhookSecretPayload)

    async def enable(self, webhook_id: str) -> Webhook:
        """Enable a webhook that was disabled after failures."""
        result = await self.operations.enable_webhook(EnableWebhookInput(id=webhook_id))
        return payload_of(result, EnableWebhookResultEnableWebhookPayload).webhook

    async def delete(self, webhook_id: str) -> None:
        """Delete a webhook."""
        result = await self.operations.delete_webhook(DeleteWebhookInput(id=webhook_id))
        payload_of(result, DeleteWebhookResultDeleteWebhookPayload)
