/** Shows the screen of the address. The document stays the same, so that music goes on playing. */

import { ApiError } from "../api/graphql.js";
import { isReachable, pagePath } from "./location.js";
import { t } from "./texts.js";

/**
 * @typedef {object} Visit what a screen receives
 * @property {Record<string, string>} parameters parts of the path
 * @property {URLSearchParams} query
 * @property {AbortSignal} signal aborts when the screen is left
 *
 * @typedef {(visit: Visit) => Node | Promise<Node>} Screen
 */

/**
 * Go to a path below the page's path. The present screen is not added to the history again.
 *
 * @param {string} path such as "/library"
 */
export function go(path) {
  const url = new URL(pagePath + (path === "/" ? "" : path.replace(/^\/(?=\?)/, "")), location.origin);
  if (url.href === location.href) history.replaceState(null, "", url);
  else {
    // "back" returns to this place
    history.replaceState({ y: scrollY }, "");
    history.pushState(null, "", url);
  }
  dispatchEvent(new PopStateEvent("popstate"));
}

/**
 * Return the path of the screen that makes something like a generation.
 *
 * @param {{ prompt: string, styleTags?: string[] }} generation
 * @param {Record<string, string>} [more] further parameters
 */
export function createPath({ prompt, styleTags = [] }, more) {
  const query = new URLSearchParams({ prompt, ...more });
  for (const style of styleTags) query.append("style", style);
  return `/?${query}`;
}

/**
 * Load the module of a screen when it is first shown.
 *
 * @param {() => Promise<{ default: Screen }>} module
 * @returns {Screen}
 */
export const load = (module) => async (visit) => (await module().catch(reload)).default(visit);

/**
 * Load the page again, once: the server may have another version by now, and a browser does not request a module again
 * that it could not load. Throws ApiError without a connection.
 *
 * @param {unknown} error
 * @returns {Promise<never>}
 */
async function reload(error) {
  if (!(await isReachable())) throw new ApiError("", { code: "OFFLINE" });
  if (history.state?.isReloaded) throw error;
  history.replaceState({ isReloaded: true }, "");
  location.reload();
  return new Promise(() => {});
}

export class Router {
  /** @type {{ pattern: RegExp, names: string[], screen: Screen }[]} */
  #routes = [];
  #left = new AbortController();
  #isStarted = false;

  /**
   * @param {HTMLElement} outlet
   * @param {(error: unknown) => Node} renderError
   */
  constructor(outlet, renderError) {
    this.outlet = outlet;
    this.renderError = renderError;
    addEventListener("popstate", () => this.#isStarted && void this.show());
    document.addEventListener("click", (event) => this.#follow(event));
  }

  /**
   * Register a screen below the page's path. ":name" matches one part of the path. The last one is for all other paths.
   *
   * @param {string} path
   * @param {Screen} screen
   */
  add(path, screen) {
    const names = [...path.matchAll(/:(\w+)/g)].map((match) => match[1]);
    this.#routes.push({ pattern: new RegExp(`^${path.replace(/:\w+/g, "([^/]+)")}/?$`), names, screen });
  }

  start() {
    this.#isStarted = true;
    return this.show();
  }

  /** Leave the screen, as after signing out. */
  stop() {
    this.#isStarted = false;
    this.#left.abort();
    this.outlet.replaceChildren();
  }

  /** @param {MouseEvent} event */
  #follow(event) {
    const link = /** @type {Element} */ (event.target).closest?.("a[href]");
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!(link instanceof HTMLAnchorElement) || !isPlain || event.defaultPrevented) return;
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname !== pagePath && !link.pathname.startsWith(`${pagePath}/`)) return;
    event.preventDefault();
    go(link.pathname.slice(pagePath.length) + link.search);
  }

  /** Show the screen of the address, also if it is shown already. */
  async show() {
    this.#left.abort();
    const { signal } = (this.#left = new AbortController());
    const path = location.pathname.slice(pagePath.length) || "/";
    this.outlet.setAttribute("aria-busy", "true");
    const node = await this.#render(path, signal);
    if (signal.aborted) return;
    const update = () => {
      if (signal.aborted) return;
      for (const dialog of document.querySelectorAll("dialog")) dialog.remove();
      this.outlet.replaceChildren(node);
      this.outlet.removeAttribute("aria-busy");
      scrollTo(0, history.state?.y ?? 0);
      this.#focus();
      this.outlet.dispatchEvent(new CustomEvent("screenchange", { detail: path, bubbles: true }));
    };
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // the first screen replaces none, and is shown at once
    const isMoving = "startViewTransition" in document && this.outlet.hasChildNodes() && !isStill;
    // a transition that is skipped, as in a hidden tab, calls update as well
    if (isMoving) document.startViewTransition(update).ready.catch(() => {});
    else update();
  }

  /** Focus the heading, by which assistive technology announces the screen, or the field that a screen marks. */
  #focus() {
    const heading = this.outlet.querySelector("h1");
    document.title = heading ? `${heading.textContent} – ${t("app.name")}` : t("app.name");
    heading?.setAttribute("tabindex", "-1");
    const field = /** @type {HTMLElement | null} */ (this.outlet.querySelector("[data-focus]"));
    (field ?? heading)?.focus({ preventScroll: true });
  }

  /**
   * @param {string} path
   * @param {AbortSignal} signal
   */
  async #render(path, signal) {
    try {
      const route = this.#routes.find(({ pattern }) => pattern.test(path)) ?? this.#routes[this.#routes.length - 1];
      const values = route.pattern.exec(path)?.slice(1) ?? [];
      const parameters = Object.fromEntries(route.names.map((name, place) => [name, decodeURIComponent(values[place])]));
      return await route.screen({ parameters, query: new URLSearchParams(location.search), signal });
    } catch (error) {
      return this.renderError(error);
    }
  }
}
