/** Changes of library entries: shown at once, sent to the server, and taken back if it refuses. */

import { setFavourite, tagTrack } from "../api/library.js";
import { describe, toast } from "./messages.js";
import { onTabs, postToTabs } from "./tabs.js";

const events = new EventTarget();

onTabs("entry", ({ trackId, values }) => events.dispatchEvent(new CustomEvent(trackId, { detail: values })));

/**
 * Call a function whenever an entry of this track changes anywhere in the page.
 *
 * @param {Entry} entry which receives the changes
 * @param {() => void} onChange
 * @param {AbortSignal} signal
 */
export function watchEntry(entry, onChange, signal) {
  const listener = (/** @type {Event} */ event) => {
    Object.assign(entry, /** @type {CustomEvent} */ (event).detail);
    onChange();
  };
  events.addEventListener(entry.track.id, listener, { signal });
}

/**
 * @param {Entry} entry
 * @param {boolean} [isFavourite] default: the other state
 */
export const markFavourite = (entry, isFavourite = !entry.isFavourite) =>
  change(entry, { isFavourite }, setFavourite(entry.track.id, isFavourite));

/**
 * @param {Entry} entry
 * @param {string[]} tags
 */
export const setTags = (entry, tags) => change(entry, { tags }, tagTrack(entry.track.id, tags));

/**
 * @param {Entry} entry
 * @param {Partial<Entry>} values
 * @param {Promise<unknown>} request
 */
async function change(entry, values, request) {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, entry[/** @type {keyof Entry} */ (name)]]));
  const show = (/** @type {Partial<Entry>} */ detail) => {
    Object.assign(entry, detail);
    events.dispatchEvent(new CustomEvent(entry.track.id, { detail }));
    postToTabs("entry", { trackId: entry.track.id, values: detail });
  };
  show(values);
  try {
    await request;
  } catch (error) {
    show(before);
    toast(describe(error));
  }
}
