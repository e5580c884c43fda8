/** A long list or grid of which only the items near the window are in the document. */

import { h } from "../app/dom.js";

const ROW_REM = 4.0625;
const CELL_REM = 10;
const CELL_TEXT_REM = 4.75;
const GAP_REM = 1;
/** Pixels above and below the window whose items are in the document. */
const OVERSCAN = 400;

/** Pixels in a frame above which covers are not loaded, and the time in milliseconds after which they are. */
const FAST = 24;
const SETTLE_MS = 120;

/**
 * Load the covers of an element that were deferred.
 *
 * @param {Element} element
 */
export function showCovers(element) {
  for (const image of /** @type {NodeListOf<HTMLImageElement>} */ (element.querySelectorAll("img[data-src]"))) {
    image.src = image.dataset.src ?? "";
    delete image.dataset.src;
  }
}

/**
 * @typedef {object} Options
 * @property {string} label
 * @property {(index: number) => string} key identifies an item, which is rendered again when its key changes
 * @property {(index: number, signal: AbortSignal) => HTMLElement} render the signal aborts when the item is removed
 * @property {(first: number, last: number) => void} [onRange] is called with the items in the document
 */

export class VirtualList {
  /** The item that is dragged and its distance from the top of the list. @type {{ key: string, y: number } | null} */
  dragged = null;
  /** @type {Map<string, { element: HTMLElement, index: number, controller: AbortController, box: string }>} */
  #items = new Map();
  #count = 0;
  #isGrid = false;
  #columns = 1;
  #rowHeight = 1;
  #frame = 0;
  #top = 0;
  #timer = 0;
  /** Index of an item that is rendered wherever it is, to receive the focus. */
  #pinned = -1;

