/** A text that is there to be copied. */

import { h } from "../app/dom.js";
import { t } from "../app/texts.js";
import { openDialog } from "./dialog.js";

/**
 * Create the field with its button and a message about the result.
 *
 * @param {string} value
 * @param {string} label
 */
export function copyField(value, label) {
  const status = h("p", { class: "quiet", role: "status" });
  const field = h("input", { type: "text", readOnly: true, value, "aria-label": label });
  const copy = async () => {
    field.select();
    // the clipboard is missing on pages without HTTPS
    const isCopied = await navigator.clipboard?.writeText(value).then(
      () => true,
      () => false,
    );
    status.textContent = t((isCopied ?? document.execCommand("copy")) ? "share.copied" : "share.notCopied");
  };
  return h("div", { class: "stack" }, h("div", { class: "row copy" }, field, h("button", { class: "button", type: "button", onclick: copy }, label)), status);
}

/**
 * Open a dialog with a secret that is shown only now.
 *
 * @param {string} title
 * @param {string} explanation
 * @param {string} secret
 */
export function openSecretDialog(title, explanation, secret) {
  openDialog(
    title,
    h("p", {}, explanation),
    copyField(secret, t("admin.copy")),
    h("div", { class: "row" }, h("button", { class: "button" }, t("admin.stored"))),
  );
}
