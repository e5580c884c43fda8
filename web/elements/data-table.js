/** A table of a connection: it loads page by page, and rows that change are replaced in place. */

import { h, render } from "../app/dom.js";
import { errorMessage } from "../app/messages.js";
import { t } from "../app/texts.js";

/**
 * @template Item
 * @typedef {[label: string, cell: (node: Item) => Child]} Column the first one names the row
 */

/** @typedef {{ element: HTMLElement, loaded: Promise<void>, refresh: () => Promise<void> }} Table */

/**
 * @template {{ id: string }} Item
 *
 * @param {string} caption
 * @param {Column<Item>[]} columns
 * @param {(after: string | null) => Promise<Connection<Item> | undefined>} load
 * @param {string} empty what to show instead of no rows
 * @returns {Table}
 */
export function dataTable(caption, columns, load, empty) {
  const body = h("tbody");
  const message = h("div");
  const more = h("button", { class: "button", type: "button", hidden: true }, t("admin.more"));
  /** @type {Map<string, { text: string, row: HTMLElement }>} */
  let shown = new Map();
  /** @type {string | null} */
  let cursor = null;

  const rowOf = (/** @type {Item} */ node) => {
    const text = JSON.stringify(node);
    const known = shown.get(node.id);
    if (known?.text === text) return known.row;
    const row = h(
      "tr",
      {},
      columns.map(([label, cell], place) =>
        h(place ? "td" : "th", { scope: place ? null : "row", dataset: { label } }, cell(node)),
      ),
    );
    shown.set(node.id, { text, row });
    return row;
  };

  const show = async (/** @type {string | null} */ after) => {
    try {
      const { edges, pageInfo } = /** @type {Connection<Item>} */ (await load(after));
      const place = focusedPlace(body);
      const rows = edges.map((edge) => rowOf(edge.node));
      if (after) body.append(...rows);
      else render(body, rows);
      if (!after) shown = new Map([...shown].filter(([, { row }]) => row.isConnected || rows.includes(row)));
      restoreFocus(body, place);
      if (after) /** @type {HTMLElement | null} */ (rows[0]?.querySelector("button, a"))?.focus();
      cursor = pageInfo.endCursor;
      more.hidden = !pageInfo.hasNextPage;
      table.hidden = !body.rows.length;
      render(message, table.hidden && h("p", { class: "message" }, empty));
    } catch (error) {
      if (!after) render(body);
      render(message, errorMessage(error, () => void show(after)));
    }
  };
  more.addEventListener("click", () => void show(cursor));

  render(body, h("tr", { "aria-hidden": "true" }, h("td", { colSpan: columns.length }, h("div", { class: "skeleton" }))));
  const head = h("thead", {}, h("tr", {}, columns.map(([label]) => h("th", { scope: "col" }, label))));
  const table = h("table", { class: "data" }, h("caption", {}, caption), head, body);
  const element = h("div", { class: "stack" }, table, message, h("div", {}, more));
  const loaded = show(null);
  return { element, loaded, refresh: () => show(null) };
}

/**
 * Return where the focus is: row and control.
 *
 * @param {HTMLTableSectionElement} body
 */
function focusedPlace(body) {
  const row = /** @type {HTMLTableRowElement | null} */ (document.activeElement?.closest("tr") ?? null);
  if (!row || !body.contains(row)) return null;
  const controls = [...row.querySelectorAll("button, a, select, summary")];
  return { row: row.sectionRowIndex, control: controls.indexOf(/** @type {Element} */ (document.activeElement)) };
}

/**
 * Focus the same control of a row that was replaced, or one nearby if the row is gone.
 *
 * @param {HTMLTableSectionElement} body
 * @param {ReturnType<typeof focusedPlace>} place
 */
function restoreFocus(body, place) {
  if (!place || body.contains(document.activeElement)) return;
  const row = body.rows[Math.min(place.row, body.rows.length - 1)];
  const controls = /** @type {NodeListOf<HTMLElement> | undefined} */ (row?.querySelectorAll("button, a, select, summary"));
  controls?.[Math.min(place.control, controls.length - 1)]?.focus();
}
