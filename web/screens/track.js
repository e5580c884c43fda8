/** Track: waveform, score, stems, downloads, and what was asked, made and measured. */

import { loadTrack, saveTrack } from "../api/tracks.js";
import { deleted } from "../app/deletions.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { markFavourite, watchEntry } from "../app/library-changes.js";
import { pagePath } from "../app/location.js";
import { describe, toast } from "../app/messages.js";
import { setHue } from "../app/palette.js";
import * as player from "../app/player.js";
import { createPath, go } from "../app/router.js";
import { t } from "../app/texts.js";
import { runCommand, titleOf } from "../app/track-commands.js";
import { pianoRoll } from "../elements/piano-roll.js";
import { openRenameDialog } from "../elements/rename-dialog.js";
import { openShareDialog } from "../elements/share-dialog.js";
import { stemMixer } from "../elements/stem-mixer.js";
import { tagEditor } from "../elements/tag-editor.js";
import { trackDownloads } from "../elements/track-downloads.js";
import { summary, trackLineage, trackReport, trackRights } from "../elements/track-facts.js";
import { WaveformElement } from "../elements/waveform.js";

/** @param {import("../app/router.js").Visit} visit */
export default async function trackScreen({ parameters, signal }) {
  const track = await loadTrack(parameters.id, signal);
  if (!track || deleted.value.has(track.id)) return missing();
  const title = titleOf(track);
  const entry = { ...track.libraryEntry, track };
  const seek = (/** @type {number} */ seconds) => {
    if (player.current.value?.id === track.id) player.seek(seconds);
    else void player.play(track.id, [track.id], seconds);
  };
  const screen = h(
    "article",
    { class: "track" },
    header(entry, title, signal),
    wave(track, title, seek, signal),
    h(
      "div",
      { class: "panels" },
      pianoRoll(track, seek, signal),
      trackReport(track),
      track.stems.length ? stemMixer(track, signal) : null,
      trackDownloads(track, signal),
      trackRights(track),
      trackLineage(track),
    ),
  );
  setHue(screen, track.palette);
  screen.addEventListener("trackcommand", (event) => {
    event.preventDefault();
    const { detail: name } = /** @type {CustomEvent<string>} */ (event);
    if (name === "delete") remove(entry);
    else runCommand(name, [entry]);
  });
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

/** Delete a track, or take that of somebody else out of the library. @param {Entry & { track: FullTrack }} entry */
function remove(entry) {
  runCommand("delete", [entry], () => go(`/track/${entry.track.id}`));
  go("/library");
}

/**
 * @param {Entry & { track: FullTrack }} entry
 * @param {string} initialTitle
 * @param {AbortSignal} signal
 */
function header(entry, initialTitle, signal) {
  const { track } = entry;
  let title = initialTitle;
  const heading = h("h1", {}, title);
  const button = (/** @type {string} */ path, /** @type {string} */ label, /** @type {() => void} */ run) =>
    h("button", { class: "button", type: "button", onclick: run }, icon(path), label);
  const rename = () =>
    openRenameDialog(track.id, title, (changed) => {
      title = changed;
      heading.textContent = title;
      document.title = `${title} – ${t("app.name")}`;
      player.rename(track.id, title);
    });
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
  const again = (/** @type {Record<string, string>} */ more) => go(createPath(track.generation ?? { prompt: track.style ?? "" }, more));
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
      h("p", { class: "quiet number" }, summary(track)),
      libraryEntry(entry, signal),
      h(
        "div",
        { class: "row" },
        play,
        button(icons.add, t("track.more"), () => again({})),
        button(icons.next, t("track.continue"), () => again({ continue: track.id })),
        entry.source !== "SHARED" && button(icons.share, t("track.share"), () => openShareDialog(track.id, title)),
        track.generation && button(icons.edit, t("track.rename"), rename),
        entry.tags && button(icons.trash, t(entry.source === "SHARED" ? "tracks.unsave" : "track.delete"), () => remove(entry)),
      ),
    ),
  );
}

/**
 * Create the viewer's mark and tags of a track in the library, or a button that saves the track there.
 *
 * @param {Entry & { track: FullTrack }} entry
 * @param {AbortSignal} signal
 */
function libraryEntry(entry, signal) {
  const row = h("div", { class: "row" });
  const show = () => {
    const mark = h("button", { class: "icon-button", type: "button", onclick: () => void markFavourite(entry) }, icon(icons.favourite));
    mark.setAttribute("aria-label", t("track.favourite", { title: titleOf(entry.track) }));
    const showState = () => mark.setAttribute("aria-pressed", String(entry.isFavourite));
    showState();
    watchEntry(entry, showState, signal);
    render(row, mark, tagEditor(entry, signal));
  };
  const save = async () => {
    try {
      await saveTrack(entry.track.id);
      Object.assign(entry, { source: "SHARED", isFavourite: false, tags: [] });
      show();
      row.querySelector("button")?.focus();
    } catch (error) {
      toast(describe(error));
    }
  };
  if (entry.tags) show();
  else render(row, h("button", { class: "button", type: "button", onclick: save }, icon(icons.library), t("track.keep")));
  return row;
}

/**
 * @param {FullTrack} track
 * @param {string} title
 * @param {(seconds: number) => void} seek
 * @param {AbortSignal} signal
 */
function wave(track, title, seek, signal) {
  const element = new WaveformElement();
  const { measuredDurationSeconds: duration, waveform: peaks, sections, tempoBpm, metre } = track;
  element.show({ peaks, sections, duration, label: t("track.wave", { title }), bar: barSeconds(tempoBpm, metre) });
  element.addEventListener("seek", (event) => seek(/** @type {CustomEvent<number>} */ (event).detail));
  player.playback.watch(({ seconds }) => {
    element.seconds = player.current.value?.id === track.id ? seconds : 0;
  }, signal);
  return h("div", { class: "wave" }, element);
}

/**
 * Return the length of a bar; compound metres such as 6/8 count three notes a beat.
 *
 * @param {number | null} tempo
 * @param {string | null} metre
 */
function barSeconds(tempo, metre) {
  const [beats, unit] = (metre ?? "").split("/").map(Number);
  if (!tempo || !unit) return undefined;
  return ((unit >= 8 && beats % 3 === 0 ? beats / 3 : beats) * 60) / tempo;
}
