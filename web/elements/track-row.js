/** A track in a list. */

import { deleted } from "../app/deletions.js";
import { h, icon } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { pagePath } from "../app/location.js";
import { describe, toast } from "../app/messages.js";
import * as player from "../app/player.js";
import { duration, number, t } from "../app/texts.js";
import { setFavourite } from "../api/tracks.js";

/**
 * Create a row. `ids` are the tracks that play after it.
 *
 * @param {any} entry an entry of the library
 * @param {() => string[]} ids
 * @param {AbortSignal} signal
 */
export function trackRow(entry, ids, signal) {
  const { track } = entry;
  const title = track.title ?? t("track.untitled");
  const favourite = h(
    "button",
    { class: "icon-button", type: "button", "aria-pressed": String(entry.isFavourite), "aria-label": t("track.favourite", { title }) },
    icon(icons.favourite),
  );
  favourite.addEventListener("click", async () => {
    const isFavourite = favourite.getAttribute("aria-pressed") !== "true";
    favourite.setAttribute("aria-pressed", String(isFavourite));
    await setFavourite(track.id, isFavourite).catch((error) => {
      favourite.setAttribute("aria-pressed", String(!isFavourite));
      toast(describe(error));
    });
  });
  const row = h(
    "li",
    { class: "track-row" },
    h(
      "button",
      {
        class: "cover-button",
        type: "button",
        "aria-label": t("track.play", { title }),
        onclick: () => void player.play(track.id, ids()),
      },
      cover(track),
      icon(icons.play),
    ),
    h(
      "div",
      { class: "names" },
      h("a", { href: `${pagePath}/track/${track.id}` }, title),
      h("p", { class: "quiet" }, [track.style, ...entry.tags].filter(Boolean).join(" · ")),
    ),
    h("span", { class: "quiet number tempo" }, track.tempoBpm ? `${number(track.tempoBpm)} bpm` : ""),
    h("span", { class: "quiet number length" }, duration(track.measuredDurationSeconds)),
    favourite,
  );
  player.current.watch((playing) => {
    if (playing?.id === track.id) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }, signal);
  deleted.watch((ids) => (row.hidden = ids.has(track.id)), signal);
  return row;
}

/** @param {any} track */
export function cover(track) {
  return track.cover?.svgUrl
    ? h("img", { class: "cover", src: track.cover.svgUrl, alt: "", loading: "lazy", width: 48, height: 48 })
    : h("div", { class: "cover" });
}
