import { payloadOf } from "./errors.js";
import {
  CreateWebhook,
  DeleteWebhook,
  EnableWebhook,
  ListWebhooks,
  RotateWebhookSecret,
  type WebhookEvent,
} from "./operations.js";
import type { Webhook } from "./models.js";
import { Resource } from "./resource.js";

/** Webhooks: HTTP requests of the server when something happens. Admins only. */
export class Webhooks extends Resource {
  /** Yield the webhooks. Pages are requested as needed. */
  async *list(options: { pageSize?: number } = {}): AsyncGenerator<Webhook, void> {
    const variables = { organizationId: await this.organization.id(), first: options.pageSize ?? 50 };
    yield* this.pages(
      async (after) => (await this.transport.execute(ListWebhooks, { ...variables, after })).organization?.webhooks,
    );
  }

  /** Create a webhook. `secret` of the result signs the deliveries and is returned only now. */
  async create(url: string, events: WebhookEvent[]): Promise<{ webhook: Webhook; secret: string }> {
    const input = { organizationId: await this.organization.id(), url, events };
    return payloadOf((await this.transport.execute(CreateWebhook, { input })).result);
  }

  /** Replace the secret. Deliveries are signed with both until the old one expires. */
  async rotateSecret(id: string): Promise<{ webhook: Webhook; secret: string }> {
    return payloadOf((await this.transport.execute(RotateWebhookSecret, { input: { id } })).result);
  }

  /** Enable a webhook that was disabled after failures. */
  async enable(id: string): Promise<Webhook> {
    return payloadOf((await this.transport.execute(EnableWebhook, { input: { id } })).result).webhook;
  }

  /** Delete a webhook. */
  async delete(id: string): Promise<void> {
    payloadOf((await this.transport.execute(DeleteWebhook, { input: { id } })).result);
  }
}
