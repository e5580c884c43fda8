/** The selection of tracks in a list, and the commands for it. */

import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { number, t } from "../app/texts.js";
import { runCommand, titleOf } from "../app/track-commands.js";

const COMMANDS = /** @type {const} */ ([
  ["favourite", "tracks.favourite", icons.favourite],
  ["tag", "tracks.tag", icons.tag],
  ["add", "tracks.collect", icons.collection],
  ["queue", "tracks.addToQueue", icons.queue],
  ["download", "download.label", icons.download],
  ["delete", "track.delete", icons.trash],
]);

export class Selection {
  /** The selected entries by their ids. @type {Map<string, SavedEntry>} */
  #entries = new Map();
  #anchor = -1;

  /**
   * @param {import("./virtual-list.js").VirtualList} list
   * @param {(index: number) => SavedEntry | undefined} entryOf returns undefined for an entry that is not loaded
   * @param {AbortSignal} signal
   */
  constructor(list, entryOf, signal) {
    this.list = list;
    this.entryOf = entryOf;
    this.bar = h("div", { class: "selection", role: "toolbar", "aria-label": t("select.label"), hidden: true });
    list.element.addEventListener("trackcommand", (event) => this.#onCommand(/** @type {CustomEvent<string>} */ (event)));
    // the heading has the focus after the screen was opened: commands are for the selection then
    addEventListener(
      "trackcommand",
      (event) => {
        if (event.defaultPrevented || !this.#entries.size) return;
        event.preventDefault();
        this.#run(/** @type {CustomEvent<string>} */ (event).detail, [...this.#entries.values()]);
      },
      { signal },
    );
    addEventListener(
      "keydown",
      (event) => {
        if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) this.clear();
      },
      { signal },
    );
  }

  /**
   * Create the checkbox of an entry.
   *
   * @param {SavedEntry} entry
   */
  checkbox(entry) {
    const field = h("input", {
      type: "checkbox",
      class: "select",
      checked: this.#entries.has(entry.id),
      "aria-label": t("select.track", { title: titleOf(entry.track) }),
      dataset: { entry: entry.id },
    });
    field.addEventListener("click", (event) => {
      const index = this.list.indexOf(field);
      if (event.shiftKey && this.#anchor >= 0) this.#selectRange(this.#anchor, index, field.checked);
      else this.#set(entry, field.checked);
      this.#anchor = index;
      this.#show();
    });
    return field;
  }

  /**
   * Return the action of a menu that selects an entry, as is needed without a mouse and keys.
   *
   * @param {SavedEntry} entry
   */
  action(entry) {
    const run = () => {
      this.#set(entry, true);
      this.#show();
    };
    return { shape: icons.check, label: t("shortcuts.select"), run };
  }

  clear() {
    this.#entries.clear();
    this.#anchor = -1;
    this.#show();
  }

  /**
   * @param {number} from
   * @param {number} to
   * @param {boolean} isSelected
   */
  #selectRange(from, to, isSelected) {
    for (let index = Math.min(from, to); index <= Math.max(from, to); index += 1) {
      const entry = this.entryOf(index);
      if (entry) this.#set(entry, isSelected);
    }
  }

  /**
   * @param {SavedEntry} entry
   * @param {boolean} isSelected
   */
  #set(entry, isSelected) {
    if (isSelected) this.#entries.set(entry.id, entry);
    else this.#entries.delete(entry.id);
  }

  #show() {
    const { size } = this.#entries;
    const { element } = this.list;
    element.classList.toggle("selecting", size > 0);
    for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (element.querySelectorAll("input.select"))) {
      field.checked = this.#entries.has(field.dataset.entry ?? "");
      field.closest("li")?.classList.toggle("selected", field.checked);
    }
    const wasHidden = this.bar.hidden;
    this.bar.hidden = !size;
    if (!size) return;
    if (wasHidden) render(this.bar, h("span", { class: "number", role: "status" }), COMMANDS.map(this.#button), this.#close());
    /** @type {HTMLElement} */ (this.bar.firstElementChild).textContent = t("select.count", { count: number(size) });
  }

  #button = (/** @type {typeof COMMANDS[number]} */ [name, label, shape]) =>
    h(
      "button",
      { class: "icon-button", type: "button", "aria-label": t(label), title: t(label), onclick: () => this.#run(name, [...this.#entries.values()]) },
      icon(shape),
    );

  #close() {
    return h("button", { class: "icon-button", type: "button", "aria-label": t("select.clear"), onclick: () => this.clear() }, icon(icons.close));
  }

  /** @param {CustomEvent<string>} event */
  #onCommand(event) {
    const index = this.list.indexOf(event.target);
    const entry = this.entryOf(index);
    if (!entry) return;
    event.preventDefault();
    if (event.detail === "select") {
      this.#set(entry, !this.#entries.has(entry.id));
      this.#anchor = index;
      this.#show();
    } else this.#run(event.detail, this.#entries.size ? [...this.#entries.values()] : [entry]);
  }

  /**
   * @param {string} name
   * @param {SavedEntry[]} entries
   */
  #run(name, entries) {
    runCommand(name, entries);
    if (name === "delete") this.clear();
  }
}
