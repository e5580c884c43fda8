/** The frame around every screen: rail, queue strip and player. */

import { h, icon, render } from "./dom.js";
import { icons } from "./icons.js";
import * as jobs from "./jobs.js";
import { docsUrl, pagePath } from "./location.js";
import { describe, toast } from "./messages.js";
import { setHue } from "./palette.js";
import * as player from "./player.js";
import { signOut } from "./session.js";
import { duration, t } from "./texts.js";
import { cover } from "../elements/track-row.js";
import { WaveformElement } from "../elements/waveform.js";

/**
 * Create the frame; screens are shown in its `main` element.
 *
 * @returns {{ element: HTMLElement, outlet: HTMLElement }}
 */
export function createShell() {
  const outlet = h("main", { id: "main" });
  const element = h(
    "div",
    { class: "shell" },
    h("a", { class: "skip", href: "#main", target: "_self" }, t("app.skip")),
    rail(outlet),
    outlet,
    queueStrip(),
    playerBar(),
    h("div", { class: "toasts", "aria-live": "polite" }),
  );
  return { element, outlet };
}

/** @param {HTMLElement} outlet */
function rail(outlet) {
  const link = (/** @type {string} */ path, /** @type {string} */ shape, /** @type {string} */ label) =>
    h("a", { href: pagePath + path, dataset: { path: path || "/" } }, icon(shape), label);
  const links = [link("", icons.create, t("nav.create")), link("/library", icons.library, t("nav.library"))];
  outlet.addEventListener("screenchange", (event) => {
    const { detail: shown } = /** @type {CustomEvent<string>} */ (event);
    for (const each of links) {
      if (each.dataset.path === shown) each.setAttribute("aria-current", "page");
      else each.removeAttribute("aria-current");
    }
  });
  const logo = new URL("../icon.svg", import.meta.url).href;
  return h(
    "nav",
    { class: "rail", "aria-label": t("nav.label") },
    h("p", { class: "brand" }, h("img", { src: logo, alt: "", width: 28, height: 28 }), t("app.name")),
    links,
    h("a", { class: "last", href: docsUrl, target: "_blank" }, icon(icons.explore), t("nav.explore")),
    h("button", { class: "sign-out", type: "button", onclick: () => void signOut() }, icon(icons.close), t("nav.signOut")),
  );
}

function queueStrip() {
  const list = h("ul", { class: "queue", "aria-label": t("queue.label") });
  jobs.jobs.watch((all) => render(list, all.map(jobItem)));
  jobs.jobEvents.addEventListener("finished", (event) => {
    const { track } = /** @type {CustomEvent<any>} */ (event).detail;
    const title = track?.title ?? t("track.untitled");
    toast(t("queue.done", { title }), { label: t("player.play"), run: () => void player.play(track.id) });
  });
  return list;
}

/** @param {any} job */
function jobItem(job) {
  const title = job.title ?? job.prompt;
  const isActive = job.status === "QUEUED" || job.status === "RUNNING";
  const retry = () => {
    jobs.dismiss(job.id);
    location.assign(`${pagePath}?prompt=${encodeURIComponent(job.prompt)}`);
  };
  return h(
    "li",
    {},
    h(
      "div",
      { class: "text" },
      h("p", { class: "title" }, title),
      h("p", { class: "quiet number" }, stateOf(job)),
      job.status === "RUNNING" && h("progress", { max: 100, value: job.progress, "aria-label": title }),
    ),
    job.status === "FAILED" && h("button", { class: "button", type: "button", onclick: retry }, t("queue.retry")),
    h(
      "button",
      {
        class: "icon-button",
        type: "button",
        "aria-label": isActive ? t("queue.cancel", { title }) : t("queue.dismiss"),
        onclick: () =>
          isActive ? void jobs.cancel(job.id).catch((error) => toast(describe(error))) : jobs.dismiss(job.id),
      },
      icon(icons.close),
    ),
  );
}

/** @param {any} job */
function stateOf(job) {
  switch (job.status) {
    case "QUEUED":
      return job.queuePosition ? t("queue.queued", { position: job.queuePosition }) : t("queue.next");
    case "RUNNING":
      return t("queue.running", { stage: job.stage ?? "", progress: job.progress });
    case "REFUSED":
      return t("queue.refused", { reason: job.refusalReason ?? "" });
    case "CANCELLED":
      return t("queue.cancelled");
    default:
      return t("queue.failed", { reason: job.errorMessage ?? "" });
  }
}

function playerBar() {
  const bar = h("section", { class: "player", "aria-label": t("player.label") });
  const now = h("a", { class: "now" });
  const button = (/** @type {string} */ shape, /** @type {string} */ label, /** @type {() => void} */ run) =>
    h("button", { class: "icon-button", type: "button", "aria-label": label, onclick: run }, icon(shape));
  const toggle = button(icons.play, t("player.play"), player.toggle);
  toggle.classList.add("filled");
  const wave = new WaveformElement();
  const position = h("span", { class: "quiet number" });
  const length = h("span", { class: "quiet number" });
  const volume = h("input", { type: "range", min: "0", max: "1", step: "0.01", value: "1", "aria-label": t("player.volume") });
  volume.addEventListener("input", () => player.setVolume(Number(volume.value)));
  wave.addEventListener("seek", (event) => player.seek(/** @type {CustomEvent<number>} */ (event).detail));
  player.current.watch((track) => {
    setHue(bar, track?.palette);
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
  player.playback.watch(({ isPlaying, seconds, duration: total }) => {
    render(toggle, icon(isPlaying ? icons.pause : icons.play));
    toggle.setAttribute("aria-label", t(isPlaying ? "player.pause" : "player.play"));
    wave.seconds = seconds;
    position.textContent = duration(seconds);
    length.textContent = duration(total);
  });
  render(
    bar,
    now,
    h(
      "div",
      { class: "buttons" },
      button(icons.previous, t("player.previous"), () => player.skip(-1)),
      toggle,
      button(icons.next, t("player.next"), () => player.skip(1)),
    ),
    h("div", { class: "timeline" }, position, wave, length),
    h("label", { class: "volume" }, icon(icons.volume), volume),
  );
  return bar;
}
