/** Creates or edits a collection. */

import { createCollection, updateCollection } from "../api/collections.js";
import { h } from "../app/dom.js";
import { t } from "../app/texts.js";
import { openFormDialog } from "./form-dialog.js";

/**
 * Open the dialog for a collection, or for a new one.
 *
 * @param {{ id: string, name: string, description: string | null } | null} collection
 * @param {(collection: { id: string, name: string, description: string }) => void} onSaved
 */
export function openCollectionDialog(collection, onSaved) {
  const name = h("input", { type: "text", required: true, maxLength: 512, value: collection?.name ?? "" });
  const description = h("textarea", { maxLength: 5000, rows: 3, value: collection?.description ?? "" });
  const fields = [h("label", {}, t("collections.name"), name), h("label", {}, t("collections.description"), description)];
  const title = t(collection ? "collections.edit" : "collections.new");
  openFormDialog(title, fields, t(collection ? "track.save" : "collections.create"), async () => {
    const values = { name: name.value.trim(), description: description.value.trim() };
    if (collection) await updateCollection(collection.id, values);
    onSaved({ id: collection?.id ?? (await createCollection(values)).id, ...values });
  });
  name.select();
}
