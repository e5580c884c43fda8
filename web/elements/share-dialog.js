/** Creates a share link and copies it. */

import { shareTrack } from "../api/tracks.js";
import { h, render } from "../app/dom.js";
import { describe } from "../app/messages.js";
import { t } from "../app/texts.js";
import { copyField } from "./copy-field.js";
import { openDialog } from "./dialog.js";

/**
 * Open the dialog.
 *
 * @param {string} id
 * @param {string} title
 * @param {(id: string) => Promise<string>} [share] creates the link
 */
export function openShareDialog(id, title, share = shareTrack) {
  const result = h("div");
  const status = h("p", { class: "quiet", role: "status" });
  const create = h("button", { class: "button primary", type: "button" }, t("share.create"));
  create.addEventListener("click", async () => {
    create.disabled = true;
    try {
      render(result, copyField(await share(id), t("share.copy")));
      create.remove();
      result.querySelector("input")?.select();
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
