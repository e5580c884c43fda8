/** Adds tracks to a collection. */

import { addToCollection, loadCollections } from "../api/collections.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { forEach } from "../app/many.js";
import { describe, toast } from "../app/messages.js";
import { go } from "../app/router.js";
import { number, t } from "../app/texts.js";
import { openCollectionDialog } from "./collection-dialog.js";
import { openDialog } from "./dialog.js";

const MAX_COLLECTIONS = 100;

/**
 * Open the dialog.
 *
 * @param {string[]} ids of the tracks
 * @param {string} label what is added
 */
export function openAddDialog(ids, label) {
  /** @type {(() => void) | undefined} */
  let chosen;
  const add = async (/** @type {{ id: string, name: string }} */ { id, name }) => {
    const added = await forEach(ids, (trackId) => addToCollection(id, trackId));
    if (!added.length) return;
    const values = { name, count: number(added.length) };
    toast(t(added.length === 1 ? "collections.added.one" : "collections.added", values), {
      label: t("collections.open"),
      run: () => go(`/collections/${id}`),
    });
  };
  const list = h("ul", { class: "menu", role: "list" });
  const status = h("p", { class: "quiet", role: "status" }, t("app.loading"));
  const closed = new AbortController();
  const item = (/** @type {string} */ shape, /** @type {string} */ name, /** @type {string} */ hint, /** @type {() => void} */ run) =>
    h(
      "li",
      {},
      h(
        "button",
        { class: "menu-item", onclick: () => (chosen = run) },
        icon(shape),
        h("span", {}, name),
        h("span", { class: "quiet number" }, hint),
      ),
    );
  const { dialog } = openDialog(
    t("collections.addTo"),
    h("p", { class: "quiet" }, label),
    h("ul", { class: "menu", role: "list" }, item(icons.add, t("collections.new"), "", () => openCollectionDialog(null, add))),
    list,
    status,
    h("div", { class: "row" }, h("button", { class: "button" }, t("dialog.cancel"))),
  );
  dialog.addEventListener("close", () => {
    closed.abort();
    chosen?.();
  });
  loadCollections({ first: MAX_COLLECTIONS }, closed.signal)
    .then(({ items }) => {
      status.textContent = "";
      render(list, items.map((each) => item(icons.collection, each.name, number(each.trackCount), () => void add(each))));
    })
    .catch((error) => (status.textContent = describe(error)));
}
