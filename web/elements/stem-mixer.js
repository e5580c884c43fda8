/** A strip for each stem: mute, solo and level. */

import { loadTrack } from "../api/tracks.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { errorMessage } from "../app/messages.js";
import * as player from "../app/player.js";
import { duration, t, term } from "../app/texts.js";
import { Mixer } from "../audio/mixer.js";

const MOVE_MS = 250;
/** Share of a level that a meter keeps from one frame to the next. */
const DECAY = 0.9;

/**
 * Create a panel that loads the stems when it is opened.
 *
 * @param {FullTrack} track
 * @param {AbortSignal} signal
 */
export function stemMixer(track, signal) {
  const content = h("div", { class: "stack" });
  const open = async () => {
    render(content, h("p", { class: "quiet", role: "status" }, t("track.preparing")));
    const mixer = new Mixer();
    signal.addEventListener("abort", () => mixer.close(), { once: true });
    try {
      // signed URLs of their own, since those of the page may have expired
      const { stems } = (await loadTrack(track.id, signal)) ?? track;
      await mixer.load(stems, signal);
      render(content, ...strips(mixer, stems, signal));
      content.querySelector("button")?.focus();
    } catch (error) {
      mixer.close();
      if (!signal.aborted) render(content, errorMessage(error, open));
    }
  };
  render(content, h("button", { class: "button", type: "button", onclick: open }, t("track.loadStems")));
  return h("section", { class: "panel" }, h("h2", {}, t("track.mixer")), content);
}

/**
 * @param {Mixer} mixer
 * @param {{ name: string }[]} stems
 * @param {AbortSignal} signal
 */
function strips(mixer, stems, signal) {
  const play = h("button", { class: "icon-button filled", type: "button" });
  const position = h("input", { type: "range", min: "0", max: mixer.duration.toFixed(2), step: "0.1", value: "0", "aria-label": t("player.position") });
  const time = h("span", { class: "quiet number" });
  const move = () => {
    position.value = String(mixer.seconds);
    position.setAttribute("aria-valuetext", duration(mixer.seconds));
    time.textContent = duration(mixer.seconds);
  };
  const show = () => {
    render(play, icon(mixer.isPlaying ? icons.pause : icons.play));
    play.setAttribute("aria-label", t(mixer.isPlaying ? "track.pauseStems" : "track.playStems"));
    move();
  };
  const timer = setInterval(() => mixer.isPlaying && move(), MOVE_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  position.addEventListener("input", () => {
    mixer.seek(Number(position.value));
    move();
  });
  play.addEventListener("click", async () => {
    if (mixer.isPlaying) mixer.pause();
    else {
      player.pause();
      await mixer.play();
    }
    show();
  });
  mixer.addEventListener("ended", show);
  // one of the two is heard at a time
  player.playback.watch(({ isPlaying }) => {
    if (!isPlaying || !mixer.isPlaying) return;
    mixer.pause();
    show();
  }, signal);
  show();
  /** @type {Map<string, HTMLMeterElement>} */
  const meters = new Map();
  const toggle = (/** @type {string} */ label, /** @type {string} */ text, /** @type {(on: boolean) => void} */ change) => {
    const button = h("button", { class: "chip", type: "button", "aria-pressed": "false", "aria-label": label }, text);
    button.addEventListener("click", () => {
      const isOn = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(isOn));
      change(isOn);
    });
    return button;
  };
  const rows = stems.map((stem) => {
    const name = term("stem", stem.name);
    const meter = h("meter", { max: 1, high: 0.9, "aria-hidden": "true" });
    meters.set(stem.name, meter);
    const level = h("input", { type: "range", min: "0", max: "1", step: "0.01", value: "1", "aria-label": t("track.level", { name }) });
    level.addEventListener("input", () => mixer.set(stem.name, { level: Number(level.value) }));
    return h(
      "li",
      { class: "strip" },
      h("span", {}, name),
      toggle(t("track.mute", { name }), "M", (isMuted) => mixer.set(stem.name, { isMuted })),
      toggle(t("track.solo", { name }), "S", (isSolo) => mixer.set(stem.name, { isSolo })),
      h("div", { class: "levels" }, level, meter),
    );
  });
  const measure = () => {
    if (signal.aborted) return;
    for (const [name, meter] of meters) meter.value = Math.max(mixer.peak(name), meter.value * DECAY);
    requestAnimationFrame(measure);
  };
  measure();
  return [h("div", { class: "transport" }, play, position, time), h("ul", { class: "strips", role: "list" }, rows)];
}
