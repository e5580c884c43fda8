/** A track in a list. */

import { deleted } from "../app/deletions.js";
import { h, icon } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { markFavourite, watchEntry } from "../app/library-changes.js";
import { pagePath } from "../app/location.js";
import * as player from "../app/player.js";
import { duration, number, t } from "../app/texts.js";
import { openTrackMenu, titleOf } from "../app/track-commands.js";
import { showCovers } from "./virtual-list.js";

/**
 * @typedef {object} RowOptions
 * @property {HTMLElement} [handle] moves the row
 * @property {HTMLElement} [checkbox] selects the row
 * @property {() => import("./menu.js").Action[]} [actions] further actions of its menu
 */

/**
 * Create a row. `ids` are the tracks that play with it.
 *
 * @param {Entry} entry
 * @param {() => string[]} ids
 * @param {AbortSignal} signal
 * @param {RowOptions} [options]
 */
export function trackRow(entry, ids, signal, { handle, checkbox, actions } = {}) {
  const { track } = entry;
  const title = titleOf(track);
  const hasState = entry.isFavourite !== undefined;
  const favourite = h(
    "button",
    { class: "icon-button", type: "button", "aria-label": t("track.favourite", { title }), onclick: () => void markFavourite(entry) },
    icon(icons.favourite),
  );
  const facts = h("p", { class: "quiet" });
  const show = () => {
    favourite.setAttribute("aria-pressed", String(entry.isFavourite));
    facts.textContent = [track.style, ...(entry.tags ?? [])].filter(Boolean).join(" · ");
  };
  show();
  watchEntry(entry, show, signal);
  const more = h(
    "button",
    { class: "icon-button more", type: "button", "aria-label": t("tracks.more", { title }), onclick: () => openTrackMenu(entry, actions?.()) },
    // text, and a mark by the style sheet on the cover: icons would take half of the time of a row
    "•••",
  );
  const row = h(
    "li",
    { class: checkbox?.matches(":checked") ? "track-row selected" : "track-row" },
    checkbox ?? handle,
    playButton(track, ids),
    h("div", { class: "names" }, h("a", { href: `${pagePath}/track/${track.id}`, "data-main": true }, title), facts),
    h("span", { class: "quiet number tempo" }, track.tempoBpm ? `${number(track.tempoBpm)} bpm` : ""),
    h("span", { class: "quiet number length" }, duration(track.measuredDurationSeconds)),
    hasState ? favourite : null,
    more,
  );
  player.current.watch((playing) => {
    if (playing?.id === track.id) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }, signal);
  deleted.watch((gone) => (row.hidden = gone.has(track.id)), signal);
  if (!checkbox && !handle) showCovers(row);
  return row;
}

/**
 * @param {ListedTrack} track
 * @param {() => string[]} ids
 */
const playButton = (track, ids) =>
  h(
    "button",
    {
      class: "cover-button",
      type: "button",
      "aria-label": t("track.play", { title: titleOf(track) }),
      onclick: () => void player.play(track.id, ids()),
    },
    cover(track, true),
  );

/**
 * Create the handle of a row.
 *
 * @param {string} title
 */
export const moveHandle = (title) =>
  h(
    "button",
    { class: "handle", type: "button", "data-handle": true, "aria-label": t("order.handle", { title }), title: t("order.hint") },
    icon(icons.handle),
  );

/** Create a row that is not loaded yet. */
export const skeletonRow = () => h("li", { class: "skeleton", "aria-hidden": "true" });

/**
 * @param {Pick<ListedTrack, "cover">} track
 * @param {boolean} [isDeferred] whether it is loaded by `showCovers`
 */
export function cover(track, isDeferred = false) {
  const src = track.cover?.svgUrl;
  if (!src) return h("div", { class: "cover" });
  return h("img", { class: "cover", [isDeferred ? "data-src" : "src"]: src, alt: "", decoding: "async", width: 48, height: 48 });
}
