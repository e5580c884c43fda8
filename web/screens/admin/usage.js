/** What was spent in the current day, week and month, by engine, with the caps. */

import { loadUsage, setSpendLimit } from "../../api/admin.js";
import { h } from "../../app/dom.js";
import { go } from "../../app/router.js";
import { organization } from "../../app/session.js";
import { date, money, number, t } from "../../app/texts.js";
import { openFormDialog } from "../../elements/form-dialog.js";

const SVG = "http://www.w3.org/2000/svg";
const MEGABYTE = 1e6;
/** Number of shades that tell engines apart. */
const SHADES = 4;

/** @param {boolean} isAdmin whether to show what all members spent */
export default async function usageSection(isAdmin) {
  const { usage, memberUsage, storage } = await loadUsage(isAdmin);
  const windows = memberUsage ?? usage ?? [];
  const largest = Math.max(...windows.map((each) => Number(each.committedChf)));
  return [
    h("p", { class: "quiet" }, t(isAdmin ? "usage.all" : "usage.own")),
    h("div", { class: "panels" }, windows.map((each) => panel(each, largest, isAdmin))),
    storage && h("p", { class: "quiet" }, t("usage.storage", { size: number(storage.bytes / MEGABYTE), files: number(storage.files) })),
  ];
}

/**
 * @param {Api.Spending} usage
 * @param {number} largest what counts in the window with most spending, the scale of windows without a cap
 * @param {boolean} isAdmin
 */
function panel(usage, largest, isAdmin) {
  const { window, costChf, committedChf, limitChf, resetsAt, byEngine } = usage;
  const names = Object.fromEntries(organization().engines.map((each) => [each.key, each.name]));
  const cap = limitChf === null ? t("usage.noCap") : t("usage.cap", { used: money(committedChf), cap: money(limitChf) });
  const row = (/** @type {Api.Spending["byEngine"][number]} */ { engine, trackCount, costChf: cost }, /** @type {number} */ place) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, h("span", { class: `swatch shade-${place % SHADES}` }), names[engine] ?? engine),
      h("td", {}, t(trackCount === 1 ? "library.count.one" : "library.count", { count: number(trackCount) })),
      h("td", {}, money(cost)),
    );
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, t(`usage.${window}`)),
    h("p", { class: "amount number" }, money(costChf)),
    bar(usage, largest, cap),
    h("p", { class: "quiet number" }, cap),
    h("p", { class: "quiet number" }, t("usage.resets", { time: date(resetsAt) })),
    byEngine.length > 0 && h("div", { class: "table" }, h("table", {}, h("tbody", {}, byEngine.map(row)))),
    isAdmin && h("button", { class: "button", type: "button", onclick: () => changeCap(window, limitChf) }, t("usage.setCap")),
  );
}

/**
 * Draw the spending by engine and what counts towards the cap besides. The right end is the cap.
 *
 * @param {Api.Spending} usage
 * @param {number} largest
 * @param {string} label
 */
function bar({ byEngine, committedChf, limitChf }, largest, label) {
  const total = Math.max(Number(limitChf ?? largest), Number(committedChf)) || 1;
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of [["class", "spending"], ["role", "img"], ["aria-label", label]]) svg.setAttribute(key, value);
  let start = 0;
  const draw = (/** @type {number} */ chf, /** @type {string} */ name) => {
    const rect = document.createElementNS(SVG, "rect");
    const box = { x: `${(start / total) * 100}%`, width: `${(chf / total) * 100}%`, height: "100%", class: name };
    for (const [key, value] of Object.entries(box)) rect.setAttribute(key, value);
    svg.append(rect);
    start += chf;
  };
  for (const [place, { costChf: cost }] of byEngine.entries()) draw(Number(cost), `shade-${place % SHADES}`);
  draw(Math.max(0, Number(committedChf) - start), "reserved");
  return svg;
}

/**
 * @param {Api.UsageWindow} window
 * @param {string | null} limitChf
 */
function changeCap(window, limitChf) {
  const field = h("input", { type: "number", min: "0", step: "any", value: limitChf === null ? "" : String(Number(limitChf)) });
  openFormDialog(
    t("usage.setCap"),
    h("label", {}, t("usage.capField"), field, h("span", { class: "hint" }, t("usage.capHint"))),
    t("track.save"),
    async () => {
      await setSpendLimit(window, field.value || null);
      go("/admin");
    },
  );
}
