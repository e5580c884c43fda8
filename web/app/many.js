/** Requests for many tracks, one after another and not faster than the rate limit allows. */

import { ApiError } from "../api/graphql.js";
import { describe, toast } from "./messages.js";

/**
 * Run a request for each item. Return the items for which it succeeded; the first refusal is told in a notice.
 *
 * @template Item
 * @param {Item[]} items
 * @param {(item: Item) => Promise<unknown>} run
 */
export async function forEach(items, run) {
  /** @type {Item[]} */
  const done = [];
  /** @type {unknown} */
  let problem;
  for (const item of items) {
    try {
      await patiently(() => run(item));
      done.push(item);
    } catch (error) {
      problem ??= error;
    }
  }
  if (problem) toast(describe(problem));
  return done;
}

/**
 * Run a request, and again when the rate limit allows it.
 *
 * @template Result
 * @param {() => Promise<Result>} run
 */
export async function patiently(run) {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "RATE_LIMIT_EXCEEDED") throw error;
      await new Promise((resolve) => setTimeout(resolve, 1_000 * (error.retryAfterSeconds ?? 1)));
    }
  }
}
