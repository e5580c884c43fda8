/** The player at the bottom of the page. */

import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { pagePath } from "../app/location.js";
import { setHue } from "../app/palette.js";
import * as player from "../app/player.js";
import { duration, t } from "../app/texts.js";
import { cover } from "./track-row.js";
import { WaveformElement } from "./waveform.js";

export function playerBar() {
  const bar = h("section", { class: "player", "aria-label": t("player.label") });
  const now = h("a", { class: "now" });
  const button = (/** @type {string} */ shape, /** @type {string} */ label, /** @type {() => void} */ run) =>
    h("button", { class: "icon-button", type: "button", "aria-label": label, onclick: run }, icon(shape));
  const previous = button(icons.previous, t("player.previous"), () => player.skip(-1));
  const toggle = button(icons.play, t("player.play"), player.toggle);
  const next = button(icons.next, t("player.next"), () => player.skip(1));
  toggle.classList.add("filled");
  const wave = new WaveformElement();
  const position = h("span", { class: "quiet number" });
  const length = h("span", { class: "quiet number" });
  const mute = button(icons.volume, t("player.mute"), player.toggleMute);
  const volume = h("input", { type: "range", min: "0", max: "1", step: "0.01", value: "1", "aria-label": t("player.volume") });
  volume.addEventListener("input", () => player.setVolume(Number(volume.value)));
  wave.addEventListener("seek", (event) => player.seek(/** @type {CustomEvent<number>} */ (event).detail));
  player.current.watch((track) => {
    setHue(bar, track?.palette);
    bar.toggleAttribute("data-empty", !track);
    for (const each of [previous, toggle, next]) each.disabled = !track;
    if (!track) {
      now.removeAttribute("href");
      render(now, h("span", { class: "quiet" }, t("player.empty")));
      wave.show({ label: t("player.position") });
      return;
    }
    now.href = `${pagePath}/track/${track.id}`;
    render(now, cover(track), h("span", { class: "name" }, track.title ?? t("track.untitled")));
    wave.show({
      peaks: track.waveform,
      sections: track.sections,
      duration: track.measuredDurationSeconds,
      label: t("player.position"),
    });
  });
  let wasPlaying = false;
  player.playback.watch(({ isPlaying, seconds, duration: total, isMuted }) => {
    if (isPlaying !== wasPlaying) {
      // only then: a click on an icon that is replaced meanwhile would be lost
      render(toggle, icon(isPlaying ? icons.pause : icons.play));
      toggle.setAttribute("aria-label", t(isPlaying ? "player.pause" : "player.play"));
      wasPlaying = isPlaying;
    }
    mute.setAttribute("aria-pressed", String(isMuted));
    wave.seconds = seconds;
    position.textContent = duration(seconds);
    length.textContent = duration(total);
  });
  render(
    bar,
    now,
    h("div", { class: "buttons" }, previous, toggle, next),
    h("div", { class: "timeline" }, position, wave, length),
    h("div", { class: "volume" }, mute, volume),
  );
  return bar;
}
