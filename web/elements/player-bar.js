/** The player at the bottom of the page; on a phone it opens upwards to a sheet. */

import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { pagePath } from "../app/location.js";
import { setHue } from "../app/palette.js";
import * as player from "../app/player.js";
import { duration, t } from "../app/texts.js";
import { cover } from "./track-row.js";
import { upNext } from "./up-next.js";
import { WaveformElement } from "./waveform.js";

const phone = matchMedia("(max-width: 46rem)");
/** A finger that moves down by so many pixels closes the sheet. */
const SWIPE_PIXELS = 80;

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
  const volume = h("input", { type: "range", min: "0", max: "1", step: "0.01", "aria-label": t("player.volume") });
  volume.addEventListener("input", () => player.setVolume(Number(volume.value)));
  wave.addEventListener("seek", (event) => player.seek(/** @type {CustomEvent<number>} */ (event).detail));
  const sheet = createSheet(bar, now);
  const { button: queueButton, panel } = upNext();
  player.current.watch((track) => {
    setHue(bar, track?.palette);
    bar.toggleAttribute("data-empty", !track);
    if (!track) sheet.close();
    for (const each of [previous, toggle, next]) each.disabled = !track;
    if (!track) {
      now.href = `${pagePath}/library`;
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
  player.playback.watch(({ isPlaying, seconds, duration: total, isMuted, volume: level }) => {
    if (isPlaying !== wasPlaying) {
      // only then: a click on an icon that is replaced meanwhile would be lost
      render(toggle, icon(isPlaying ? icons.pause : icons.play));
      toggle.setAttribute("aria-label", t(isPlaying ? "player.pause" : "player.play"));
      wasPlaying = isPlaying;
    }
    mute.setAttribute("aria-pressed", String(isMuted));
    volume.value = String(isMuted ? 0 : level);
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
    queueButton,
    panel,
    sheet.button,
  );
  return bar;
}

/**
 * Let the bar open to a sheet on a phone. The rest of the page can then not be reached; Escape or a finger that moves
 * down closes it.
 *
 * @param {HTMLElement} bar
 * @param {HTMLElement} handle which a finger moves
 */
function createSheet(bar, handle) {
  const button = h("button", { class: "icon-button sheet-button", type: "button" });
  const set = (/** @type {boolean} */ isOpen) => {
    bar.toggleAttribute("data-open", isOpen);
    for (const other of bar.parentElement?.children ?? []) {
      if (other !== bar) /** @type {HTMLElement} */ (other).inert = isOpen;
    }
    button.setAttribute("aria-expanded", String(isOpen));
    button.setAttribute("aria-label", t(isOpen ? "player.close" : "player.open"));
    render(button, icon(isOpen ? icons.down : icons.up));
  };
  const close = () => {
    if (!bar.hasAttribute("data-open")) return;
    const hadFocus = bar.contains(document.activeElement);
    set(false);
    if (hadFocus) button.focus();
  };
  set(false);
  button.addEventListener("click", () => set(!bar.hasAttribute("data-open")));
  bar.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  document.addEventListener("screenchange", close);
  phone.addEventListener("change", close);
  let startedAt = 0;
  handle.addEventListener("touchstart", ({ touches }) => (startedAt = touches[0].clientY), { passive: true });
  handle.addEventListener("touchend", ({ changedTouches }) => {
    if (changedTouches[0].clientY - startedAt > SWIPE_PIXELS) close();
  });
  return { button, close };
}
