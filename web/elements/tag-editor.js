/** The tags of a track in the library: each can be removed, and others added. */

import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { setTags, watchEntry } from "../app/library-changes.js";
import { t } from "../app/texts.js";

const MAX_TAGS = 20;
const MAX_CHARACTERS = 64;

/**
 * Create the editor.
 *
 * @param {Entry} entry
 * @param {AbortSignal} signal
 */
export function tagEditor(entry, signal) {
  const list = h("ul", { class: "chips", role: "list" });
  const label = t("track.addTag");
  const field = h("input", { type: "text", maxLength: MAX_CHARACTERS, placeholder: label, "aria-label": label });
  const tags = () => entry.tags ?? [];
  const remove = (/** @type {string} */ tag) => {
    void setTags(entry, tags().filter((each) => each !== tag));
    field.focus();
  };
  const chip = (/** @type {string} */ tag) => {
    const properties = { class: "chip", type: "button", "aria-label": t("track.removeTag", { tag }), onclick: () => remove(tag) };
    return h("li", {}, h("button", properties, tag, icon(icons.close)));
  };
  const show = () => {
    render(list, tags().map(chip));
    field.hidden = tags().length >= MAX_TAGS;
  };
  const add = (/** @type {Event} */ event) => {
    event.preventDefault();
    const tag = field.value.trim();
    field.value = "";
    if (tag && !tags().includes(tag)) void setTags(entry, [...tags(), tag]);
  };
  show();
  watchEntry(entry, show, signal);
  return h("form", { class: "tags", onsubmit: add }, list, field);
}
