/** The full screen of a focus session: a figure, the time as a ring, and controls that appear when they are needed. */

import { endSession, findSession, promote, steer, watchSession } from "../api/focus.js";
import { ApiError } from "../api/graphql.js";
import { connection } from "../api/subscriptions.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { pagePath } from "../app/location.js";
import { releaseKeys, showState, takeKeys } from "../app/media-keys.js";
import { describe, toast } from "../app/messages.js";
import * as trackPlayer from "../app/player.js";
import { go } from "../app/router.js";
import { useShortcuts } from "../app/shortcuts.js";
import { duration, t } from "../app/texts.js";
import { SegmentPlayer } from "../audio/segment-player.js";
import { focusFigure, hueOf } from "./focus-figure.js";

const INTENSITIES = /** @type {const} */ (["LOW", "MEDIUM", "HIGH"]);
const TICK_MS = 250;
const SAVE_MS = 5_000;
/** The controls disappear after this time without a key or the pointer. */
const HIDE_MS = 4_000;

/**
 * @typedef {object} Run a session that is listened to
 * @property {Api.Session} session
 * @property {number} seconds where to start
 * @property {boolean} isOpen whether it has no planned end
 */

/**
 * Create the stage and start to play, which needs a click before.
 *
 * @param {Run} run
 * @param {(seconds: number) => void} remember is called with the position every few seconds
 * @param {(reason: "over" | "ended" | Error) => void} onEnd is called once, when the stage is to be replaced
 * @param {AbortSignal} left
 */
