import { createClient, type Client, type ExecutionResult } from "graphql-sse";
import { ConnectionFailedError, StudioError, errorOf, errorOfRest, type RestError } from "./errors.js";
import type { Operation } from "./operations.js";

/** A longer wait for the rate limit is left to the caller. */
const MAX_WAIT_SECONDS = 60;
/** Pauses before the first, second … attempt in a row to subscribe again. */
const RECONNECT_SECONDS = [0.5, 1, 2, 4, 8];
const TOO_MANY_REQUESTS = 429;
/** Timeout of an upload, after which the server also decodes the file. */
const UPLOAD_SECONDS = 300;

export type TransportOptions = {
  url: string;
  apiKey: string | undefined;
  fetch: typeof fetch;
  timeoutSeconds: number;
  retries: number;
};

/** Sends queries and mutations by HTTP, and receives subscriptions as server-sent events. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #events: Client;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#events = createClient({
      url: this.#endpoint,
      headers: this.#headers,
      fetchFn: options.fetch,
      retryAttempts: 0,
    });
  }

  /** Send a query or mutation. Repeats it if the server did not execute it because of its rate limit. */
  async execute<Result, Variables>(operation: Operation<Result, Variables>, variables: Variables): Promise<Result> {
    const body = JSON.stringify({ query: operation, variables });
    const headers = { ...this.#headers, "Content-Type": "application/json", Accept: "application/json" };
    for (let attempt = 0; ; attempt++) {
      const signal = AbortSignal.timeout(this.#options.timeoutSeconds * 1000);
      const response = await this.fetch(this.#endpoint, { method: "POST", body, headers, signal });
      const waitSeconds = retryAfter(response);
      const isLast = attempt >= this.#options.retries || waitSeconds > MAX_WAIT_SECONDS;
      if (response.status !== TOO_MANY_REQUESTS || isLast) return this.#data(await this.#json(response), waitSeconds);
      await sleep(waitSeconds);
    }
  }

  /**
   * Yield the data of each event of a subscription until the server completes it. Subscribes again after an
   * interruption, with the variables that `variables` returns then.
   */
  async *subscribe<Result, Variables extends Record<string, unknown>>(
    operation: Operation<Result, Variables>,
    variables: () => Variables,
  ): AsyncGenerator<Result, void> {
    for (let failures = 0; ; ) {
      try {
        for await (const event of this.#events.iterate<Record<string, unknown>>({ query: operation, variables: variables() })) {
          yield this.#data<Result>(event, 1);
          failures = 0;
        }
        return;
      } catch (reason) {
        const error = await this.#subscriptionError(reason);
        const pause = RECONNECT_SECONDS[failures++];
        if (!(error instanceof ConnectionFailedError) || pause === undefined) throw error;
        await sleep(pause);
      }
    }
  }

  /** Call fetch; if the server does not answer, throw ConnectionFailedError. */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    try {
      return await this.#options.fetch(url, init);
    } catch (error) {
      throw new ConnectionFailedError(`The server ${new URL(url).origin} does not answer: ${detail(error)}.`, { cause: error });
    }
  }

  /** Send a file to a URL of the server. Throws the error that the server answers. */
  async upload(url: string, file: Blob | ArrayBuffer): Promise<void> {
    const headers = { ...this.#headers, "Content-Type": "application/octet-stream" };
    const signal = AbortSignal.timeout(UPLOAD_SECONDS * 1000);
    const response = await this.fetch(url, { method: "PUT", body: file, headers, signal });
    if (!response.ok) this.#data(await this.#json(response), retryAfter(response));
  }

  close(): void {
    this.#events.dispose();
  }

  get #endpoint(): string {
    return `${this.#options.url}/graphql`;
  }

  get #headers(): Record<string, string> {
    return this.#options.apiKey ? { "X-API-Key": this.#options.apiKey } : {};
  }

  #data<Result>(body: unknown, waitSeconds: number): Result {
    const { data, errors, error } = body as ExecutionResult & { error?: RestError };
    const [first] = errors ?? [];
    if (first) throw errorOf({ retryAfterSeconds: waitSeconds, message: first.message, code: "INTERNAL_ERROR", ...first.extensions });
    if (error) throw errorOfRest(error, waitSeconds);
    return data as Result;
  }

  async #json(response: Response): Promise<unknown> {
    const body: unknown = await response.json().catch(() => undefined);
    if (typeof body === "object" && body !== null && ("data" in body || "errors" in body || "error" in body)) return body;
    throw new StudioError(`${this.#options.url} is not a Music Studio server: status ${response.status} without JSON.`);
  }

  /** Return the error of the server for a subscription that ended, or ConnectionFailedError. */
  async #subscriptionError(reason: unknown): Promise<unknown> {
    if (reason instanceof StudioError) return reason;
    try {
      if (Array.isArray(reason)) this.#data({ errors: reason }, 1);
      const response = reason instanceof Error && "response" in reason ? reason.response : undefined;
      if (response instanceof Response) this.#data(await this.#json(response), retryAfter(response));
    } catch (error) {
      return error;
    }
    return new ConnectionFailedError(`The connection to ${this.#options.url} was lost: ${detail(reason)}.`, { cause: reason });
  }
}

/** Wait. */
export function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function retryAfter(response: Response): number {
  const value = response.headers.get("Retry-After") ?? "";
  return /^\d+$/.test(value) ? Number(value) : 1;
}

function detail(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message ? error.cause.message : error.message;
}
