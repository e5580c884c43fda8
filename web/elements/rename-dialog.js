/** Asks for the new title of a track. */

import { renameTrack } from "../api/tracks.js";
import { h } from "../app/dom.js";
import { t } from "../app/texts.js";
import { openFormDialog } from "./form-dialog.js";

const MAX_CHARACTERS = 255;

/**
 * Open the dialog.
 *
 * @param {string} id
 * @param {string} title
 * @param {(title: string) => void} onRenamed
 */
export function openRenameDialog(id, title, onRenamed) {
  const field = h("input", { type: "text", required: true, maxLength: MAX_CHARACTERS, value: title });
  openFormDialog(t("track.rename"), h("label", {}, t("track.title"), field), t("track.save"), async () => {
    await renameTrack(id, field.value.trim());
    onRenamed(field.value.trim());
  });
  field.select();
}