export function focusStage({ session, seconds, isOpen }, remember, onEnd, left) {
  const controller = new AbortController();
  const { signal } = controller;
  const renew = async (/** @type {number} */ index) =>
    (await findSession(session.id))?.segments?.find((segment) => segment.index === index);
  const player = new SegmentPlayer(seconds, renew, signal);
  /** @type {number | null} */
  let heardAt = null;
  let following = new AbortController();
  const kept = new Set();

  const leave = () => {
    if (signal.aborted) return;
    remember(player.seconds);
    following.abort();
    releaseKeys(player);
    controller.abort();
  };
  left.addEventListener("abort", leave, { signal });
  addEventListener("pagehide", () => remember(player.seconds), { signal });
  const finish = (/** @type {"over" | "ended" | Error} */ reason) => {
    leave();
    onEnd(reason);
  };
  player.addEventListener("ended", () => finish(session.endReason === "BROKEN" ? problem(brokenText(session)) : "over"));

  const follow = () => {
    following = new AbortController();
    /** @type {Parameters<typeof watchSession>[1]} */
    const update = ({ newSegments, session: changed }) => {
      session = changed;
      player.add(newSegments, !session.morePending);
      show();
    };
    watchSession(session.id, update, (reason) => finish(problem(reason)), following.signal);
  };

  const play = () => {
    trackPlayer.pause();
    if (following.signal.aborted) follow();
    const keys = { play, pause };
    takeKeys(player, { title: t(`focus.goal.${session.controls.goal}`), artist: t("app.name") }, keys);
    player.resume();
    show();
  };
  const pause = () => {
    player.pause();
    // without a listener the server makes no more music after a while
    following.abort();
    remember(player.seconds);
    show();
  };
  const isRunning = () => player.state !== "paused" && player.state !== "blocked";
  const toggle = () => (isRunning() ? pause() : play());
  const keep = async () => {
    const index = player.segment?.index;
    if (index === undefined) return;
    try {
      const title = (await promote(session.id, index))?.title;
      kept.add(index);
      toast(t("focus.kept", { title: title ?? t("track.untitled") }));
      show();
    } catch (error) {
      toast(describe(error));
    }
  };
  const end = async () => {
    try {
      await endSession(session.id);
      finish("ended");
    } catch (error) {
      toast(describe(error));
    }
  };

  const status = h("p", { role: "status" });
  const remaining = h("p", { class: "quiet number" });
  const main = h("button", { class: "icon-button filled", type: "button", onclick: toggle });
  const keeper = h("button", { class: "button", type: "button", onclick: () => void keep() }, icon(icons.favourite), t("focus.keep"), h("kbd", {}, "p"));
  const panel = h(
    "div",
    { class: "stage-panel" },
    h("div", { class: "row" }, main, remaining, keeper, h("button", { class: "button", type: "button", onclick: () => void end() }, t("focus.end"))),
    steering(session, async (change) => {
      heardAt = await steer(session.id, change);
      show();
    }),
  );
  const usage = h("a", { href: `${pagePath}/admin`, hidden: true }, t("admin.usage"));
  const heard = h("p", { class: "quiet number stage-heard", role: "timer" });
  const away = h("button", { class: "icon-button stage-leave", type: "button", "aria-label": t("focus.leave"), onclick: () => go("/") }, icon(icons.back));
  const { ring, setShare } = timerRing();
  const samples = new Float32Array(player.analyser.fftSize);
  const figure = focusFigure(() => {
    player.analyser.getFloatTimeDomainData(samples);
    const level = Math.min(1, 4 * Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length));
    const energy = INTENSITIES.indexOf(session.controls.intensity) / 2;
    const grid = player.segment?.grid;
    return { tempoBpm: grid?.tempoBpm ?? 60, hue: grid ? hueOf(grid.key) : 285, energy, level, isPlaying: player.state === "playing" };
  }, signal);
  const stage = h("section", { class: "stage" }, h("h1", { class: "visually-hidden" }, t("nav.focus")), h("div", { class: "stage-figure" }, figure, ring), h("div", { class: "row" }, status, usage), heard, panel, away);
  hideWhenStill(stage, () => player.state === "playing", signal);

  let shown = "";
  const show = () => {
    const text = statusOf(player.state, session);
    if (status.textContent !== text) status.textContent = text;
    usage.hidden = session.status !== "STOPPED_CAP";
    const total = session.targetMinutes * 60;
    setShare(isOpen ? 1 : player.seconds / total);
    remaining.textContent = isOpen ? duration(player.seconds) : t("focus.left", { time: duration(Math.max(0, total - player.seconds)) });
    const wait = heardAt === null ? 0 : heardAt - player.seconds;
    const isWaiting = player.state === "loading" || player.state === "stalled";
    const seconds = isWaiting ? Math.ceil((Date.parse(session.nextReadyAt ?? "") - Date.now()) / 1000) : 0;
    if (seconds > 0) heard.textContent = t("queue.left", { seconds });
    else heard.textContent = wait > 0 ? t("focus.heardIn", { time: duration(wait) }) : "";
    const { segment } = player;
    keeper.disabled = !segment;
    keeper.setAttribute("aria-pressed", String(kept.has(segment?.index)));
    stage.style.setProperty("--hue", segment ? hueOf(segment.grid.key).toFixed(0) : "");
    stage.toggleAttribute("data-hue", Boolean(segment));
    const name = isRunning() ? "pause" : "play";
    showState(player, isRunning());
    if (name === shown) return;
    shown = name;
    render(main, icon(icons[name]));
    main.setAttribute("aria-label", t(`player.${name}`));
  };

  const ticking = setInterval(show, TICK_MS);
  const saving = setInterval(() => remember(player.seconds), SAVE_MS);
  signal.addEventListener("abort", () => {
    clearInterval(ticking);
    clearInterval(saving);
  });
  connection.watch(show, signal);
  // one of the two is heard at a time
  trackPlayer.playback.watch(({ isPlaying, volume, isMuted }) => {
    player.volume = isMuted ? 0 : volume;
    if (isPlaying && isRunning()) pause();
  }, signal);
  useShortcuts(
    [
      { keys: " ", text: "shortcuts.play", run: toggle },
      { keys: "p", text: "focus.keep", run: () => void keep() },
      { keys: "Escape", text: "focus.leave", run: () => go("/") },
    ],
    signal,
  );
  trackPlayer.pause();
  follow();
  play();
  return { stage, focus: () => main.focus({ preventScroll: true }) };
}

