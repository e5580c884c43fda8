/** The tracks that play one after another, each once. */

import { Store } from "./events.js";

/** Ids of all tracks of the queue, those that were played before included. */
export const queue = new Store(/** @type {string[]} */ ([]));

/**
 * Replace the queue.
 *
 * @param {string[]} ids
 */
export const replaceQueue = (ids) => queue.set([...new Set(ids)]);

/**
 * Return the track after or before another one.
 *
 * @param {string | undefined} id
 * @param {1 | -1} step
 * @returns {string | undefined}
 */
export const neighbour = (id, step) => queue.value[queue.value.indexOf(id ?? "") + step];

/**
 * Add tracks to the queue, after the one that plays or at the end.
 *
 * @param {string[]} ids
 * @param {string | undefined} currentId
 * @param {boolean} [isNext]
 */
export function enqueue(ids, currentId, isNext = false) {
  const added = ids.filter((id) => id !== currentId);
  const others = queue.value.filter((id) => !added.includes(id));
  const place = isNext ? others.indexOf(currentId ?? "") + 1 : others.length;
  replaceQueue([...others.slice(0, place), ...added, ...others.slice(place)]);
}

/** @param {Iterable<string>} ids */
export function removeFromQueue(ids) {
  const removed = new Set(ids);
  queue.set(queue.value.filter((id) => !removed.has(id)));
}

/**
 * @param {number} from place in the queue
 * @param {number} to
 */
export function moveInQueue(from, to) {
  const ids = [...queue.value];
  ids.splice(to, 0, ...ids.splice(from, 1));
  queue.set(ids);
}
