import { payloadOf } from "./errors.js";
import {
  FavouriteTrack,
  ListLibrary,
  SaveTrack,
  TagTrack,
  UnsaveTrack,
  type LibraryFilter,
  type LibrarySort,
  type SortDirection,
} from "./operations.js";
import type { LibraryEntry } from "./models.js";
import { Resource } from "./resource.js";

/** The tracks you keep. */
export class Library extends Resource {
  /** Yield entries that match a query (title, tags, prompt) and a filter. Pages are requested as needed. */
  async *list(
    options: {
      query?: string;
      filter?: LibraryFilter;
      sort?: LibrarySort;
      direction?: SortDirection;
      pageSize?: number;
    } = {},
  ): AsyncGenerator<LibraryEntry, void> {
    const { pageSize: first = 50, ...conditions } = options;
    const variables = { organizationId: await this.organization.id(), first, ...conditions };
    yield* this.pages(
      async (after) => (await this.transport.execute(ListLibrary, { ...variables, after })).organization?.library,
    );
  }

  /** Keep a track in the library. */
  async save(trackId: string): Promise<LibraryEntry> {
    return payloadOf((await this.transport.execute(SaveTrack, { input: { id: trackId } })).result).entry;
  }

  /** Take a track out of the library. The track stays readable. */
  async remove(trackId: string): Promise<void> {
    payloadOf((await this.transport.execute(UnsaveTrack, { input: { id: trackId } })).result);
  }

  /** Replace the tags of a track in the library. */
  async tag(trackId: string, tags: string[]): Promise<LibraryEntry> {
    return payloadOf((await this.transport.execute(TagTrack, { input: { id: trackId, tags } })).result).entry;
  }

  /** Mark a track in the library as a favourite, or not. */
  async favour(trackId: string, isFavourite = true): Promise<LibraryEntry> {
    const input = { id: trackId, isFavourite };
    return payloadOf((await this.transport.execute(FavouriteTrack, { input })).result).entry;
  }
}
