/** Remembers settings in the browser; without storage, as in some private windows, for as long as the page is open. */

/** @type {Map<string, string>} */
const memory = new Map();

/** Keys of the tab: the address of a share page to return to after signing in, and the link whose track is to be saved. */
export const RETURN = "return";
export const SAVE = "save";

/** @param {boolean} isOfTab */
const storage = (isOfTab) => (isOfTab ? sessionStorage : localStorage);

/**
 * @param {string} key
 * @param {boolean} [isOfTab] whether each tab has a value of its own, until it is closed
 */
export function recall(key, isOfTab = false) {
  try {
    return storage(isOfTab).getItem(key) ?? memory.get(key) ?? null;
  } catch {
    return memory.get(key) ?? null;
  }
}

/**
 * @param {string} key
 * @param {string | null} value null forgets it
 * @param {boolean} [isOfTab]
 */
export function remember(key, value, isOfTab = false) {
  memory.delete(key);
  try {
    if (value === null) storage(isOfTab).removeItem(key);
    else storage(isOfTab).setItem(key, value);
  } catch {
    if (value !== null) memory.set(key, value);
  }
}
