/** Queries and mutations over HTTP. */

import { graphqlUrl } from "../app/location.js";

/**
 * Mark a text as a GraphQL document. A test validates all of them against the schema.
 *
 * @param {TemplateStringsArray} strings
 * @param {...string} fragments
 * @returns {any} an Operation, by whose name `./studio lint` checks variables and results
 */
export const gql = (strings, ...fragments) => String.raw({ raw: strings }, ...fragments);

/**
 * What an error states besides its message.
 *
 * @typedef {object} Details
 * @property {{ message: string }[]} [problems] of fields
 * @property {Api.UsageWindow} [window] of a spend cap
 * @property {string} [spentChf]
 * @property {string} [limitChf]
 * @property {string} [resetsAt]
 */

/** A request that was refused, with the code and message of the API, or that did not reach the server. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {{ code: string, details?: Details, retryAfterSeconds?: number }} properties
   */
  constructor(message, { code, details = {}, retryAfterSeconds }) {
    super(message);
    this.code = code;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Requests up to this size go on when the page is closed; browsers allow 64 KiB for all of them. */
const KEEPALIVE_CHARACTERS = 4_000;

/** Listeners of requests that were refused because nobody is signed in. */
export const onSignedOut = new EventTarget();

/**
 * Execute an operation and return its data. Throws ApiError; a mutation's refusals, too.
 *
 * @template {keyof Api.Operations} Name
 * @param {Operation<Name>} query
 * @param {Variables<Name>} [variables]
 * @param {AbortSignal} [signal]
 * @returns {Promise<Data<Name>>}
 */
export async function execute(query, variables, signal) {
  const body = JSON.stringify({ query, variables });
  let response;
  try {
    response = await fetch(graphqlUrl, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json" },
      body,
      signal,
      keepalive: body.length < KEEPALIVE_CHARACTERS,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError("", { code: "OFFLINE" });
  }
  const { data, errors = [] } = await response.json().catch((error) => {
    if (signal?.aborted) throw error;
    return { errors: [{ message: `HTTP ${response.status}`, extensions: { code: "UNREADABLE" } }] };
  });
  if (errors.length) throw toError(errors[0]);
  const refusal = Object.values(data).find((field) => field?.__typename?.endsWith("Error"));
  if (refusal) throw new ApiError(refusal.message, { code: refusal.code, details: refusal });
  return data;
}

/** @param {{ message: string, extensions?: { code?: string, retryAfterSeconds?: number } }} error */
function toError({ message, extensions = {} }) {
  const { code = "INTERNAL_ERROR", retryAfterSeconds } = extensions;
  if (code === "AUTHENTICATION_REQUIRED") onSignedOut.dispatchEvent(new Event("signedout"));
  return new ApiError(message, { code, retryAfterSeconds });
}
