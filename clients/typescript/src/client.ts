import { Account } from "./account.js";
import { Collections } from "./collections.js";
import { Focus } from "./focus.js";
import { Generations } from "./generations.js";
import { Library } from "./library.js";
import { ReferenceAudios } from "./referenceAudios.js";
import { Organization } from "./resource.js";
import { Shares } from "./shares.js";
import { Tracks } from "./tracks.js";
import { Transport } from "./transport.js";
import { Webhooks } from "./webhooks.js";

export type Options = {
  /** URL of the server, with its sub-path if there is one. */
  url?: string | undefined;
  /** Without an API key, only what is public can be read. */
  apiKey?: string | undefined;
  /** The organization to work for; by default the first one of the key. */
  organizationId?: string;
  /** Timeout of a query or mutation; 30 by default. */
  timeoutSeconds?: number;
  /** How often a request is repeated that the rate limit rejected; 2 by default. */
  retries?: number;
  /** Replaces the global fetch, such as for a proxy or cookies. */
  fetch?: typeof fetch;
};

/** A connection to a Music Studio server. All methods throw a subclass of StudioError. */
export class MusicStudio {
  readonly generations: Generations;
  readonly tracks: Tracks;
  readonly referenceAudios: ReferenceAudios;
  readonly library: Library;
  readonly collections: Collections;
  readonly shares: Shares;
  readonly focus: Focus;
  readonly account: Account;
  readonly webhooks: Webhooks;
  readonly #transport: Transport;

  constructor(options: Options = {}) {
    const { url = "http://127.0.0.1:8080", apiKey, organizationId, timeoutSeconds = 30, retries = 2 } = options;
    // the global function must not be called as a method
    const call: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#transport = new Transport({ url: url.replace(/\/+$/, ""), apiKey, fetch: call, timeoutSeconds, retries });
    const common = [this.#transport, new Organization(this.#transport, organizationId)] as const;
    this.generations = new Generations(...common);
    this.tracks = new Tracks(...common);
    this.referenceAudios = new ReferenceAudios(...common);
    this.library = new Library(...common);
    this.collections = new Collections(...common);
    this.shares = new Shares(...common);
    this.focus = new Focus(...common);
    this.account = new Account(...common);
    this.webhooks = new Webhooks(...common);
  }

  /** End all subscriptions. */
  close(): void {
    this.#transport.close();
  }
}