  /**
   * @param {Options} options
   * @param {AbortSignal} signal
   */
  constructor(options, signal) {
    this.options = options;
    this.element = h("ol", { class: "virtual", role: "list", "aria-label": options.label });
    const schedule = () => void (this.#frame ||= requestAnimationFrame(() => this.update()));
    // captured, since scroll events of panels do not bubble
    addEventListener("scroll", schedule, { capture: true, passive: true, signal });
    addEventListener("resize", schedule, { signal });
    const observer = new ResizeObserver(schedule);
    observer.observe(this.element);
    this.element.addEventListener("keydown", this.#onKey);
    signal.addEventListener("abort", () => {
      observer.disconnect();
      clearTimeout(this.#timer);
      cancelAnimationFrame(this.#frame);
      for (const { controller } of this.#items.values()) controller.abort();
    });
  }

  get count() {
    return this.#count;
  }

  get rowHeight() {
    return this.#rowHeight;
  }

  /**
   * Show this many items.
   *
   * @param {number} count
   * @param {boolean} [isGrid]
   */
  show(count, isGrid = this.#isGrid) {
    if (isGrid !== this.#isGrid) this.clear();
    this.#isGrid = isGrid;
    this.#count = count;
    this.element.classList.toggle("grid", isGrid);
    this.update();
  }

  /** Remove all items; the next update renders them again. */
  clear() {
    for (const key of [...this.#items.keys()]) this.#remove(key);
  }

  /**
   * Return the index of the item that contains a node; -1 if none does.
   *
   * @param {EventTarget | null} node
   */
  indexOf(node) {
    const found = [...this.#items.values()].find(({ element }) => element.contains(/** @type {Node} */ (node)));
    return found?.index ?? -1;
  }

  /**
   * Focus an item and scroll it into view.
   *
   * @param {number} index
   * @param {string} [selector] of the control in it
   */
  focus(index, selector = "[data-main]") {
    if (!this.#count) return;
    this.#pinned = Math.max(0, Math.min(index, this.#count - 1));
    this.update();
    const element = this.#items.get(this.options.key(this.#pinned))?.element;
    this.#pinned = -1;
    /** @type {HTMLElement | null | undefined} */ (element?.querySelector(selector))?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "nearest" });
  }

  update() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { top, width } = this.element.getBoundingClientRect();
    if (!width) return;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const gap = this.#isGrid ? GAP_REM * rem : 0;
    this.#columns = this.#isGrid ? Math.max(2, Math.floor((width + gap) / (CELL_REM * rem + gap))) : 1;
    const cell = (width + gap) / this.#columns - gap;
    const height = this.#isGrid ? cell + CELL_TEXT_REM * rem : ROW_REM * rem;
    this.#rowHeight = height + gap;
    const rows = Math.ceil(this.#count / this.#columns);
    this.element.style.height = `${rows * this.#rowHeight}px`;
    const first = Math.max(0, Math.floor((-top - OVERSCAN) / this.#rowHeight)) * this.#columns;
    const end = Math.min(this.#count, Math.ceil((innerHeight - top + OVERSCAN) / this.#rowHeight) * this.#columns);
    const focused = this.element.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
    const shown = this.#place(first, end, cell, height, cell + gap);
    for (const [key, { element }] of this.#items) {
      const isKept = shown.has(key) || (focused && element.contains(focused) && this.options.key(this.indexOf(focused)) === key);
      if (!isKept) this.#remove(key);
    }
    // an element that is moved in the document loses the focus
    if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
    if (end > first) this.options.onRange?.(first, end - 1);
    const isFast = Math.abs(top - this.#top) > FAST;
    this.#top = top;
    clearTimeout(this.#timer);
    if (isFast) this.#timer = setTimeout(() => this.update(), SETTLE_MS);
    else showCovers(this.element);
  }

  /**
   * Put the items of a range into the document, in their order. Return their keys.
   *
   * @param {number} first
   * @param {number} end
   * @param {number} width of an item
   * @param {number} height of an item
   * @param {number} step between two columns
   */
  #place(first, end, width, height, step) {
    const indexes = Array.from({ length: Math.max(0, end - first) }, (_, place) => first + place);
    if (this.#pinned >= 0 && this.#pinned < first) indexes.unshift(this.#pinned);
    else if (this.#pinned >= end) indexes.push(this.#pinned);
    const shown = new Set();
    const { key: draggedKey = "", y: draggedY = 0 } = this.dragged ?? {};
    const draggedElement = this.#items.get(draggedKey)?.element;
    const staying = new Set(indexes.map((index) => this.#items.get(this.options.key(index))?.element));
    // elements that leave are passed over, since those that are moved are laid out again; the dragged one would lose the pointer
    const pass = (/** @type {any} */ element) => {
      while (element && (element === draggedElement || !staying.has(element))) element = element.nextElementSibling;
      return element;
    };
    let next = pass(this.element.firstElementChild);
    for (const index of indexes) {
      const key = this.options.key(index);
      const item = this.#items.get(key) ?? this.#create(key, index);
      item.index = index;
      shown.add(key);
      const { element } = item;
      const y = key === draggedKey ? draggedY : Math.floor(index / this.#columns) * this.#rowHeight;
      const box = `${(index % this.#columns) * step} ${y} ${width} ${height} ${index} ${this.#count}`;
      if (item.box !== box) {
        item.box = box;
        element.style.transform = `translate(${(index % this.#columns) * step}px, ${y}px)`;
        element.style.width = `${width}px`;
        element.style.height = `${height}px`;
        element.setAttribute("aria-posinset", String(index + 1));
        element.setAttribute("aria-setsize", String(this.#count));
      }
      if (element === next) next = pass(next.nextElementSibling);
      else if (element !== draggedElement || !element.isConnected) this.element.insertBefore(element, next);
    }
    if (draggedElement) shown.add(draggedKey);
    return shown;
  }

  /**
   * @param {string} key
   * @param {number} index
   */
  #create(key, index) {
    const controller = new AbortController();
    const item = { element: this.options.render(index, controller.signal), index, controller, box: "" };
    this.#items.set(key, item);
    return item;
  }

  /** @param {string} key */
  #remove(key) {
    const item = this.#items.get(key);
    this.#items.delete(key);
    item?.controller.abort();
    item?.element.remove();
  }

  /** Move the focus between items by the arrow keys, Home and End. */
  #onKey = (/** @type {KeyboardEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || target.matches("[data-handle]")) return;
    const index = this.indexOf(target);
    const step = { ArrowDown: this.#columns, ArrowUp: -this.#columns }[event.key] ?? (this.#isGrid ? { ArrowRight: 1, ArrowLeft: -1 }[event.key] : 0);
    const goal = event.key === "Home" ? 0 : event.key === "End" ? this.#count - 1 : step ? index + step : -1;
    if (index < 0 || goal < 0 || goal >= this.#count) return;
    event.preventDefault();
    this.focus(goal);
  };
}
