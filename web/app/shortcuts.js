/** Keyboard shortcuts, and the list of them. */

import { h } from "./dom.js";
import * as player from "./player.js";
import { t } from "./texts.js";

/**
 * @typedef {object} Shortcut
 * @property {string} keys a key, or two keys in sequence
 * @property {Parameters<typeof t>[0]} text
 * @property {() => void} run
 */

const SEQUENCE_MS = 1_000;

/** @param {(path: string) => void} go */
export function installShortcuts(go) {
  /** @type {Shortcut[]} */
  const shortcuts = [
    { keys: " ", text: "shortcuts.play", run: player.toggle },
    { keys: "j", text: "shortcuts.next", run: () => player.skip(1) },
    { keys: "k", text: "shortcuts.previous", run: () => player.skip(-1) },
    { keys: "m", text: "shortcuts.mute", run: player.toggleMute },
    { keys: "n", text: "shortcuts.create", run: () => go("/") },
    { keys: "/", text: "shortcuts.search", run: () => go("/library") },
    { keys: "g c", text: "shortcuts.goCreate", run: () => go("/") },
    { keys: "g l", text: "shortcuts.goLibrary", run: () => go("/library") },
    { keys: "?", text: "shortcuts.help", run: () => showList(shortcuts) },
  ];
  let previous = "";
  let pressedAt = 0;
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const isTyping = target.matches("input:not([type=range]), textarea, select, [contenteditable]");
    if (isTyping || event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
    // Space activates a focused button
    if (event.key === " " && target.matches("button, a, summary")) return;
    const isSequence = performance.now() - pressedAt < SEQUENCE_MS;
    const found =
      (isSequence && shortcuts.find(({ keys }) => keys === `${previous} ${event.key}`)) ||
      shortcuts.find(({ keys }) => keys === event.key);
    previous = event.key;
    pressedAt = performance.now();
    if (!found) return;
    event.preventDefault();
    found.run();
  });
}

/** @param {Shortcut[]} shortcuts */
function showList(shortcuts) {
  const rows = shortcuts.map(({ keys, text }) =>
    h("tr", {}, h("th", { scope: "row" }, t(text)), h("td", {}, h("kbd", {}, keys === " " ? "Space" : keys))),
  );
  const dialog = h(
    "dialog",
    { "aria-labelledby": "shortcuts-title", onclose: () => dialog.remove() },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "shortcuts-title" }, t("shortcuts.title")),
      h("table", {}, h("tbody", {}, rows)),
      h("button", { class: "button" }, t("shortcuts.close")),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}
