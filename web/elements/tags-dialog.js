/** Edits the tags of tracks. */

import { loadFacets } from "../api/library.js";
import { h, render } from "../app/dom.js";
import { setTags } from "../app/library-changes.js";
import { number, t } from "../app/texts.js";
import { openFormDialog } from "./form-dialog.js";

const MAX_TAGS = 20;
const SUGGESTIONS = 12;

/**
 * Open the dialog: for one track all its tags, for several the tags to add.
 *
 * @param {Entry[]} entries
 */
export function openTagsDialog(entries) {
  const isOne = entries.length === 1;
  const field = h("input", { type: "text", value: isOne ? entries[0].tags?.join(", ") : "" });
  const suggestions = h("div", { class: "chips" });
  const tags = () => field.value.split(",").map((tag) => tag.trim()).filter(Boolean);
  const suggest = (/** @type {string} */ tag) => {
    const add = () => {
      field.value = [...new Set([...tags(), tag])].join(", ");
      field.focus();
    };
    return h("button", { class: "chip", type: "button", onclick: add }, tag);
  };
  loadFacets()
    .then((facets) => render(suggestions, facets?.tags.slice(0, SUGGESTIONS).map(({ value }) => suggest(value))))
    .catch(() => {}); // the field needs no suggestions
  const title = isOne ? t("tracks.tag") : t("tracks.tagMany", { count: number(entries.length) });
  const label = h("label", {}, t(isOne ? "tags.label" : "tags.add"), field, h("span", { class: "hint" }, t("create.listHint")));
  openFormDialog(title, [label, suggestions], t("track.save"), async () => {
    for (const entry of entries) {
      const wanted = isOne ? tags() : [...(entry.tags ?? []), ...tags()];
      void setTags(entry, [...new Set(wanted)].slice(0, MAX_TAGS));
    }
  });
  field.focus();
}
