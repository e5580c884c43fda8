/** What was deleted here. The server deletes it when the time to undo is over. */

import { Store } from "./events.js";
import { forEach } from "./many.js";
import { toast } from "./messages.js";
import { removeFromQueue } from "./play-queue.js";
import * as player from "./player.js";
import { onTabs, postToTabs } from "./tabs.js";
import { t } from "./texts.js";

/** Ids of tracks and collections that lists do not show any more. */
export const deleted = new Store(/** @type {Set<string>} */ (new Set()));

/** Deletions that the server does not know of yet, by id. @type {Map<string, () => Promise<unknown>>} */
const pending = new Map();

/**
 * Call a function when something was deleted, or another one when that was undone.
 *
 * @param {() => void} onDelete
 * @param {() => void} onRestore
 * @param {AbortSignal} signal
 */
export function watchDeleted(onDelete, onRestore, signal) {
  let known = deleted.value;
  deleted.watch((gone) => {
    const isRestored = [...known].some((id) => !gone.has(id));
    const isDeleted = gone.size > known.size;
    known = gone;
    if (isRestored) onRestore();
    else if (isDeleted) onDelete();
  }, signal);
}

/**
 * Delete objects when the time to undo is over.
 *
 * @param {Map<string, () => Promise<unknown>>} requests by id
 * @param {string} text of the notice
 * @param {() => void} [onUndo]
 */
export function deleteLater(requests, text, onUndo) {
  const ids = [...requests.keys()];
  for (const [id, request] of requests) pending.set(id, request);
  hide(ids);
  postToTabs("deleted", ids);
  const undo = () => {
    for (const id of ids) pending.delete(id);
    restore(ids);
    onUndo?.();
  };
  toast(text, { label: t("track.undo"), run: undo, expire: () => void send(ids) });
}

/** Delete now what is waiting, as before signing out or closing the page. */
export const deletePending = () => Promise.all([...pending.keys()].map((id) => send([id])));

addEventListener("pagehide", () => void deletePending());

/** @param {string[]} ids */
async function send(ids) {
  const requests = ids.filter((id) => pending.has(id)).map((id) => ({ id, request: pending.get(id) }));
  for (const id of ids) pending.delete(id);
  const done = await forEach(requests, async ({ request }) => request?.());
  const failed = requests.filter((each) => !done.includes(each)).map(({ id }) => id);
  if (failed.length) restore(failed);
}

/** @param {string[]} ids */
function hide(ids) {
  deleted.set(new Set([...deleted.value, ...ids]));
  if (ids.includes(player.current.value?.id ?? "")) player.clear();
  removeFromQueue(ids);
}

/** @param {string[]} ids */
function show(ids) {
  deleted.set(new Set([...deleted.value].filter((id) => !ids.includes(id))));
}

/** @param {string[]} ids */
function restore(ids) {
  show(ids);
  postToTabs("restored", ids);
}

onTabs("deleted", hide);
onTabs("restored", show);
