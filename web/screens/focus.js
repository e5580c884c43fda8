/** Focus: music for a time of work or rest, which is made while it plays. */

import { endSession, findSession, startSession } from "../api/focus.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { errorMessage } from "../app/messages.js";
import { me, organization } from "../app/session.js";
import { recall, remember } from "../app/storage.js";
import { duration, money, t } from "../app/texts.js";
import { focusStage, timerRing } from "../elements/focus-stage.js";

const GOALS = /** @type {const} */ (["FOCUS", "RELAX", "SLEEP", "ENERGIZE", "CUSTOM_PROMPT"]);
const INTENSITIES = /** @type {const} */ (["LOW", "MEDIUM", "HIGH"]);
/** Rounds of work, minutes of each, and minutes of the breaks between them; open sessions have the longest length. */
const LENGTHS = /** @type {const} */ ({
  rounds: { rounds: 4, minutes: 25, pause: 5 },
  25: { rounds: 1, minutes: 25 },
  50: { rounds: 1, minutes: 50 },
  90: { rounds: 1, minutes: 90 },
  open: { rounds: 1, minutes: 720 },
});
const TICK_MS = 500;

/**
 * @typedef {object} Plan what was asked for; it is remembered, so that a session goes on after the page was closed
 * @property {string} id of the session
 * @property {number} seconds its position
 * @property {keyof typeof LENGTHS} length
 * @property {number} round from 1
 * @property {Pick<Api.StartFocusSessionInput, "goal" | "intensity" | "customPrompt" | "engine">} input
 */

/** @param {import("../app/router.js").Visit} visit */
export default async function focusScreen({ signal }) {
  const engines = organization().engines.filter((each) => each.supportsFocus);
  if (!engines.length) return h("div", { class: "message" }, h("h1", {}, t("focus.noEngine")));
  const screen = h("div", { class: "focus" });
  const key = `focus:${me().id}`;
  const forget = () => remember(key, null);
  const keep = (/** @type {Plan} */ plan) => remember(key, JSON.stringify(plan));

  const listen = (/** @type {Plan} */ plan, /** @type {Api.Session} */ session) => {
    const isOpen = plan.length === "open";
    const ended = (/** @type {"over" | "ended" | Error} */ reason) => {
      forget();
      if (reason === "over" && plan.round < LENGTHS[plan.length].rounds) rest(plan);
      else showForm(reason instanceof Error ? errorMessage(reason) : t(`focus.${reason}`));
    };
    const position = (/** @type {number} */ seconds) => keep({ ...plan, seconds });
    const { stage, focus } = focusStage({ session, seconds: plan.seconds, isOpen }, position, ended, signal);
    render(screen, stage);
    focus();
    document.title = `${t(`focus.goal.${plan.input.goal}`)} – ${t("app.name")}`;
  };

  const start = async (/** @type {Plan["input"]} */ input, /** @type {keyof typeof LENGTHS} */ length, round = 1) => {
    const session = await startSession({ ...input, targetMinutes: LENGTHS[length].minutes });
    if (signal.aborted) return void endSession(session.id).catch(() => {});
    const plan = { id: session.id, seconds: 0, length, round, input };
    keep(plan);
    listen(plan, session);
  };

  /** @param {Plan} plan */
  const rest = ({ length, round, input }) => {
    const next = () => start(input, length, round + 1).catch((error) => signal.aborted || showForm(errorMessage(error)));
    const seconds = 60 * LENGTHS.rounds.pause;
    const stop = () => showForm(t("focus.ended"));
    render(screen, breakStage(seconds, t("focus.break", { round, rounds: LENGTHS[length].rounds }), next, stop, signal));
    screen.querySelector("button")?.focus();
  };

  /** @param {...Child} notice */
  const showForm = (...notice) => {
    render(screen, h("h1", { tabIndex: -1 }, t("focus.title")), h("div", { role: "status" }, notice), setup(engines, start));
    screen.querySelector("h1")?.focus();
  };

  showForm();
  const plan = /** @type {Plan | null} */ (JSON.parse(recall(key) ?? "null"));
  const session = plan && (await findSession(plan.id));
  if (plan && session) screen.children[1].append(resumption(plan, () => listen(plan, session), forget));
  return screen;
}

/**
 * Create the form that starts a session.
 *
 * @param {Engine[]} engines those that make focus sessions, one or more
 * @param {(input: Plan["input"], length: keyof typeof LENGTHS) => Promise<void>} start
 */
