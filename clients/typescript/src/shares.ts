import { payloadOf } from "./errors.js";
import { ListShareLinks, RevokeShare, ShareCollection, ShareTrack } from "./operations.js";
import type { NewShareLink, ShareLink } from "./models.js";
import { Resource } from "./resource.js";

/** Your share links. */
export class Shares extends Resource {
  /** Yield the share links, newest first. Pages are requested as needed. */
  async *list(options: { isActive?: boolean; pageSize?: number } = {}): AsyncGenerator<ShareLink, void> {
    const filter = { isActive: options.isActive ?? null };
    const variables = { organizationId: await this.organization.id(), first: options.pageSize ?? 50, filter };
    yield* this.pages(
      async (after) => (await this.transport.execute(ListShareLinks, { ...variables, after })).organization?.shareLinks,
    );
  }

  /** Create a public link to a track; `url` of the result is its address. */
  async shareTrack(id: string, options: { expiresInDays?: number } = {}): Promise<NewShareLink> {
    return payloadOf((await this.transport.execute(ShareTrack, { input: { ...options, id } })).result);
  }

  /** Create a public link to a collection; `url` of the result is its address. */
  async shareCollection(id: string, options: { expiresInDays?: number } = {}): Promise<NewShareLink> {
    return payloadOf((await this.transport.execute(ShareCollection, { input: { ...options, id } })).result);
  }

  /** End a share link at once. */
  async revoke(id: string): Promise<ShareLink> {
    return payloadOf((await this.transport.execute(RevokeShare, { input: { id } })).result).link;
  }
}
