/** Track: waveform, stems, downloads, and what was asked, made and measured. */

import { deleteTrack, loadTrack, prepareDownload, renameTrack } from "../api/tracks.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { pagePath } from "../app/location.js";
import { errorMessage, toast } from "../app/messages.js";
import { setHue } from "../app/palette.js";
import * as player from "../app/player.js";
import { duration, number, t } from "../app/texts.js";
import { openShareDialog } from "../elements/share-dialog.js";
import { stemMixer } from "../elements/stem-mixer.js";
import { WaveformElement } from "../elements/waveform.js";
import { router } from "../main.js";

const UNDO_MS = 10_000;
const POLL_MS = 1_000;

/** @param {import("../app/router.js").Visit} visit */
export default async function trackScreen({ parameters, signal }) {
  const track = await loadTrack(parameters.id, signal);
  if (!track) return h("div", { class: "message" }, h("h1", {}, t("track.notFound")));
  const title = track.title ?? t("track.untitled");
  const screen = h(
    "article",
    { class: "track" },
    header(track, title),
    wave(track, title, signal),
    h(
      "div",
      { class: "panels" },
      about(track),
      track.stems.length ? stemMixer(track, signal) : null,
      downloads(track, signal),
      licence(track),
    ),
  );
  setHue(screen, track.palette);
  return screen;
}

/**
 * @param {any} track
 * @param {string} title
 */
function header(track, title) {
  const heading = h("h1", {}, title);
  const facts = [track.style, track.measured?.tempoBpm && `${number(track.measured.tempoBpm)} bpm`, track.measured?.key];
  const button = (/** @type {string} */ path, /** @type {string} */ label, /** @type {() => void} */ run) =>
    h("button", { class: "button", type: "button", onclick: run }, icon(path), label);
  const rename = async () => {
    const name = prompt(t("track.rename"), heading.textContent ?? "");
    if (!name?.trim()) return;
    await renameTrack(track.id, name.trim()).then(
      () => (heading.textContent = name.trim()),
      (error) => toast(String(error.message)),
    );
  };
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
        h(
          "button",
          { class: "button primary", type: "button", onclick: () => void player.play(track.id) },
          icon(icons.play),
          t("player.play"),
        ),
        button(icons.share, t("track.share"), () => openShareDialog(track)),
        button(icons.edit, t("track.rename"), () => void rename()),
        button(icons.trash, t("track.delete"), () => remove(track, title)),
      ),
    ),
  );
}

/**
 * Leave the screen, and delete the track when the time to undo is over.
 *
 * @param {any} track
 * @param {string} title
 */
function remove(track, title) {
  const timer = setTimeout(() => {
    if (player.current.value?.id === track.id) player.clear();
    deleteTrack(track.id).catch((error) => toast(String(error.message)));
  }, UNDO_MS);
  toast(t("track.deleted", { title }), {
    label: t("track.undo"),
    run: () => {
      clearTimeout(timer);
      void router.go(`/track/${track.id}`);
    },
  });
  void router.go("/library");
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
  element.addEventListener("seek", async (event) => {
    const { detail: seconds } = /** @type {CustomEvent<number>} */ (event);
    if (player.current.value?.id !== track.id) await player.play(track.id);
    player.seek(seconds);
  });
  player.playback.watch(({ seconds }) => {
    if (player.current.value?.id === track.id) element.seconds = seconds;
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
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h("tr", {}, h("td"), ...(/** @type {const} */ (["track.asked", "track.made", "track.measured"])).map((key) => h("th", { scope: "col" }, t(key)))),
      ),
      h("tbody", {}, rows),
    ),
    h("dl", { class: "stack" }, words.map(([name, value]) => [h("dt", { class: "quiet" }, name), h("dd", {}, value)])),
    ...(report?.notes ?? []).map((/** @type {string} */ note) => h("p", { class: "quiet" }, note)),
  );
}

/**
 * @param {any} track
 * @param {AbortSignal} signal
 */
function downloads(track, signal) {
  const list = h("ul", { class: "downloads" });
  const show = (/** @type {any[]} */ files) =>
    render(
      list,
      files.map((file) => h("li", {}, h("span", {}, [file.format, file.part].filter(Boolean).join(" · ")), action(file))),
    );
  const action = (/** @type {any} */ file) => {
    if (file.isReady && file.url) {
      return h("a", { class: "button", href: file.url, download: file.fileName }, icon(icons.download), size(file.sizeBytes));
    }
    const button = h("button", { class: "button", type: "button" }, t("track.prepare"));
    button.addEventListener("click", async () => {
      button.disabled = true;
      button.textContent = t("track.preparing");
      await prepareDownload(track.id, file.format, file.part);
      const poll = setInterval(async () => {
        const { downloads: files } = await loadTrack(track.id, signal);
        const isReady = files.some(
          (/** @type {any} */ each) => each.format === file.format && each.part === file.part && each.isReady,
        );
        if (!isReady) return;
        clearInterval(poll);
        show(files);
      }, POLL_MS);
      signal.addEventListener("abort", () => clearInterval(poll));
    });
    return button;
  };
  show(track.downloads);
  return h("section", { class: "panel" }, h("h2", {}, t("track.downloads")), list);
}

/** @param {number | null} bytes */
const size = (bytes) => (bytes === null ? "" : bytes < 1e6 ? `${number(bytes / 1e3)} kB` : `${number(bytes / 1e6)} MB`);

/** @param {any} track */
function licence(track) {
  const { class: kind, requiresAttribution } = track.licence;
  const key = /** @type {Parameters<typeof t>[0]} */ (`licence.${kind}`);
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, t("track.licence")),
    h("p", {}, `${t(key)} ${t(requiresAttribution ? "licence.attribution" : "licence.noAttribution")}`),
    h("p", { class: "quiet" }, t("track.engine", { engine: track.engine, version: track.engineVersion, seed: track.seed })),
    h("a", { class: "button", href: `${pagePath}?prompt=${encodeURIComponent(track.title ?? "")}` }, t("track.more")),
  );
}