/** @param {Api.Session} session */
const brokenText = (session) => [t("focus.broken"), session.problem].filter(Boolean).join(" ");

/** @param {string} reason as people read it */
const problem = (reason) => new ApiError(reason, { code: "FOCUS_SESSION" });

/**
 * @param {SegmentPlayer["state"]} state
 * @param {Api.Session} session
 */
function statusOf(state, session) {
  const { endReason, status } = session;
  if (connection.value === "lost") return t("focus.lost");
  if (state === "blocked") return t("focus.blocked");
  if (state === "paused") return t("focus.paused");
  if (status === "STOPPED_CAP") return t("focus.cap");
  if (endReason === "BROKEN") return brokenText(session);
  if (state === "loading") return t("focus.loading");
  return state === "stalled" ? t("focus.stalled") : "";
}

/** Create a thin ring that shows a share of time, from 0 to 1. */
export function timerRing() {
  const ring = h("div", { class: "ring" });
  return { ring, setShare: (/** @type {number} */ share) => ring.style.setProperty("--share", String(share)) };
}

/**
 * Hide the controls of a stage while the pointer and the keys are still and music plays.
 *
 * @param {HTMLElement} stage
 * @param {() => boolean} isPlaying
 * @param {AbortSignal} signal
 */
function hideWhenStill(stage, isPlaying, signal) {
  let timer = 0;
  const wake = () => {
    stage.removeAttribute("data-still");
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!isPlaying() || stage.querySelector("input[type=text]:focus")) return wake();
      const { offsetTop, offsetHeight } = /** @type {HTMLElement} */ (stage.querySelector(".stage-figure"));
      stage.style.setProperty("--to-middle", `${(stage.clientHeight - offsetHeight) / 2 - offsetTop}px`);
      stage.setAttribute("data-still", "");
    }, HIDE_MS);
  };
  for (const event of ["pointermove", "pointerdown", "keydown", "focusin"]) addEventListener(event, wake, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  wake();
}

/**
 * Create the fields that change the music: two sliders and a line of text.
 *
 * @param {Api.Session} session
 * @param {(change: Omit<Api.SteerFocusSessionInput, "sessionId">) => Promise<void>} send
 */
function steering({ controls }, send) {
  const problem = h("p", { class: "quiet", role: "status" });
  const change = async (/** @type {Omit<Api.SteerFocusSessionInput, "sessionId">} */ values) => {
    try {
      await send(values);
      problem.textContent = t("focus.steered");
    } catch (error) {
      problem.textContent = describe(error);
    }
  };
  const slider = (/** @type {number} */ max, /** @type {number} */ step, /** @type {number} */ value) =>
    h("input", { type: "range", max: String(max), step: String(step), value: String(value) });
  const intensity = slider(2, 1, INTENSITIES.indexOf(controls.intensity));
  const name = () => INTENSITIES[Number(intensity.value)];
  const show = () => (intensity.ariaValueText = t(`focus.intensity.${name()}`));
  intensity.addEventListener("input", show);
  intensity.addEventListener("change", () => void change({ intensity: name() }));
  show();
  const divergence = slider(1, 0.1, controls.divergence);
  divergence.addEventListener("change", () => void change({ divergence: Number(divergence.value) }));
  const prompt = h("input", { type: "text", maxLength: 2000, value: controls.prompt ?? "", placeholder: t("focus.wish.example") });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    void change({ prompt: prompt.value.trim() || null });
  };
  return h(
    "form",
    { class: "steering", onsubmit: submit },
    h("label", {}, t("focus.intensity"), intensity),
    h("label", {}, t("focus.divergence"), divergence),
    h("div", { class: "wish" }, h("label", {}, t("focus.wish"), prompt), h("button", { class: "button" }, t("focus.send"))),
    problem,
  );
}
