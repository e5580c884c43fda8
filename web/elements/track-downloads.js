/** The files of a track: links, and buttons that have a file made. */

import { loadTrack, prepareDownload } from "../api/tracks.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { describe, toast } from "../app/messages.js";
import { number, t, term } from "../app/texts.js";

const POLL_MS = 1_000;
/** How long the links of downloads are used, in milliseconds. */
const URL_LIFETIME_MS = 10 * 60_000;

/** @typedef {FullTrack["downloads"][number]} File */

/**
 * @param {FullTrack} track
 * @param {AbortSignal} signal
 */
export function trackDownloads(track, signal) {
  const list = h("ul", { class: "downloads", role: "list" });
  let loadedAt = Date.now();
  const nameOf = (/** @type {File} */ file) => [file.format, file.part && term("stem", file.part)].filter(Boolean).join(" · ");
  const isSame = (/** @type {File} */ one, /** @type {File} */ other) => one.format === other.format && one.part === other.part;
  const show = (/** @type {File[]} */ files) =>
    render(list, files.map((file) => h("li", {}, h("span", {}, nameOf(file)), action(file))));
  const reload = async () => {
    const found = await loadTrack(track.id, signal);
    loadedAt = Date.now();
    return found?.downloads ?? [];
  };
  const link = (/** @type {File} */ file) => {
    const label = `${t("track.download", { name: nameOf(file) })}, ${size(file.sizeBytes)}`;
    const anchor = h(
      "a",
      { class: "button", href: file.url, download: file.fileName, "aria-label": label },
      icon(icons.download),
      size(file.sizeBytes),
    );
    anchor.addEventListener("click", async (event) => {
      if (Date.now() - loadedAt < URL_LIFETIME_MS) return;
      // the signed URL has expired
      event.preventDefault();
      try {
        const files = await reload();
        show(files);
        const fresh = files.find((each) => isSame(each, file));
        if (fresh?.url) h("a", { href: fresh.url, download: fresh.fileName }).click();
      } catch (error) {
        if (!signal.aborted) toast(describe(error));
      }
    });
    return anchor;
  };
  const action = (/** @type {File} */ file) => {
    if (file.isReady && file.url) return link(file);
    const button = h("button", { class: "button", type: "button" }, t("track.prepare"));
    button.setAttribute("aria-label", t("track.prepareFile", { name: nameOf(file) }));
    button.addEventListener("click", async () => {
      button.disabled = true;
      button.textContent = t("track.preparing");
      try {
        await prepareDownload(track.id, file.format, file.part);
        for (;;) {
          const ready = (await reload()).find((each) => isSame(each, file) && each.isReady);
          if (ready) {
            const anchor = link(ready);
            button.replaceWith(anchor);
            anchor.focus();
            return;
          }
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        }
      } catch (error) {
        if (signal.aborted) return;
        toast(describe(error));
        button.disabled = false;
        button.textContent = t("track.prepare");
      }
    });
    return button;
  };
  show(track.downloads);
  return h("section", { class: "panel" }, h("h2", {}, t("track.downloads")), list);
}

/** @param {number | null} bytes */
function size(bytes) {
  if (bytes === null) return "";
  return bytes < 1e6 ? `${number(bytes / 1e3)} kB` : `${number(bytes / 1e6)} MB`;
}