function setup(engines, start) {
  let engine = engines.find((each) => each.isDefault) ?? engines[0];
  const engineChoice = h(
    "select",
    { name: "engine", "aria-label": t("create.engine"), hidden: engines.length < 2 },
    engines.map((each) => h("option", { value: each.key, selected: each === engine }, each.name)),
  );
  const wish = h("textarea", { rows: 2, maxLength: 2000, placeholder: t("create.placeholder"), "aria-label": t("focus.wish") });
  const cost = h("span", { class: "quiet number" });
  const submit = h("button", { class: "button primary" }, icon(icons.play), t("focus.start"));
  const problem = h("div");
  const form = h(
    "form",
    { class: "stack" },
    choice("goal", t("focus.goal"), GOALS, (each) => t(`focus.goal.${each}`)),
    wish,
    choice("intensity", t("focus.intensity"), INTENSITIES, (each) => t(`focus.intensity.${each}`), 1),
    choice("length", t("focus.length"), /** @type {(keyof typeof LENGTHS)[]} */ (Object.keys(LENGTHS)), (each) =>
      each === "rounds" || each === "open" ? t(`focus.length.${each}`) : t("focus.minutes", { minutes: each }),
    ),
    h("div", { class: "row" }, engineChoice, submit, cost),
    problem,
  );
  const values = () => {
    const { goal, intensity, length } = Object.fromEntries(new FormData(form));
    const isCustom = goal === "CUSTOM_PROMPT";
    return { length: /** @type {keyof typeof LENGTHS} */ (length), input: /** @type {Plan["input"]} */ ({ goal, intensity, engine: engine.key, customPrompt: isCustom ? wish.value : null }) };
  };
  const show = () => {
    engine = engines.find((each) => each.key === engineChoice.value) ?? engine;
    const { length, input } = values();
    wish.hidden = input.goal !== "CUSTOM_PROMPT";
    wish.required = !wish.hidden;
    const { rounds, minutes } = LENGTHS[length];
    const price = Number(engine.costChfPerMinute);
    const text = length === "open" ? "focus.costOpen" : rounds > 1 ? "focus.costRound" : "create.cost";
    const hourly = length === "open" ? 60 : minutes;
    cost.textContent = price ? t(text, { cost: money(price * hourly), rounds }) : t("create.free");
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.ariaDisabled === "true") return;
    submit.ariaDisabled = "true";
    render(problem);
    try {
      const { input, length } = values();
      await start(input, length);
    } catch (error) {
      render(problem, errorMessage(error));
    }
    submit.ariaDisabled = null;
  });
  show();
  return form;
}

/**
 * Create a group of which one is chosen.
 *
 * @template {string | number} Value
 * @param {string} name
 * @param {string} label
 * @param {readonly Value[]} values
 * @param {(value: Value) => string} text
 * @param {number} [chosen]
 */
function choice(name, label, values, text, chosen = 0) {
  const option = (/** @type {Value} */ value, /** @type {number} */ place) =>
    h("label", { class: "chip choice" }, h("input", { type: "radio", name, value: String(value), checked: place === chosen }), text(value));
  return h("fieldset", {}, h("legend", {}, label), h("div", { class: "chips" }, values.map(option)));
}

/**
 * Create the offer to go on with a session.
 *
 * @param {Plan} plan
 * @param {() => void} resume
 * @param {() => void} forget
 */
function resumption({ id, input, seconds }, resume, forget) {
  const stop = () => {
    forget();
    element.remove();
    endSession(id).catch(() => {}); // without a listener it makes no more music
  };
  const values = { goal: t(`focus.goal.${input.goal}`), time: duration(seconds) };
  const element = h(
    "div",
    { class: "message" },
    h("p", {}, t("focus.waiting", values)),
    h(
      "div",
      { class: "row" },
      h("button", { class: "button primary", type: "button", onclick: resume }, t("focus.continue")),
      h("button", { class: "button", type: "button", onclick: stop }, t("focus.end")),
    ),
  );
  return element;
}

/**
 * Create the stage of a break, which counts down to the next round.
 *
 * @param {number} seconds
 * @param {string} text
 * @param {() => void} next
 * @param {() => void} stop
 * @param {AbortSignal} signal
 */
function breakStage(seconds, text, next, stop, signal) {
  const endsAt = Date.now() + 1000 * seconds;
  const { ring, setShare } = timerRing();
  const left = h("p", { class: "number stage-time", role: "timer" });
  const finish = (/** @type {() => void} */ then) => {
    clearInterval(ticking);
    then();
  };
  const show = () => {
    const rest = (endsAt - Date.now()) / 1000;
    setShare(rest / seconds);
    left.textContent = duration(Math.max(0, rest));
    if (rest <= 0) finish(next);
  };
  const ticking = setInterval(show, TICK_MS);
  signal.addEventListener("abort", () => clearInterval(ticking));
  const button = (/** @type {string} */ label, /** @type {() => void} */ run) =>
    h("button", { class: "button", type: "button", onclick: () => finish(run) }, label);
  show();
  return h(
    "section",
    { class: "stage" },
    h("h1", { class: "visually-hidden" }, t("nav.focus")),
    h("div", { class: "stage-figure" }, left, ring),
    h("p", { role: "status" }, text),
    h("div", { class: "stage-panel row" }, button(t("focus.next"), next), button(t("focus.end"), stop)),
  );
}
