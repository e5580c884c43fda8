/** Library: search as you type, sort, favourites, and an endless list by cursors. */

import { loadLibrary } from "../api/tracks.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { jobEvents } from "../app/jobs.js";
import { pagePath } from "../app/location.js";
import { errorMessage } from "../app/messages.js";
import { number, t } from "../app/texts.js";
import { trackRow } from "../elements/track-row.js";

const PAGE_SIZE = 50;
const SEARCH_DELAY_MS = 200;
const SORTS = /** @type {const} */ (["SAVED_AT", "TITLE", "DURATION"]);

/** @param {import("../app/router.js").Visit} visit */
export default function libraryScreen({ signal }) {
  const search = h("input", { type: "search", "aria-label": t("library.search"), placeholder: t("library.search") });
  const sort = h(
    "select",
    {},
    SORTS.map((key) => h("option", { value: key }, t(`library.sort.${key}`))),
  );
  const favourites = h("input", { type: "checkbox" });
  const count = h("p", { class: "quiet number", role: "status" });
  const list = h("ol", { class: "tracks", role: "list" });
  const end = h("div", { class: "list-end" });
  const message = h("div");
  /** @type {string[]} */
  let ids = [];
  /** @type {string | null} */
  let cursor = null;
  let isLoading = false;
  let loading = new AbortController();

  const loadMore = async () => {
    if (isLoading) return;
    isLoading = true;
    const { signal: current } = loading;
    try {
      const options = {
        first: PAGE_SIZE,
        after: cursor,
        query: search.value.trim(),
        sort: /** @type {Api.LibrarySort} */ (sort.value),
        isFavourite: favourites.checked,
      };
      const { edges, pageInfo, totalCount } = await loadLibrary(options, current);
      if (current.aborted || signal.aborted) return;
      if (cursor === null) render(list);
      const entries = edges.map((/** @type {any} */ edge) => edge.node);
      ids = [...ids, ...entries.map((/** @type {any} */ entry) => entry.track.id)];
      list.append(...entries.map((/** @type {any} */ entry) => trackRow(entry, () => ids, signal)));
      cursor = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      end.hidden = !pageInfo.hasNextPage;
      // observed again, since it may be in view still
      observer.unobserve(end);
      observer.observe(end);
      count.textContent = totalCount ? t(totalCount === 1 ? "library.count.one" : "library.count", { count: number(totalCount) }) : "";
      render(message, totalCount ? null : emptyMessage(search.value.trim()));
    } catch (error) {
      if (current.aborted) return;
      if (cursor === null) render(list);
      render(message, errorMessage(error, () => void loadMore()));
    } finally {
      if (current === loading.signal) isLoading = false;
    }
  };

  const restart = () => {
    loading.abort();
    loading = new AbortController();
    isLoading = false;
    ids = [];
    cursor = null;
    void loadMore();
  };

  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(restart, SEARCH_DELAY_MS);
  });
  sort.addEventListener("change", restart);
  favourites.addEventListener("change", restart);

  // the other rows stay, with the focus and the position of the list
  const addNewest = async () => {
    const isWhole = !search.value.trim() && !favourites.checked && sort.value === "SAVED_AT";
    if (!isWhole || !ids.length) return restart();
    const { edges, totalCount } = await loadLibrary({ first: 1 }, signal);
    const entry = edges[0]?.node;
    if (!entry?.track || ids.includes(entry.track.id)) return;
    ids = [entry.track.id, ...ids];
    list.prepend(trackRow(entry, () => ids, signal));
    count.textContent = t("library.count", { count: number(totalCount) });
  };
  jobEvents.addEventListener("finished", () => void addNewest().catch(restart), { signal });

  const observer = new IntersectionObserver(([entry]) => entry.isIntersecting && cursor && void loadMore(), {
    rootMargin: "800px",
  });
  observer.observe(end);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    observer.disconnect();
    loading.abort();
  });

  render(list, Array.from({ length: 6 }, () => h("li", { class: "skeleton", "aria-hidden": "true" })));
  restart();

  return h(
    "div",
    { class: "library" },
    h("h1", {}, t("library.title")),
    h(
      "div",
      { class: "tools" },
      h("div", { class: "search" }, search),
      h("label", { class: "sort" }, t("library.sort"), sort),
      h("label", { class: "check" }, favourites, t("library.favourites")),
    ),
    count,
    list,
    end,
    message,
  );
}

/** @param {string} query */
function emptyMessage(query) {
  if (query) return h("p", { class: "message" }, t("library.noMatch", { query }));
  return h(
    "div",
    { class: "message" },
    h("p", {}, t("library.empty")),
    h("a", { class: "button primary", href: pagePath }, icon(icons.create), t("library.emptyAction")),
  );
}
