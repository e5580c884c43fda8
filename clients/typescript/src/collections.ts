import { payloadOf } from "./errors.js";
import {
  AddCollectionTrack,
  CreateCollection,
  DeleteCollection,
  GetCollection,
  ListCollectionTracks,
  ListCollections,
  RemoveCollectionTrack,
  ReorderCollection,
  UpdateCollection,
  type CreateCollectionInput,
  type UpdateCollectionInput,
} from "./operations.js";
import type { Collection, TrackSummary } from "./models.js";
import { Resource, existing } from "./resource.js";

/** Ordered collections of tracks. */
export class Collections extends Resource {
  /** Yield the collections. Pages are requested as needed. */
  async *list(options: { pageSize?: number } = {}): AsyncGenerator<Collection, void> {
    const variables = { organizationId: await this.organization.id(), first: options.pageSize ?? 50 };
    yield* this.pages(
      async (after) => (await this.transport.execute(ListCollections, { ...variables, after })).organization?.collections,
    );
  }

  /** Return a collection. Throws NotFoundError. */
  async get(id: string): Promise<Collection> {
    return existing((await this.transport.execute(GetCollection, { id })).node, `collection ${id}`);
  }

  /** Yield the tracks of a collection in order. Throws NotFoundError. */
  async *tracks(id: string, options: { pageSize?: number } = {}): AsyncGenerator<TrackSummary, void> {
    const variables = { id, first: options.pageSize ?? 50 };
    yield* this.pages(async (after) => {
      const { node } = await this.transport.execute(ListCollectionTracks, { ...variables, after });
      return existing(node, `collection ${id}`).tracks;
    });
  }

  /** Create a collection. */
  async create(
    name: string,
    options: Omit<CreateCollectionInput, "name" | "organizationId"> = {},
  ): Promise<Collection> {
    const input = { ...options, name, organizationId: await this.organization.id() };
    return payloadOf((await this.transport.execute(CreateCollection, { input })).result).collection;
  }

  /** Change the name, description or cover of a collection. */
  async update(id: string, changes: Omit<UpdateCollectionInput, "id">): Promise<Collection> {
    return payloadOf((await this.transport.execute(UpdateCollection, { input: { ...changes, id } })).result).collection;
  }

  /** Delete a collection. Its tracks stay. */
  async delete(id: string): Promise<void> {
    payloadOf((await this.transport.execute(DeleteCollection, { input: { id } })).result);
  }

  /** Append a track. */
  async add(collectionId: string, trackId: string): Promise<Collection> {
    const input = { collectionId, trackId };
    return payloadOf((await this.transport.execute(AddCollectionTrack, { input })).result).collection;
  }

  /** Remove a track from a collection. */
  async remove(collectionId: string, trackId: string): Promise<Collection> {
    const input = { collectionId, trackId };
    return payloadOf((await this.transport.execute(RemoveCollectionTrack, { input })).result).collection;
  }

  /** Put the tracks into the order of a list that contains each of them once. */
  async reorder(collectionId: string, trackIds: string[]): Promise<Collection> {
    const input = { id: collectionId, orderedTrackIds: trackIds };
    return payloadOf((await this.transport.execute(ReorderCollection, { input })).result).collection;
  }
}
