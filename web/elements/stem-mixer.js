/** A strip for each stem: mute, solo and level. */

import { Mixer } from "../audio/mixer.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { errorMessage } from "../app/messages.js";
import * as player from "../app/player.js";
import { t } from "../app/texts.js";

/**
 * Create a panel that loads the stems when it is opened.
 *
 * @param {any} track
 * @param {AbortSignal} signal
 */
export function stemMixer(track, signal) {
  const content = h("div", { class: "stack" });
  const open = async () => {
    render(content, h("p", { class: "quiet", role: "status" }, t("track.preparing")));
    const mixer = new Mixer();
    signal.addEventListener("abort", () => mixer.close());
    try {
      await mixer.load(track.stems, signal);
      render(content, ...strips(mixer, track.stems, signal));
    } catch (error) {
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
  const show = () => {
    render(play, icon(mixer.isPlaying ? icons.pause : icons.play));
    play.setAttribute("aria-label", t(mixer.isPlaying ? "player.pause" : "player.play"));
  };
  play.addEventListener("click", async () => {
    if (mixer.isPlaying) mixer.pause();
    else {
      if (player.playback.value.isPlaying) player.toggle();
      await mixer.play();
    }
    show();
  });
  player.playback.watch(({ isPlaying }) => {
    if (!isPlaying || !mixer.isPlaying) return;
    mixer.pause();
    show();
  }, signal);
  show();
  const toggle = (/** @type {string} */ label, /** @type {string} */ text, /** @type {(on: boolean) => void} */ change) => {
    const button = h("button", { class: "chip", type: "button", "aria-pressed": "false", "aria-label": label }, text);
    button.addEventListener("click", () => {
      const isOn = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(isOn));
      change(isOn);
    });
    return button;
  };
  const rows = stems.map(({ name }) => {
    const level = h("input", { type: "range", min: "0", max: "1", step: "0.01", value: "1", "aria-label": t("track.level", { name }) });
    level.addEventListener("input", () => mixer.set(name, { level: Number(level.value) }));
    return h(
      "li",
      { class: "strip" },
      h("span", {}, name),
      toggle(t("track.mute", { name }), "M", (isMuted) => mixer.set(name, { isMuted })),
      toggle(t("track.solo", { name }), "S", (isSolo) => mixer.set(name, { isSolo })),
      level,
    );
  });
  return [play, h("ul", { class: "strips" }, rows)];
}
