/** A dialog that does something when it is submitted, and stays open with the reason if that was refused. */

import { h } from "../app/dom.js";
import { describe } from "../app/messages.js";
import { t } from "../app/texts.js";
import { openDialog } from "./dialog.js";

/**
 * Open the dialog. It closes when `run` has ended.
 *
 * @param {string} title
 * @param {Child} content
 * @param {string} label of the button that submits
 * @param {() => Promise<unknown>} run
 */
export function openFormDialog(title, content, label, run) {
  const problem = h("p", { role: "alert" });
  const submit = h("button", { class: "button primary" }, label);
  const cancel = h("button", { class: "button", formNoValidate: true, value: "cancel" }, t("dialog.cancel"));
  const { dialog, form } = openDialog(title, content, problem, h("div", { class: "row" }, submit, cancel));
  form.addEventListener("submit", async (event) => {
    if (event.submitter === cancel) return;
    event.preventDefault();
    submit.disabled = true;
    try {
      await run();
      dialog.close();
    } catch (error) {
      problem.textContent = describe(error);
      submit.disabled = false;
    }
  });
}

/**
 * Create a button whose action has to be confirmed.
 *
 * @param {string} label
 * @param {string} name what it acts on
 * @param {string} explanation what it does
 * @param {() => Promise<unknown>} run
 */
export function actionButton(label, name, explanation, run) {
  const title = `${label}: ${name}`;
  const open = () => openFormDialog(title, h("p", {}, explanation), label, run);
  return h("button", { class: "button", type: "button", "aria-label": title, onclick: open }, label);
}
