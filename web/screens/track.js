/** Track: waveform, stems, downloads, and what was asked, made and measured. */

import { findGeneration, loadTrack, prepareDownload } from "../api/tracks.js";
import { deleted, deleteWithUndo } from "../app/deletions.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { pagePath } from "../app/location.js";
import { describe, toast } from "../app/messages.js";
import { setHue } from "../app/palette.js";
import * as player from "../app/player.js";
import { go } from "../app/router.js";
import { duration, number, t } from "../app/texts.js";
import { openRenameDialog } from "../elements/rename-dialog.js";
import { openShareDialog } from "../elements/share-dialog.js";
import { stemMixer } from "../elements/stem-mixer.js";
import { WaveformElement } from "../elements/waveform.js";

const POLL_MS = 1_000;
/** How long the links of downloads are used, in milliseconds. */
const URL_LIFETIME_MS = 10 * 60_000;

/** @param {import("../app/router.js").Visit} visit */
export default async function trackScreen({ parameters, signal }) {
  const track = await loadTrack(parameters.id, signal);
  if (!track || deleted.value.has(track.id)) return missing();
  const title = track.title ?? t("track.untitled");
  const screen = h(
    "article",
    { class: "track" },
    header(track, title, signal),
    wave(track, title, signal),
    h(
      "div",
      { class: "panels" },
      about(track),
      downloads(track, signal),
      track.stems.length ? stemMixer(track, signal) : null,
      licence(track, signal),
    ),
  );
  setHue(screen, track.palette);
  return screen;
}

function missing() {
  return h(
    "div",
    { class: "message" },
    h("h1", {}, t("track.notFound")),
    h("a", { class: "button", href: `${pagePath}/library` }, t("nav.library")),
  );
}

/**
 * @param {any} track
 * @param {string} initialTitle
 * @param {AbortSignal} signal
 */
function header(track, initialTitle, signal) {
  let title = initialTitle;
  const heading = h("h1", {}, title);
  const facts = [track.style, track.measured?.tempoBpm && `${number(track.measured.tempoBpm)} bpm`, track.measured?.key];
  const button = (/** @type {string} */ path, /** @type {string} */ label, /** @type {() => void} */ run) =>
    h("button", { class: "button", type: "button", onclick: run }, icon(path), label);
  const rename = () =>
    openRenameDialog(track.id, title, (changed) => {
      title = changed;
      heading.textContent = title;
      document.title = `${title} – ${t("app.name")}`;
      player.rename(track.id, title);
    });
  const remove = () => {
    deleteWithUndo(track.id, title, () => go(`/track/${track.id}`));
    go("/library");
  };
  const isCurrent = () => player.current.value?.id === track.id;
  const play = h("button", { class: "button primary", type: "button" });
  play.addEventListener("click", () => (isCurrent() ? player.toggle() : void player.play(track.id)));
  /** @type {boolean | undefined} */
  let wasPlaying;
  player.playback.watch(({ isPlaying: isAny }) => {
    const isPlaying = isAny && isCurrent();
    if (isPlaying === wasPlaying) return;
    wasPlaying = isPlaying;
    render(play, icon(isPlaying ? icons.pause : icons.play), t(isPlaying ? "player.pause" : "player.play"));
  }, signal);
  return h(
    "header",
    {},
    track.cover?.svgUrl
      ? h("img", { class: "cover", src: track.cover.svgUrl, alt: "", width: 192, height: 192 })
      : h("div", { class: "cover" }),
    h(
      "div",
      { class: "stack" },
      heading,
      h("p", { class: "quiet number" }, [...facts, duration(track.measuredDurationSeconds)].filter(Boolean).join(" · ")),
      h(
        "div",
        { class: "row" },
        play,
        button(icons.share, t("track.share"), () => openShareDialog(track.id, title)),
        button(icons.edit, t("track.rename"), rename),
        button(icons.trash, t("track.delete"), remove),
      ),
    ),
  );
}

/**
 * @param {any} track
 * @param {string} title
 * @param {AbortSignal} signal
 */
function wave(track, title, signal) {
  const element = new WaveformElement();
  const length = track.measuredDurationSeconds;
  element.show({ peaks: track.waveform, sections: track.sections, duration: length, label: t("track.wave", { title }) });
  element.addEventListener("seek", (event) => {
    const { detail: seconds } = /** @type {CustomEvent<number>} */ (event);
    if (player.current.value?.id === track.id) player.seek(seconds);
    else void player.play(track.id, [track.id], seconds);
  });
  player.playback.watch(({ seconds }) => {
    element.seconds = player.current.value?.id === track.id ? seconds : 0;
  }, signal);
  return h("div", { class: "wave" }, element);
}

