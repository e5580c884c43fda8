/** Shows the screen of the address. The document stays the same, so that music goes on playing. */

import { pagePath } from "./location.js";

/**
 * @typedef {object} Visit what a screen receives
 * @property {Record<string, string>} parameters parts of the path
 * @property {URLSearchParams} query
 * @property {AbortSignal} signal aborts when the screen is left
 *
 * @typedef {(visit: Visit) => Node | Promise<Node>} Screen
 */

export class Router {
  /** @type {{ pattern: RegExp, names: string[], load: () => Promise<{ default: Screen }> }[]} */
  #routes = [];
  #left = new AbortController();

  /**
   * @param {HTMLElement} outlet
   * @param {(error: unknown) => Node} renderError
   */
  constructor(outlet, renderError) {
    this.outlet = outlet;
    this.renderError = renderError;
    addEventListener("popstate", () => this.#show());
    document.addEventListener("click", (event) => this.#follow(event));
  }

  /**
   * Register a screen below the page's path. ":name" matches one part of the path.
   *
   * @param {string} path
   * @param {() => Promise<{ default: Screen }>} load
   */
  add(path, load) {
    const names = [...path.matchAll(/:(\w+)/g)].map((match) => match[1]);
    this.#routes.push({ pattern: new RegExp(`^${path.replace(/:\w+/g, "([^/]+)")}/?$`), names, load });
  }

  start() {
    return this.#show();
  }

  /**
   * Go to a path below the page's path.
   *
   * @param {string} path
   * @param {{ replace?: boolean }} [options]
   */
  async go(path, { replace = false } = {}) {
    const url = pagePath + path;
    if (replace) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
    await this.#show();
  }

  /** Show the present screen again. */
  reload() {
    return this.#show();
  }

  /** @param {MouseEvent} event */
  #follow(event) {
    const link = /** @type {Element} */ (event.target).closest?.("a[href]");
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!(link instanceof HTMLAnchorElement) || !isPlain || event.defaultPrevented) return;
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname !== pagePath && !link.pathname.startsWith(`${pagePath}/`)) return;
    event.preventDefault();
    void this.go(link.pathname.slice(pagePath.length) + link.search);
  }

  async #show() {
    this.#left.abort();
    const { signal } = (this.#left = new AbortController());
    const path = location.pathname.slice(pagePath.length) || "/";
    const node = await this.#render(path, signal);
    if (signal.aborted) return;
    const update = () => {
      this.outlet.replaceChildren(node);
      scrollTo(0, 0);
      // assistive technology announces the screen by its heading
      const heading = this.outlet.querySelector("h1");
      heading?.setAttribute("tabindex", "-1");
      heading?.focus({ preventScroll: true });
    };
    const isMoving = "startViewTransition" in document && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (isMoving) document.startViewTransition(update);
    else update();
    this.outlet.dispatchEvent(new CustomEvent("screenchange", { detail: path, bubbles: true }));
  }

  /**
   * @param {string} path
   * @param {AbortSignal} signal
   */
  async #render(path, signal) {
    const route = this.#routes.find(({ pattern }) => pattern.test(path)) ?? this.#routes.at(-1);
    if (!route) throw new Error("no routes");
    const values = route.pattern.exec(path)?.slice(1) ?? [];
    const parameters = Object.fromEntries(route.names.map((name, place) => [name, decodeURIComponent(values[place])]));
    try {
      const { default: screen } = await route.load();
      return await screen({ parameters, query: new URLSearchParams(location.search), signal });
    } catch (error) {
      return this.renderError(error);
    }
  }
}
