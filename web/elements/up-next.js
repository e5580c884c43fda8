/** The panel of the tracks that play next: their order can be changed, and they can be removed. */

import { loadTracks } from "../api/library.js";
import { h, icon } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { announce, describe, toast } from "../app/messages.js";
import { moveInQueue, queue, removeFromQueue } from "../app/play-queue.js";
import * as player from "../app/player.js";
import { duration, number, t } from "../app/texts.js";
import { titleOf } from "../app/track-commands.js";
import { makeReorderable } from "./reorder.js";
import { cover, moveHandle, skeletonRow } from "./track-row.js";
import { VirtualList } from "./virtual-list.js";

const BATCH = 50;

/** Create the panel and the button that opens it. */
export function upNext() {
  /** Tracks by id; null while one is loaded or if it cannot be read. @type {Map<string, Awaited<ReturnType<typeof loadTracks>>[number] | null>} */
  const tracks = new Map();
  const always = new AbortController().signal;
  const first = () => queue.value.indexOf(player.current.value?.id ?? "") + 1;
  const idAt = (/** @type {number} */ index) => queue.value[first() + index];

  const load = async (/** @type {number} */ from, /** @type {number} */ to) => {
    const missing = queue.value.slice(first() + from, first() + to + 1).filter((id) => !tracks.has(id)).slice(0, BATCH);
    if (!missing.length) return;
    for (const id of missing) tracks.set(id, null);
    try {
      const found = await loadTracks(missing);
      found.forEach((track, /** @type {number} */ place) => tracks.set(missing[place], track));
      list.update();
    } catch (error) {
      for (const id of missing) tracks.delete(id);
      toast(describe(error));
    }
  };

  const row = (/** @type {number} */ index) => {
    const track = tracks.get(idAt(index));
    if (!track) return skeletonRow();
    const title = titleOf(track);
    const remove = () => {
      const place = list.indexOf(item);
      removeFromQueue([track.id]);
      announce(t("upNext.removed", { title }));
      if (list.count) list.focus(place, ".remove");
      else close.focus();
    };
    const item = h(
      "li",
      { class: "track-row" },
      moveHandle(title),
      h(
        "button",
        { class: "cover-button", type: "button", "aria-label": t("track.play", { title }), onclick: () => void player.play(track.id, queue.value, 0) },
        cover(track, true),
      ),
      h("div", { class: "names" }, h("p", { class: "name" }, title), h("p", { class: "quiet" }, track.style ?? "")),
      h("span", { class: "quiet number length" }, duration(track.measuredDurationSeconds)),
      h("button", { class: "icon-button remove", type: "button", "aria-label": t("upNext.remove", { title }), onclick: remove }, icon(icons.close)),
    );
    return item;
  };

  const list = new VirtualList(
    { label: t("upNext.title"), key: (index) => `${idAt(index)}${tracks.get(idAt(index)) ? "" : "?"}`, render: row, onRange: load },
    always,
  );
  makeReorderable(list, {
    move: (from, to) => moveInQueue(first() + from, first() + to),
    drop: () => {},
    title: (index) => titleOf(tracks.get(idAt(index)) ?? { title: null }),
  });

  const count = h("p", { class: "quiet number" });
  const close = h("button", { class: "icon-button", type: "button", "aria-label": t("upNext.close") }, icon(icons.close));
  const panel = h(
    "section",
    { class: "up-next", id: "up-next", hidden: true, "aria-label": t("upNext.title") },
    h("header", {}, h("h2", {}, t("upNext.title")), count, close),
    list.element,
  );
  const button = h(
    "button",
    { class: "icon-button", type: "button", "aria-label": t("upNext.title"), "aria-expanded": "false", "aria-controls": "up-next" },
    icon(icons.queue),
  );
  const toggle = (/** @type {boolean} */ isOpen) => {
    panel.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) {
      show();
      close.focus();
    } else button.focus();
  };
  button.addEventListener("click", () => toggle(panel.hidden === true));
  close.addEventListener("click", () => toggle(false));
  panel.addEventListener("keydown", (event) => event.key === "Escape" && !list.dragged && toggle(false));

  const show = () => {
    const length = queue.value.length - first();
    count.textContent = length ? number(length) : t("upNext.empty");
    if (!panel.hidden) list.show(length);
  };
  queue.watch(show);
  player.current.watch(show);
  return { button, panel };
}
