/** A modal dialog that disappears when it is closed. The browser returns the focus to where it was. */

import { h } from "../app/dom.js";

/**
 * Open a dialog. Buttons in it close it, unless they have type "button" or the form's "submit" event is prevented.
 *
 * @param {string} title
 * @param {...Child} content
 */
export function openDialog(title, ...content) {
  const form = h("form", { method: "dialog" }, h("h2", { id: "dialog-title" }, title), ...content);
  const dialog = h("dialog", { "aria-labelledby": "dialog-title", onclose: () => dialog.remove() }, form);
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, form };
}
