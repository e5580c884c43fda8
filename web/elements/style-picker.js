/** Styles as chips: those of the engine, found by typing, and words of one's own. The first one decides. */

import { loadStyles } from "../api/prompts.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { describe } from "../app/messages.js";
import { number, t } from "../app/texts.js";

const MAX_STYLES = 20;
const MAX_CHARACTERS = 64;

/** @param {string} text */
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * Create the field. Its keys: up and down go through the list, Enter chooses, Backspace removes the last style.
 *
 * @param {string} engine its key
 * @param {string[]} initial
 * @param {() => void} onChange
 * @param {AbortSignal} signal
 */
export function stylePicker(engine, initial, onChange, signal) {
  /** @type {Awaited<ReturnType<typeof loadStyles>>} */
  let styles = [];
  let chosen = initial;
  let active = -1;
  /** By folded name, what is heard instead of a style that does not combine with the first one. @type {Map<string, string>} */
  let replaced = new Map();

  const field = h("input", {
    type: "text",
    maxLength: MAX_CHARACTERS,
    autocomplete: "off",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": "styles",
    "aria-autocomplete": "list",
    placeholder: t("create.findStyle"),
  });
  const selected = h("ul", { class: "tags", role: "list" });
  const list = h("div", { class: "chips", id: "styles", role: "listbox", "aria-multiselectable": "true", "aria-label": t("create.styles") });

  const matches = () => {
    const query = fold(field.value.trim());
    const found = styles.filter((style) => [style.name, ...style.keywords, ...style.moods].some((word) => fold(word).includes(query)));
    const names = found
      .map(({ name }) => name)
      .sort((one, other) => Number(fold(other).startsWith(query)) - Number(fold(one).startsWith(query)));
    const isKnown = !query || names.some((name) => fold(name) === query);
    return isKnown ? names : [...names, field.value.trim()];
  };

  const toggle = (/** @type {string} */ name) => {
    chosen = chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name].slice(0, MAX_STYLES);
    field.value = "";
    active = -1;
    show();
    onChange();
    field.focus();
  };

  const chip = (/** @type {string} */ name) => {
    const style = styles.find((each) => each.name === name);
    const given = replaced.get(fold(name));
    const facts = given ? t("reading.instead", { given }) : style && t("reading.tempo", { tempo: `${number(style.minTempoBpm)}–${number(style.maxTempoBpm)}` });
    const properties = { class: given ? "chip warning" : "chip", type: "button", "aria-label": t("create.removeStyle", { name: facts ? `${name} ${facts}` : name }) };
    return h("li", {}, h("button", { ...properties, onclick: () => toggle(name) }, name, " ", h("span", { class: "quiet" }, facts), icon(icons.close)));
  };
  const option = (/** @type {string} */ name, /** @type {number} */ place) => {
    const label = styles.some((style) => style.name === name) ? name : t("create.ownStyle", { name });
    const properties = { class: "chip", id: `style-${place}`, role: "option", "aria-selected": String(chosen.includes(name)), onclick: () => toggle(name) };
    return h("div", properties, label);
  };
  const show = () => {
    render(selected, chosen.map(chip));
    selected.hidden = !chosen.length;
    render(list, matches().map(option));
    activate(active);
  };
  const activate = (/** @type {number} */ place) => {
    list.children[active]?.classList.remove("active");
    active = Math.min(place, list.childElementCount - 1);
    const element = list.children[active];
    element?.classList.add("active");
    element?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", element?.id ?? "");
  };

  field.addEventListener("input", (event) => {
    event.stopPropagation(); // the prompt has not changed
    active = field.value.trim() ? 0 : -1;
    show();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") activate(active + 1);
    else if (event.key === "ArrowUp") activate(Math.max(active - 1, 0));
    else if (event.key === "Enter") {
      if (list.children[active]) toggle(matches()[active]);
    } else if (event.key === "Backspace" && !field.value && chosen.length) toggle(chosen[chosen.length - 1]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus

  loadStyles(engine, signal).then(
    (found) => {
      styles = found;
      show();
    },
    (error) => signal.aborted || render(list, h("p", { class: "quiet" }, describe(error))),
  );
  show();
  const hint = h("span", { class: "hint" }, t("create.stylesHint"));
  return {
    element: h("div", { class: "styles" }, h("label", {}, t("create.styles"), field, hint), selected, list),
    values: () => chosen,
    /** @param {{ asked: string, given: string }[]} approximated */
    explain: (approximated) => {
      replaced = new Map(approximated.map(({ asked, given }) => [fold(asked), given]));
      render(selected, chosen.map(chip));
    },
  };
}
