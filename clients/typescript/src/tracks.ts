import { NotFoundError, payloadOf } from "./errors.js";
import { DeleteTrack, GetTrack, PrepareDownload, UpdateTrack, type DownloadFormat } from "./operations.js";
import type { Download, Track, TrackSummary } from "./models.js";
import { Resource, existing } from "./resource.js";
import { sleep } from "./transport.js";

/** Time between two questions whether a file is prepared. */
const PREPARE_SECONDS = 1;

/** Single tracks. */
export class Tracks extends Resource {
  /** Return a track with its sections, chords, report and files. Throws NotFoundError. */
  async get(id: string): Promise<Track> {
    return existing((await this.transport.execute(GetTrack, { id })).node, `track ${id}`);
  }

  /** Change the title of a track. */
  async rename(id: string, title: string): Promise<TrackSummary> {
    return payloadOf((await this.transport.execute(UpdateTrack, { input: { id, title } })).result).track;
  }

  /** Delete a track for good. Its URLs stop working at once. */
  async delete(id: string): Promise<void> {
    payloadOf((await this.transport.execute(DeleteTrack, { input: { id } })).result);
  }

  /** Return a file of a track with its URL, or have it made: then `isReady` is false, and the URL comes later. */
  async prepare(id: string, options: { format?: DownloadFormat; part?: string } = {}): Promise<Download> {
    const input = { id, format: options.format ?? "MP3", part: options.part ?? null };
    return payloadOf((await this.transport.execute(PrepareDownload, { input })).result).download;
  }

  /**
   * Request a file of a track, by default the MP3; `part` is the name of a stem. A format that is made on request, such
   * as WAV, is awaited. Returns the name of the file and the response, whose body is the file.
   */
  async download(
    id: string,
    options: { format?: DownloadFormat; part?: string } = {},
  ): Promise<{ fileName: string; mimeType: string; response: Response }> {
    for (;;) {
      const { fileName, mimeType, isReady, url } = await this.prepare(id, options);
      if (isReady && url) {
        const response = await this.transport.fetch(url);
        if (response.ok) return { fileName, mimeType, response };
        throw new NotFoundError(`${fileName} cannot be read (${response.status}).`, "RESOURCE_NOT_FOUND");
      }
      await sleep(PREPARE_SECONDS);
    }
  }
}
