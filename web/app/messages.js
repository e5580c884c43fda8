/** Errors and notices as people read them. */

import { ApiError } from "../api/graphql.js";
import { h, render } from "./dom.js";
import { date, money, t } from "./texts.js";

const TOAST_MS = 10_000;

/**
 * Return what happened and what to do, for any error.
 *
 * @param {unknown} error
 */
export function describe(error) {
  if (!(error instanceof ApiError)) return String(error);
  const { code, details, message, retryAfterSeconds } = error;
  if (code === "OFFLINE") return t("error.OFFLINE");
  if (code === "RATE_LIMIT_EXCEEDED") return t("error.RATE_LIMIT_EXCEEDED", { seconds: retryAfterSeconds ?? 1 });
  if (code === "SPEND_CAP_EXCEEDED" && details.limitChf) {
    const { window, spentChf, limitChf, resetsAt } = details;
    const values = { window: window.toLowerCase(), spent: money(spentChf), limit: money(limitChf), resets: date(resetsAt) };
    return t("error.SPEND_CAP_EXCEEDED", values);
  }
  const problems = details.problems?.map((/** @type {{ message: string }} */ problem) => problem.message).join(" ");
  return problems || message;
}

/**
 * Create a message about an error.
 *
 * @param {unknown} error
 * @param {() => void} [retry]
 */
export function errorMessage(error, retry) {
  return h(
    "div",
    { class: "message error", role: "alert" },
    h("h2", {}, t("error.title")),
    h("p", {}, describe(error)),
    retry && h("button", { class: "button", type: "button", onclick: retry }, t("error.retry")),
  );
}

/**
 * Show a notice for ten seconds, with an action if there is one. Return a function that removes it.
 *
 * @param {string} text
 * @param {{ label: string, run: () => void }} [action]
 */
export function toast(text, action) {
  const outlet = /** @type {HTMLElement} */ (document.querySelector(".toasts"));
  const element = h("div", { class: "toast" });
  const remove = () => element.remove();
  const run = () => {
    remove();
    action?.run();
  };
  render(element, h("span", {}, text), action && h("button", { type: "button", onclick: run }, action.label));
  outlet.append(element);
  setTimeout(remove, TOAST_MS);
  return remove;
}
