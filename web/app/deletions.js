/** Tracks that were deleted here. The server deletes them when the time to undo is over. */

import { deleteTrack } from "../api/tracks.js";
import { Store } from "./events.js";
import { describe, toast } from "./messages.js";
import * as player from "./player.js";
import { t } from "./texts.js";

/** Ids of tracks that lists do not show any more. */
export const deleted = new Store(/** @type {Set<string>} */ (new Set()));

/** Ids that the server does not know of yet. @type {Set<string>} */
const pending = new Set();

/**
 * Delete a track, with a notice that can undo it.
 *
 * @param {string} id
 * @param {string} title
 * @param {() => void} onUndo
 */
export function deleteWithUndo(id, title, onUndo) {
  pending.add(id);
  deleted.set(new Set([...deleted.value, id]));
  if (player.current.value?.id === id) player.clear();
  const undo = () => {
    pending.delete(id);
    restore(id);
    onUndo();
  };
  toast(t("track.deleted", { title }), { label: t("track.undo"), run: undo, expire: () => void send(id) });
}

/** Delete now what is waiting, as before signing out or closing the page. */
export const deletePending = () => Promise.all([...pending].map(send));

addEventListener("pagehide", () => void deletePending());

/** @param {string} id */
async function send(id) {
  if (!pending.delete(id)) return;
  try {
    await deleteTrack(id);
  } catch (error) {
    restore(id);
    toast(describe(error));
  }
}

/** @param {string} id */
function restore(id) {
  deleted.set(new Set([...deleted.value].filter((each) => each !== id)));
}
