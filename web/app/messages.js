/** Errors and notices as people read them. */

import { ApiError } from "../api/graphql.js";
import { h, render } from "./dom.js";
import { isReachable } from "./location.js";
import { date, money, t } from "./texts.js";

const TOAST_MS = 10_000;
/** How often it is tried whether a server can be reached again. */
const RECHECK_MS = 5_000;

/**
 * Return what happened and what to do, for any error.
 *
 * @param {unknown} error
 */
export function describe(error) {
  if (!(error instanceof ApiError)) return t("error.UNEXPECTED", { message: String(error) });
  const { code, details, message, retryAfterSeconds } = error;
  if (code === "OFFLINE") return t("error.OFFLINE");
  if (code === "RATE_LIMIT_EXCEEDED") return t("error.RATE_LIMIT_EXCEEDED", { seconds: retryAfterSeconds ?? 1 });
  if (code === "SPEND_CAP_EXCEEDED" && details.limitChf) {
    const { window, spentChf, limitChf, resetsAt } = /** @type {Required<typeof details>} */ (details);
    const values = { window: t(`window.${window}`), spent: money(spentChf), limit: money(limitChf), resets: date(resetsAt) };
    return t("error.SPEND_CAP_EXCEEDED", values);
  }
  const problems = details.problems?.map((problem) => problem.message).join(" ");
  return problems || message;
}

/**
 * Create a message about an error.
 *
 * @param {unknown} error
 * @param {() => void} [retry]
 */
export function errorMessage(error, retry) {
  const element = h(
    "div",
    { class: "message error", role: "alert" },
    h("h2", {}, t("error.title")),
    h("p", {}, describe(error)),
    retry && h("button", { class: "button", type: "button", onclick: retry }, t("error.retry")),
  );
  if (retry && error instanceof ApiError) {
    const again = () => element.isConnected && retry();
    if (error.code === "OFFLINE") void untilReachable(element).then(again);
    if (error.retryAfterSeconds) setTimeout(again, 1_000 * error.retryAfterSeconds);
  }
  return element;
}

/**
 * Wait until the server answers, or the message is gone. The network may have returned before the message was shown.
 *
 * @param {HTMLElement} message
 */
async function untilReachable(message) {
  do {
    await new Promise((proceed) => {
      setTimeout(proceed, RECHECK_MS);
      addEventListener("online", proceed, { once: true, signal: AbortSignal.timeout(RECHECK_MS) });
    });
  } while (message.isConnected && !(await isReachable()));
}

/**
 * Tell something to people who do not see it.
 *
 * @param {string} text
 */
export function announce(text) {
  const outlet = document.querySelector("[data-announcements]") ?? document.body.appendChild(
    h("p", { class: "visually-hidden", role: "status", "data-announcements": true }),
  );
  outlet.textContent = text;
}

/**
 * Show a notice for ten seconds, longer while it is pointed at or has the focus.
 *
 * @param {string} text
 * @param {{ label: string, run: () => void, expire?: () => void }} [action] `expire` is called if it was not taken
 */
export function toast(text, action) {
  const outlet = document.querySelector(".toasts");
  if (!outlet) {
    action?.expire?.();
    return;
  }
  const element = h("div", { class: "toast" });
  const end = () => {
    if (element.isConnected && element.matches(":hover, :focus-within")) return void setTimeout(end, TOAST_MS / 5);
    element.remove();
    action?.expire?.();
  };
  const timer = setTimeout(end, TOAST_MS);
  const run = () => {
    clearTimeout(timer);
    element.remove();
    action?.run();
  };
  render(element, h("span", {}, text), action && h("button", { type: "button", onclick: run }, action.label));
  outlet.append(element);
}
