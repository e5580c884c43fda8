/** Asks for the new title of a track. */

import { renameTrack } from "../api/tracks.js";
import { h } from "../app/dom.js";
import { describe } from "../app/messages.js";
import { t } from "../app/texts.js";
import { openDialog } from "./dialog.js";

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
  const problem = h("p", { role: "alert" });
  const save = h("button", { class: "button primary" }, t("track.save"));
  const { dialog, form } = openDialog(
    t("track.rename"),
    h("label", {}, t("track.title"), field),
    problem,
    h("div", { class: "row" }, save, h("button", { class: "button", formNoValidate: true, value: "cancel" }, t("dialog.cancel"))),
  );
  field.select();
  form.addEventListener("submit", async (event) => {
    if (/** @type {HTMLButtonElement} */ (event.submitter)?.value === "cancel") return;
    event.preventDefault();
    save.disabled = true;
    try {
      await renameTrack(id, field.value.trim());
      onRenamed(field.value.trim());
      dialog.close();
    } catch (error) {
      problem.textContent = describe(error);
      save.disabled = false;
    }
  });
}
