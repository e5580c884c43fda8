/** Creates a share link and copies it. */

import { shareTrack } from "../api/tracks.js";
import { h, render } from "../app/dom.js";
import { describe } from "../app/messages.js";
import { t } from "../app/texts.js";

/**
 * Open the dialog.
 *
 * @param {any} track
 */
export function openShareDialog(track) {
  const result = h("div", { class: "row", "aria-live": "polite" });
  const create = h("button", { class: "button primary", type: "button" }, t("share.create"));
  create.addEventListener("click", async () => {
    create.disabled = true;
    try {
      const url = await shareTrack(track.id);
      const field = h("input", { type: "text", readOnly: true, value: url, "aria-label": t("share.copy") });
      const copy = h("button", { class: "button", type: "button" }, t("share.copy"));
      copy.addEventListener("click", async () => {
        field.select();
        await navigator.clipboard?.writeText(url);
        copy.textContent = t("share.copied");
      });
      render(result, field, copy);
      create.remove();
      field.select();
    } catch (error) {
      render(result, h("p", { role: "alert" }, describe(error)));
      create.disabled = false;
    }
  });
  const dialog = h(
    "dialog",
    { "aria-labelledby": "share-title", onclose: () => dialog.remove() },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "share-title" }, t("share.title", { title: track.title ?? t("track.untitled") })),
      h("p", { class: "quiet" }, t("share.explain")),
      result,
      h("div", { class: "row" }, create, h("button", { class: "button" }, t("share.close"))),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}
