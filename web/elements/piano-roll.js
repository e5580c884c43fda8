/** The score of a track: sections, chord symbols and notes in time, with a text of the form. */

import { appearance } from "../app/appearance.js";
import { h, render } from "../app/dom.js";
import { errorMessage } from "../app/messages.js";
import * as player from "../app/player.js";
import { duration, t, term } from "../app/texts.js";
import { readMidi } from "../audio/midi.js";

const LABEL_HEIGHT = 20;
const DRUM_LANE = 5;
const MAX_ZOOM = 16;
/** Chords of a section that its text lists. */
const MAX_CHORDS = 16;
/** An angle that leaves no two of a dozen hues close to each other. */
const HUE_STEP = 137.5;

/**
 * Create the panel. `seek` is called with seconds.
 *
 * @param {FullTrack} track
 * @param {(seconds: number) => void} seek
 * @param {AbortSignal} signal
 */
export function pianoRoll(track, seek, signal) {
  const content = h("div", { class: "stack" });
  const { midiUrl } = track.score;
  const load = async () => {
    try {
      const response = await fetch(midiUrl ?? "", { signal });
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      render(content, ...view(track, readMidi(await response.arrayBuffer()), seek, signal));
    } catch (error) {
      if (!signal.aborted) render(content, errorMessage(error, load));
    }
  };
  render(content, h("div", { class: "roll skeleton" }));
  if (midiUrl) void load();
  else render(content, form(track, seek));
  return h("section", { class: "panel wide" }, h("h2", {}, t("score.title")), content);
}

/**
 * @param {FullTrack} track
 * @param {import("../audio/midi.js").Part[]} parts
 * @param {(seconds: number) => void} seek
 * @param {AbortSignal} signal
 */
function view(track, parts, seek, signal) {
  const canvas = h("canvas", { role: "img", "aria-label": t("score.roll") });
  const sheet = h("div", { class: "sheet" }, canvas);
  const scroller = h("div", { class: "roll", tabIndex: 0, role: "group", "aria-label": t("score.title") }, sheet);
  const zoom = h("input", { type: "range", min: "1", max: String(MAX_ZOOM), step: "0.5", value: "1" });
  const length = track.measuredDurationSeconds ?? 0;
  let seconds = 0;
  const swatches = parts.map((_, place) => {
    const swatch = h("span", { class: "part-colour", "aria-hidden": "true" });
    swatch.style.setProperty("--part", String(place * HUE_STEP));
    return swatch;
  });
  const draw = () => {
    const colours = swatches.map((swatch) => getComputedStyle(swatch).backgroundColor);
    drawRoll(canvas, scroller, Number(zoom.value), track, parts, colours, seconds);
  };
  zoom.addEventListener("input", () => {
    const middle = (scroller.scrollLeft + scroller.clientWidth / 2) / scroller.scrollWidth;
    sheet.style.setProperty("width", `${100 * Number(zoom.value)}%`);
    scroller.scrollLeft = middle * scroller.scrollWidth - scroller.clientWidth / 2;
    draw();
  });
  scroller.addEventListener("scroll", draw);
  sheet.addEventListener("click", (event) => {
    const { left, width } = sheet.getBoundingClientRect();
    seek(((event.clientX - left) / width) * length);
  });
  appearance.addEventListener("change", draw, { signal });
  const observer = new ResizeObserver(draw);
  observer.observe(scroller);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  player.playback.watch(({ isPlaying, seconds: now }) => {
    const position = player.current.value?.id === track.id ? now : 0;
    if (position === seconds) return;
    seconds = position;
    const place = (seconds / length) * scroller.scrollWidth - scroller.scrollLeft;
    if (isPlaying && (place < 0 || place > scroller.clientWidth)) scroller.scrollLeft += place;
    draw();
  }, signal);
  const legend = parts.map((part, place) => h("li", {}, swatches[place], nameOf(part)));
  return [
    scroller,
    h("div", { class: "row" }, h("label", { class: "zoom" }, t("score.zoom"), zoom), h("ul", { class: "legend", role: "list" }, legend)),
    form(track, seek),
  ];
}

/**
 * Create the list of the sections with their chords; each seeks to its start.
 *
 * @param {FullTrack} track
 * @param {(seconds: number) => void} seek
 */
