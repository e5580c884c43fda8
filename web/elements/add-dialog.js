/** Adds tracks to a collection. */

import { addToCollection, loadCollections } from "../api/collections.js";
import { icons } from "../app/icons.js";
import { forEach } from "../app/many.js";
import { describe, toast } from "../app/messages.js";
import { go } from "../app/router.js";
import { number, t } from "../app/texts.js";
import { openCollectionDialog } from "./collection-dialog.js";
import { openMenu } from "./menu.js";

const MAX_COLLECTIONS = 100;

/**
 * Open a menu of the collections.
 *
 * @param {string[]} ids of the tracks
 * @param {string} label what is added
 */
export async function openAddDialog(ids, label) {
  const add = async (/** @type {{ id: string, name: string }} */ { id, name }) => {
    const { length } = await forEach(ids, (trackId) => addToCollection(id, trackId));
    const text = t(length === 1 ? "collections.added.one" : "collections.added", { name, count: number(length) });
    if (length) toast(text, { label: t("collections.open"), run: () => go(`/collections/${id}`) });
  };
  try {
    const { items } = await loadCollections({ first: MAX_COLLECTIONS });
    openMenu(t("collections.addTo", { label }), [
      { shape: icons.add, label: t("collections.new"), run: () => openCollectionDialog(null, add) },
      ...items.map((each) => ({ shape: icons.collection, label: each.name, run: () => void add(each) })),
    ]);
  } catch (error) {
    toast(describe(error));
  }
}
