/** Creates a share link and copies it. */

import { shareTrack } from "../api/tracks.js";
import { h, render } from "../app/dom.js";
import { describe } from "../app/messages.js";
import { t } from "../app/texts.js";
import { openDialog } from "./dialog.js";

/**
 * Open the dialog.
 *
 * @param {string} id
 * @param {string} title
 */
export function openShareDialog(id, title) {
  const result = h("div", { class: "row" });
  const status = h("p", { class: "quiet", role: "status" });
  const create = h("button", { class: "button primary", type: "button" }, t("share.create"));
  create.addEventListener("click", async () => {
    create.disabled = true;
    try {
      const field = h("input", { type: "text", readOnly: true, value: await shareTrack(id), "aria-label": t("share.copy") });
      const copy = h("button", { class: "button", type: "button" }, t("share.copy"));
      copy.addEventListener("click", async () => {
        status.textContent = t((await copyText(field)) ? "share.copied" : "share.notCopied");
      });
      render(result, field, copy);
      create.remove();
      field.focus();
      field.select();
    } catch (error) {
      status.textContent = describe(error);
      create.disabled = false;
    }
  });
  openDialog(
    t("share.title", { title }),
    h("p", { class: "quiet" }, t("share.explain")),
    result,
    status,
    h("div", { class: "row" }, create, h("button", { class: "button" }, t("dialog.close"))),
  );
}

/**
 * Copy the value of a field. Return whether that was possible: the clipboard is missing on pages without HTTPS.
 *
 * @param {HTMLInputElement} field
 */
async function copyText(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}