function form(track, seek) {
  const rows = track.sections.map((section) => {
    const chords = track.chords
      .filter((chord) => chord.startMs >= section.startMs && chord.startMs < section.endMs)
      .map((chord) => chord.symbol)
      .filter((symbol, place, all) => symbol !== all[place - 1]);
    const more = chords.length > MAX_CHORDS ? " …" : "";
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", onclick: () => seek(section.startMs / 1000) },
        h("span", { class: "quiet number" }, duration(section.startMs / 1000)),
        h("span", {}, term("section", section.name)),
        h("span", { class: "quiet chords" }, chords.slice(0, MAX_CHORDS).join("  ") + more),
      ),
    );
  });
  return h("details", {}, h("summary", {}, t("score.form")), h("ol", { class: "form", role: "list" }, rows));
}

/** The part "lead (Electric Piano)" is shown as its instrument. @param {{ name: string }} part */
const nameOf = ({ name }) => /\((.+)\)$/.exec(name)?.[1] ?? name;

/**
 * Draw the visible part of the sheet.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} scroller
 * @param {number} zoom
 * @param {FullTrack} track
 * @param {import("../audio/midi.js").Part[]} parts
 * @param {string[]} colours of the parts
 * @param {number} seconds of the playhead
 */
function drawRoll(canvas, scroller, zoom, track, parts, colours, seconds) {
  const { clientWidth: width, clientHeight: height, scrollLeft: left } = scroller;
  const context = canvas.getContext("2d");
  if (!width || !context) return;
  const ratio = devicePixelRatio;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.setProperty("width", `${width}px`);
  canvas.style.setProperty("height", `${height}px`);
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const [quiet, line, accent] = ["--quiet", "--line", "--accent"].map((name) => style.getPropertyValue(name));
  const scale = (width * zoom) / (track.measuredDurationSeconds || 1);
  const place = (/** @type {number} */ time) => time * scale - left;
  context.font = `12px ${style.fontFamily}`;

  const label = (/** @type {string} */ text, /** @type {{ startMs: number, endMs: number }} */ range, /** @type {number} */ row) => {
    const [start, end] = [place(range.startMs / 1000), place(range.endMs / 1000)];
    if (end < 0 || start > width) return;
    context.fillStyle = line;
    context.fillRect(start, row * LABEL_HEIGHT, 1, row ? LABEL_HEIGHT : height);
    const from = Math.max(start, 0) + 5;
    context.fillStyle = quiet;
    if (context.measureText(text).width <= end - from - 3) context.fillText(text, from, row * LABEL_HEIGHT + 14);
  };
  for (const section of track.sections) label(term("section", section.name), section, 0);
  for (const chord of track.chords) label(chord.symbol, chord, 1);

  const drums = [...new Set(parts.filter((part) => part.isDrums).flatMap((part) => part.notes.map(({ pitch }) => pitch)))];
  drums.sort((one, other) => one - other);
  const pitches = parts.filter((part) => !part.isDrums).flatMap((part) => part.notes.map(({ pitch }) => pitch));
  const [lowest, highest] = pitches.reduce(([low, high], pitch) => [Math.min(low, pitch), Math.max(high, pitch)], [127, 0]);
  const top = 2 * LABEL_HEIGHT + 4;
  const bottom = height - drums.length * DRUM_LANE - (drums.length && 6);
  const lane = pitches.length ? (bottom - top) / (highest - lowest + 1) : 0;
  parts.forEach((part, number) => {
    context.fillStyle = colours[number];
    for (const { start, end, pitch } of part.notes) {
      const x = place(start);
      const size = Math.max(1.5, (end - start) * scale - 0.5);
      if (x + size < 0 || x > width) continue;
      if (part.isDrums) context.fillRect(x, height - (drums.indexOf(pitch) + 1) * DRUM_LANE, Math.min(size, 3), DRUM_LANE - 1);
      else context.fillRect(x, bottom - (pitch - lowest + 1) * lane, size, Math.max(1.5, lane - 0.5));
    }
  });
  context.fillStyle = accent;
  context.fillRect(place(seconds), 0, 2, height);
}
