/** A long list that is loaded by cursors, page by page, where it is looked at. */

import { patiently } from "./many.js";

/**
 * @typedef {object} Request which page to load
 * @property {string | null} after
 * @property {number} first
 * @property {boolean} isFirst
 * @property {boolean} isSkipped whether only the cursor of the next page is of interest
 *
 * @typedef {{ start: number, cursor: string | null, isLoaded: boolean }} Place
 */

/**
 * @template Item
 * @typedef {{ items: Item[], endCursor: string | null, hasNextPage: boolean, total?: number }} Page
 */

/** @template Item */
export class PagedList {
  /** Items by their position; those that are not loaded are missing. @type {Item[]} */
  items = [];
  /** The length of the list; undefined before the first page is loaded. @type {number | undefined} */
  total;
  /** The pages whose cursors are known. @type {Place[]} */
  #pages = [{ start: 0, cursor: null, isLoaded: false }];
  #first = 0;
  #last = 0;
  #isLoading = false;
  #isFailed = false;

  /**
   * @param {(request: Request) => Promise<Page<Item>>} load
   * @param {object} options
   * @param {number} options.size of a page
   * @param {() => void} options.onChange
   * @param {(error: unknown) => void} options.onError
   * @param {boolean} [options.isWhole] whether pages before those in view are loaded with their items
   * @param {AbortSignal} signal
   */
  constructor(load, { size, onChange, onError, isWhole = false }, signal) {
    this.load = load;
    this.size = size;
    this.onChange = onChange;
    this.onError = onError;
    this.isWhole = isWhole;
    this.signal = signal;
  }

  /**
   * Load the items of a range; a later call replaces it.
   *
   * @param {number} first
   * @param {number} last
   */
  async need(first, last) {
    this.#first = this.isWhole ? 0 : first;
    this.#last = last;
    if (this.#isLoading || this.#isFailed) return;
    this.#isLoading = true;
    try {
      for (let page = this.#next(); page && !this.signal.aborted; page = this.#next()) await this.#loadPage(page);
    } catch (error) {
      this.#isFailed = true;
      if (!this.signal.aborted) this.onError(error);
    } finally {
      this.#isLoading = false;
    }
  }

  /** Load what could not be loaded. */
  retry() {
    this.#isFailed = false;
    void this.need(this.#first, this.#last);
  }

  /** Return the first page that is in the range, or that leads to it. */
  #next() {
    return this.#pages.find(({ start, isLoaded }, place) => {
      const end = this.#pages[place + 1]?.start ?? Infinity;
      return !isLoaded && start <= this.#last && end > this.#first;
    });
  }

  /** @param {Place} page */
  async #loadPage(page) {
    const isNewest = page === this.#pages[this.#pages.length - 1];
    const isSkipped = isNewest && page.start + this.size <= this.#first;
    const { items, endCursor, hasNextPage, total } = await patiently(() => this.load({ after: page.cursor, first: this.size, isFirst: page.start === 0, isSkipped }));
    if (this.signal.aborted) return;
    items.forEach((item, place) => (this.items[page.start + place] = item));
    page.isLoaded = !isSkipped || !hasNextPage;
    this.total = total ?? this.total;
    if (isNewest && hasNextPage) {
      this.#pages.push({ start: page.start + (isSkipped ? this.size : items.length), cursor: endCursor, isLoaded: false });
    } else if (!hasNextPage && !isSkipped) this.total = page.start + items.length;
    if (!isSkipped) this.onChange();
  }

  /**
   * @param {number} place
   * @param {Item} item
   */
  insert(place, item) {
    this.items.splice(place, 0, item);
    this.#shift(place, 1);
  }

  /** @param {(item: Item) => boolean} condition */
  remove(condition) {
    for (let place = this.items.length - 1; place >= 0; place -= 1) {
      if (!(place in this.items) || !condition(this.items[place])) continue;
      this.items.splice(place, 1);
      this.#shift(place, -1);
    }
  }

  /**
   * @param {number} place
   * @param {1 | -1} step
   */
  #shift(place, step) {
    this.total = (this.total ?? 0) + step;
    for (const page of this.#pages) if (page.start > place) page.start += step;
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  move(from, to) {
    this.items.splice(to, 0, ...this.items.splice(from, 1));
  }
}
