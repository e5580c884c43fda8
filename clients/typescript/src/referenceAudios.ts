import { payloadOf } from "./errors.js";
import {
  CreateReferenceAudio,
  DeleteReferenceAudio,
  GetReferenceAudio,
  ListReferenceAudios,
  type LicenceClass,
  type RightsBasis,
} from "./operations.js";
import type { ReferenceAudio } from "./models.js";
import { Resource, existing } from "./resource.js";

/** Recordings that you upload to make tracks from them, each with a declaration of rights. */
export class ReferenceAudios extends Resource {
  /**
   * Declare why you may use a recording, and upload its file: MP3, FLAC, WAV or Ogg. "LICENSED" requires a `statement`:
   * which licence, from whom; its `licenceClass` is what it permits for tracks that are made from the recording.
   */
  async upload(
    name: string,
    file: Blob | ArrayBuffer,
    basis: RightsBasis,
    options: { statement?: string; licenceClass?: LicenceClass; attribution?: string } = {},
  ): Promise<ReferenceAudio> {
    const input = { ...options, organizationId: await this.organization.id(), name, basis };
    const declared = payloadOf((await this.transport.execute(CreateReferenceAudio, { input })).result).referenceAudio;
    if (declared.uploadUrl) await this.transport.upload(declared.uploadUrl, file);
    return this.get(declared.id);
  }

  /** Return an upload. Throws NotFoundError. */
  async get(id: string): Promise<ReferenceAudio> {
    return existing((await this.transport.execute(GetReferenceAudio, { id })).node, `upload ${id}`);
  }

  /** Yield the uploads, newest first. Pages are requested as needed. */
  async *list(options: { pageSize?: number } = {}): AsyncGenerator<ReferenceAudio, void> {
    const variables = { organizationId: await this.organization.id(), first: options.pageSize ?? 50 };
    yield* this.pages(
      async (after) => (await this.transport.execute(ListReferenceAudios, { ...variables, after })).organization?.referenceAudios,
    );
  }

  /** Delete an upload. Tracks that were made from it remain. */
  async delete(id: string): Promise<void> {
    payloadOf((await this.transport.execute(DeleteReferenceAudio, { input: { id } })).result);
  }
}
