/** Keyboard shortcuts, and the list of them. */

import { openDialog } from "../elements/dialog.js";
import { h } from "./dom.js";
import { watchEntry } from "./library-changes.js";
import { toast } from "./messages.js";
import * as player from "./player.js";
import { viewer } from "./session.js";
import { recall, remember } from "./storage.js";
import { t } from "./texts.js";
import { runCommand, titleOf } from "./track-commands.js";

/**
 * @typedef {object} Shortcut
 * @property {string} keys a key, or two keys in sequence
 * @property {Parameters<typeof t>[0]} text
 * @property {() => void} run
 */

/** Names of keys that differ from their labels. @type {Record<string, string>} */
const NAMES = { " ": t("shortcuts.space"), Escape: "Esc" };
const SEQUENCE_MS = 1_000;
/** Where it is remembered that the shortcuts are off, as people need who speak to their computer. */
const OFF = "shortcuts-off";

/** @type {Shortcut[]} */
let shortcuts = [];

/** @param {(path: string) => void} go */
export function installShortcuts(go) {
  const search = () => {
    const focus = () => /** @type {HTMLElement | null} */ (document.querySelector("main input[type=search]"))?.focus();
    document.addEventListener("screenchange", focus, { once: true });
    go("/library");
  };
  shortcuts = [
    ...shortcuts,
    { keys: " ", text: "shortcuts.play", run: player.toggle },
    { keys: "j", text: "shortcuts.next", run: () => player.skip(1) },
    { keys: "k", text: "shortcuts.previous", run: () => player.skip(-1) },
    { keys: "m", text: "shortcuts.mute", run: player.toggleMute },
    { keys: "f", text: "tracks.favourite", run: () => command("favourite") },
    { keys: "a", text: "tracks.collect", run: () => command("add") },
    { keys: "d", text: "tracks.download", run: () => command("download") },
    { keys: "s", text: "track.share", run: () => command("share") },
    { keys: "x", text: "shortcuts.select", run: () => command("select") },
    { keys: "Delete", text: "shortcuts.delete", run: () => command("delete") },
    { keys: "n", text: "shortcuts.create", run: () => go("/") },
    { keys: "/", text: "shortcuts.search", run: search },
    { keys: "g c", text: "shortcuts.goCreate", run: () => go("/") },
    { keys: "g l", text: "shortcuts.goLibrary", run: () => go("/library") },
    { keys: "g o", text: "shortcuts.goCollections", run: () => go("/collections") },
    { keys: "g f", text: "shortcuts.goFocus", run: () => go("/focus") },
    { keys: "?", text: "shortcuts.help", run: showShortcuts },
  ];
  let previous = "";
  let pressedAt = 0;
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const isTyping = target.matches("input:not([type=range]), textarea, select, [contenteditable]");
    if (isTyping || event.metaKey || event.ctrlKey || event.altKey || event.repeat || event.defaultPrevented) return;
    if (!viewer.value || recall(OFF) || document.querySelector("dialog[open]")) return;
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

/**
 * Offer a command to the focused track and to the screen; if they do not take it, it is for the track that plays.
 *
 * @param {string} name
 */
function command(name) {
  const { activeElement: focused, body } = document;
  const target = focused && focused !== body ? focused : document.querySelector("main > *");
  const event = new CustomEvent("trackcommand", { detail: name, bubbles: true, cancelable: true });
  if (target?.dispatchEvent(event) && player.current.value) runForPlayer(name, player.current.value);
}

/**
 * Add shortcuts of a screen until the signal aborts; they replace others with the same keys.
 *
 * @param {Shortcut[]} own
 * @param {AbortSignal} signal
 */
export function useShortcuts(own, signal) {
  shortcuts = [...own, ...shortcuts];
  signal.addEventListener("abort", () => (shortcuts = shortcuts.filter((each) => !own.includes(each))));
}

/** @type {Entry | undefined} */
let playing;
let left = new AbortController();

/**
 * Run a command for the track that plays.
 *
 * @param {string} name
 * @param {Api.Playable} track
 */
function runForPlayer(name, track) {
  if (playing?.track !== track) {
    left.abort();
    left = new AbortController();
    playing = { ...track.libraryEntry, track };
    watchEntry(playing, () => {}, left.signal);
  }
  runCommand(name, [playing]);
  if (name !== "favourite" || playing.isFavourite === undefined) return;
  toast(t(playing.isFavourite ? "tracks.isFavourite" : "tracks.isNoFavourite", { title: titleOf(track) }));
}

/** Open the list of shortcuts, where they can be turned off. */
export function showShortcuts() {
  const active = shortcuts.filter(({ keys }, place) => shortcuts.findIndex((each) => each.keys === keys) === place);
  const rows = active.map(({ keys, text }) =>
    h("tr", {}, h("th", { scope: "row" }, t(text)), h("td", {}, h("kbd", {}, NAMES[keys] ?? keys))),
  );
  const isOn = h("input", { type: "checkbox", checked: !recall(OFF) });
  isOn.addEventListener("change", () => remember(OFF, isOn.checked ? null : "1"));
  openDialog(
    t("shortcuts.title"),
    h("table", {}, h("tbody", {}, rows)),
    h("label", { class: "check" }, isOn, t("shortcuts.on")),
    h("div", { class: "row" }, h("button", { class: "button" }, t("dialog.close"))),
  );
}
