import { ExportFailedError, payloadOf } from "./errors.js";
import {
  CreateExport,
  FavouriteTrack,
  GetExport,
  ListLibrary,
  SaveTrack,
  TagTrack,
  UnsaveTrack,
  type LibraryFilter,
  type LibrarySort,
  type SortDirection,
} from "./operations.js";
import type { Export, LibraryEntry } from "./models.js";
import { Resource, existing } from "./resource.js";
import { sleep } from "./transport.js";

/** Time between two questions whether an export is ready. */
const EXPORT_SECONDS = 1;

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

  /**
   * Request a ZIP archive of tracks that you made, or of everything you have, and return the response, whose body is
   * the archive. Throws ExportFailedError if the server cannot make it, ConflictError while it makes another for you.
   */
  async export(trackIds?: string[], onUpdate?: (state: Export) => void): Promise<Response> {
    const input = { organizationId: await this.organization.id(), trackIds: trackIds ?? null };
    let { export: state } = payloadOf((await this.transport.execute(CreateExport, { input })).result);
    while (state.status === "QUEUED" || state.status === "RUNNING") {
      onUpdate?.(state);
      await sleep(EXPORT_SECONDS);
      state = existing((await this.transport.execute(GetExport, { id: state.id })).node, `export ${state.id}`);
    }
    const response = state.url ? await this.transport.fetch(state.url) : undefined;
    if (!response?.ok) throw new ExportFailedError(`The export ${state.id} failed.`);
    return response;
  }
}
