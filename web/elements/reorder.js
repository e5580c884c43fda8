/** Change the order of a list: by dragging the handle of an item, or by the arrow keys on it. */

import { announce } from "../app/messages.js";
import { t } from "../app/texts.js";

/** Distance in pixels from the edge of the window at which dragging scrolls, and by how much in a frame. */
const EDGE = 110;
const EDGE_STEP = 12;

/**
 * Make the items of a list movable by their handles, which have the attribute `data-handle`.
 *
 * @param {import("./virtual-list.js").VirtualList} list
 * @param {{ move: (from: number, to: number) => void, drop: (from: number, to: number) => void, title: (index: number) => string }} options
 *   `move` changes the order in the page, `drop` keeps it
 */
export function makeReorderable(list, { move, drop, title }) {
  const { element } = list;
  element.addEventListener("keydown", (event) => {
    if (!isHandle(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const from = list.indexOf(event.target);
    const to = { ArrowUp: from - 1, ArrowDown: from + 1, Home: 0, End: list.count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0 || to >= list.count || to === from) return;
    move(from, to);
    list.focus(to, "[data-handle]");
    announce(t("order.moved", { title: title(to), position: to + 1, count: list.count }));
    drop(from, to);
  });
  element.addEventListener("pointerdown", (event) => {
    const handle = isHandle(event.target);
    if (handle && event.button === 0) drag(list, handle, event, move, drop);
  });
}

/** @param {EventTarget | null} target */
const isHandle = (target) => /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-handle]"));

/**
 * @param {import("./virtual-list.js").VirtualList} list
 * @param {HTMLElement} handle
 * @param {PointerEvent} start
 * @param {(from: number, to: number) => void} move
 * @param {(from: number, to: number) => void} drop
 */
function drag(list, handle, start, move, drop) {
  start.preventDefault();
  handle.setPointerCapture(start.pointerId);
  const ended = new AbortController();
  const { signal } = ended;
  const from = list.indexOf(handle);
  const key = list.options.key(from);
  const grab = start.clientY - list.element.getBoundingClientRect().top - from * list.rowHeight;
  const item = /** @type {HTMLElement} */ (handle.closest("li"));
  let place = from;
  let { clientY } = start;
  let frame = 0;
  item.classList.add("dragged");
  list.element.classList.add("sorting");
  const scroller = scrollerOf(list.element);
  const follow = () => {
    const step = clientY > innerHeight - EDGE ? EDGE_STEP : clientY < EDGE ? -EDGE_STEP : 0;
    if (step) scroller.scrollBy(0, step);
    const y = clientY - list.element.getBoundingClientRect().top - grab;
    const goal = Math.max(0, Math.min(list.count - 1, Math.round(y / list.rowHeight)));
    if (goal !== place) move(place, goal);
    place = goal;
    list.dragged = { key, y };
    list.update();
    frame = requestAnimationFrame(follow);
  };
  const end = (/** @type {boolean} */ isDropped) => {
    ended.abort();
    cancelAnimationFrame(frame);
    if (!isDropped && place !== from) move(place, from);
    list.dragged = null;
    item.classList.remove("dragged");
    list.element.classList.remove("sorting");
    list.update();
    handle.focus({ preventScroll: true });
    if (isDropped && place !== from) drop(from, place);
  };
  handle.addEventListener("pointermove", (event) => ({ clientY } = event), { signal });
  handle.addEventListener("pointerup", () => end(true), { signal });
  handle.addEventListener("pointercancel", () => end(false), { signal });
  addEventListener("keydown", (event) => event.key === "Escape" && end(false), { signal });
  follow();
}

/**
 * Return the element that scrolls a list.
 *
 * @param {HTMLElement} list
 * @returns {Element}
 */
function scrollerOf(list) {
  for (let each = list.parentElement; each; each = each.parentElement) {
    if (["auto", "scroll"].includes(getComputedStyle(each).overflowY)) return each;
  }
  return document.documentElement;
}
