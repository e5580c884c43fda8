/** A menu of actions, as a dialog. */

import { h, icon } from "../app/dom.js";
import { t } from "../app/texts.js";
import { openDialog } from "./dialog.js";

/**
 * @typedef {object} Action
 * @property {string} shape path of the icon
 * @property {string} label
 * @property {() => void} run called after the menu has closed, so that the focus is back
 */

/**
 * Open a menu.
 *
 * @param {string} title
 * @param {(Action | false | null | undefined)[]} actions
 */
export function openMenu(title, actions) {
  /** @type {(() => void) | undefined} */
  let chosen;
  const items = actions
    .filter((action) => !!action)
    .map(({ shape, label, run }) =>
      h("li", {}, h("button", { class: "menu-item", onclick: () => (chosen = run) }, icon(shape), h("span", {}, label))),
    );
  const { dialog } = openDialog(
    title,
    h("ul", { class: "menu", role: "list" }, items),
    h("div", { class: "row" }, h("button", { class: "button" }, t("dialog.close"))),
  );
  dialog.addEventListener("close", () => chosen?.());
}