/** @param {any} track */
function about(track) {
  const { requested, report, measured } = track;
  const bpm = (/** @type {any} */ value) => (value == null ? "" : `${number(value)} bpm`);
  const lufs = (/** @type {any} */ value) => (value == null ? "" : `${number(value)} LUFS`);
  const text = (/** @type {any} */ value) => value ?? "";
  /** @type {[Parameters<typeof t>[0], string, (value: any) => string][]} */
  const properties = [
    ["track.tempo", "tempoBpm", bpm],
    ["track.length", "durationSeconds", (value) => (value == null ? "" : duration(value))],
    ["track.keyName", "key", text],
    ["track.metre", "metre", text],
    ["track.loudness", "loudnessLufs", lufs],
  ];
  const rows = properties.map(([label, name, format]) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, t(label)),
      h("td", {}, format(requested?.[name])),
      h("td", {}, format(report?.[name]?.delivered)),
      h("td", {}, format(measured?.[name])),
    ),
  );
  const words = [
    [t("track.used"), report?.wordsUsed.join(", ")],
    [t("track.approximated"), report?.wordsApproximated.map((/** @type {any} */ each) => t("reading.approximated", each)).join("; ")],
    [t("track.ignored"), report?.wordsIgnored.join(", ")],
    [
      t("track.instruments"),
      report?.instruments
        ?.map((/** @type {any} */ each) => t("track.from", { name: each.name, time: duration(each.startsAtSeconds) }))
        .join("; "),
    ],
  ].filter(([, value]) => value);
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, t("track.about")),
    h("div", { class: "table", tabIndex: 0, role: "group", "aria-label": t("track.about") }, h(
      "table",
      {},
      h(
        "thead",
        {},
        h("tr", {}, h("td"), ...(/** @type {const} */ (["track.asked", "track.made", "track.measured"])).map((key) => h("th", { scope: "col" }, t(key)))),
      ),
      h("tbody", {}, rows),
    )),
    h("dl", { class: "stack" }, words.map(([name, value]) => [h("dt", { class: "quiet" }, name), h("dd", {}, value)])),
    ...(report?.notes ?? []).map((/** @type {string} */ note) => h("p", { class: "quiet" }, note)),
  );
}

/**
 * @param {any} track
 * @param {AbortSignal} signal
 */
function downloads(track, signal) {
  const list = h("ul", { class: "downloads", role: "list" });
  let loadedAt = Date.now();
  const nameOf = (/** @type {any} */ file) => [file.format, file.part].filter(Boolean).join(" · ");
  const isSame = (/** @type {any} */ one, /** @type {any} */ other) => one.format === other.format && one.part === other.part;
  const show = (/** @type {any[]} */ files) =>
    render(list, files.map((file) => h("li", {}, h("span", {}, nameOf(file)), action(file))));
  const reload = async () => {
    const found = await loadTrack(track.id, signal);
    loadedAt = Date.now();
    return found?.downloads ?? [];
  };
  const link = (/** @type {any} */ file) => {
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
        const fresh = files.find((/** @type {any} */ each) => isSame(each, file));
        if (fresh?.url) h("a", { href: fresh.url, download: fresh.fileName }).click();
      } catch (error) {
        if (!signal.aborted) toast(describe(error));
      }
    });
    return anchor;
  };
  const action = (/** @type {any} */ file) => {
    if (file.isReady && file.url) return link(file);
    const button = h("button", { class: "button", type: "button" }, t("track.prepare"));
    button.setAttribute("aria-label", t("track.prepareFile", { name: nameOf(file) }));
    button.addEventListener("click", async () => {
      button.disabled = true;
      button.textContent = t("track.preparing");
      try {
        await prepareDownload(track.id, file.format, file.part);
        for (;;) {
          const ready = (await reload()).find((/** @type {any} */ each) => isSame(each, file) && each.isReady);
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

/**
 * @param {any} track
 * @param {AbortSignal} signal
 */
function licence(track, signal) {
  const { class: kind, requiresAttribution } = track.licence;
  const key = /** @type {Parameters<typeof t>[0]} */ (`licence.${kind}`);
  const start = async (/** @type {string} */ seedTrackId) => {
    try {
      const query = new URLSearchParams({ prompt: (await findGeneration(track.id, signal))?.prompt ?? track.style ?? "" });
      if (seedTrackId) query.set("continue", seedTrackId);
      go(`/?${query}`);
    } catch (error) {
      if (!signal.aborted) toast(describe(error));
    }
  };
  const button = (/** @type {string} */ label, /** @type {string} */ seedTrackId) =>
    h("button", { class: "button", type: "button", onclick: () => void start(seedTrackId) }, label);
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, t("track.licence")),
    h("p", {}, `${t(key)} ${t(requiresAttribution ? "licence.attribution" : "licence.noAttribution")}`),
    h("p", { class: "quiet" }, t("track.engine", { engine: track.engine, version: track.engineVersion, seed: track.seed })),
    h("div", { class: "row" }, button(t("track.more"), ""), button(t("track.continue"), track.id)),
  );
}
