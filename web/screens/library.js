/** Library: search as you type, filters, selection, and a list of any length. */

import { loadFacets, loadLibrary } from "../api/library.js";
import { deleted, watchDeleted } from "../app/deletions.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { jobEvents } from "../app/jobs.js";
import { pagePath } from "../app/location.js";
import { errorMessage } from "../app/messages.js";
import { PagedList } from "../app/paged-list.js";
import { recall, remember } from "../app/storage.js";
import { number, t } from "../app/texts.js";
import { Selection } from "../elements/selection.js";
import { skeletonRow, trackRow } from "../elements/track-row.js";
import { VirtualList } from "../elements/virtual-list.js";

const PAGE_SIZE = 100;
const SEARCH_DELAY_MS = 200;
/** The most tracks that play after one of the list. */
const MAX_QUEUE = 500;
const SORTS = /** @type {const} */ (["SAVED_AT", "CREATED_AT", "TITLE", "DURATION"]);
const SOURCES = /** @type {const} */ (["OWN", "SHARED"]);
const VIEW = "library-view";
/** For how long "back" shows the list as it was; the URLs of its covers expire later. */
const KEPT_MS = 5 * 60_000;

/** The list that was left. @type {{ query: string, pages: PagedList<SavedEntry>, leftAt: number } | undefined} */
let left;

/** @param {import("../app/router.js").Visit} visit */
export default function libraryScreen({ query, signal }) {
  const tools = toolbar(query);
  const count = h("p", { class: "quiet number", role: "status" });
  const message = h("div");
  let listed = new AbortController();

  const rows = new VirtualList(
    {
      label: t("library.title"),
      key: (index) => pages.items[index]?.id ?? `#${index}`,
      onRange: (first, last) => void pages.need(first, last),
      render: (index, rowSignal) => {
        const entry = pages.items[index];
        if (!entry) return skeletonRow();
        const checkbox = selection.checkbox(entry);
        return trackRow(entry, () => idsFrom(entry), rowSignal, { checkbox, actions: () => [selection.action(entry)] });
      },
    },
    signal,
  );
  const selection = new Selection(rows, (index) => pages.items[index], signal);

  const idsFrom = (/** @type {SavedEntry} */ entry) => {
    const ids = [];
    for (let place = pages.items.indexOf(entry); pages.items[place] && ids.length < MAX_QUEUE; place += 1) {
      ids.push(pages.items[place].track.id);
    }
    return ids;
  };

  const show = () => {
    pages.remove((entry) => deleted.value.has(entry.track.id));
    const { total = 0 } = pages;
    count.textContent = total ? t(total === 1 ? "library.count.one" : "library.count", { count: number(total) }) : "";
    rows.show(total, tools.isGrid());
    render(message, total ? null : emptyMessage(tools));
  };

  /** @type {PagedList<SavedEntry>} */
  let pages;
  const restart = () => {
    listed.abort();
    const { signal: current } = (listed = new AbortController());
    const list = tools.list();
    pages = new PagedList((page) => loadLibrary(list, page, current), { size: PAGE_SIZE, onChange: show, onError }, current);
    selection.clear();
    void pages.need(0, 0);
  };
  /** Show the list that was left at this place of the history. */
  const resume = (/** @type {PagedList<SavedEntry>} */ list) => {
    pages = list;
    pages.onChange = show;
    pages.onError = onError;
    pages.signal = listed.signal;
    const options = tools.list();
    pages.load = (page) => loadLibrary(options, page, listed.signal);
    document.addEventListener("screenchange", () => (rows.update(), scrollTo(0, history.state?.y ?? 0)), { once: true });
    show();
  };
  const onError = (/** @type {unknown} */ error) => {
    const retry = () => {
      render(message);
      pages.retry();
    };
    render(message, errorMessage(error, retry));
    if (pages.total === undefined) rows.show(0);
  };

  tools.onChange(() => {
    history.replaceState(null, "", `${pagePath}/library${tools.query()}`);
    restart();
  });
  tools.onView(() => rows.show(pages.total ?? 0, tools.isGrid()));

  watchDeleted(show, restart, signal);

  // the other rows stay, with the focus and the position of the list
  const addNewest = async () => {
    if (tools.query() || !pages.total) return restart();
    const { items } = await loadLibrary({}, { first: 1 }, signal);
    if (!items.length || pages.items.some((entry) => entry?.id === items[0].id)) return;
    pages.insert(0, items[0]);
    show();
  };
  jobEvents.addEventListener("finished", () => void addNewest().catch(restart), { signal });
  signal.addEventListener("abort", () => {
    tools.stop();
    left = { query: tools.query(), pages, leftAt: Date.now() };
    listed.abort();
  });

  const isBack = history.state?.y !== undefined && left?.query === tools.query() && Date.now() - left.leftAt < KEPT_MS;
  if (isBack && left?.pages.total) resume(left.pages);
  else {
    restart();
    rows.show(6);
  }
  loadFacets(signal)
    .then((facets) => facets && tools.showFacets(facets))
    .catch(() => {}); // the list tells what is wrong
  return h("div", { class: "library" }, h("h1", {}, t("library.title")), tools.element, selection.bar, count, message, rows.element);
}

/**
 * Create the search field, the filters and the order.
 *
 * @param {URLSearchParams} initial
 */
function toolbar(initial) {
  const search = h("input", { type: "search", value: initial.get("q") ?? "", "aria-label": t("library.search"), placeholder: t("library.search") });
  const select = (/** @type {Parameters<typeof t>[0]} */ label, /** @type {string} */ name, /** @type {[string, string][]} */ options) => {
    const field = h("select", {}, options.map(([value, text]) => h("option", { value }, text)));
    const chosen = initial.get(name);
    // until the facets are loaded
    if (chosen && !options.some(([value]) => value === chosen)) field.append(h("option", { value: chosen }, chosen));
    field.value = chosen ?? options[0][0];
    return { name, field, element: h("label", {}, t(label), field) };
  };
  const all = /** @type {[string, string]} */ (["", t("library.all")]);
  const sort = select("library.sort", "sort", SORTS.map((key) => [key, t(`library.sort.${key}`)]));
  const style = select("library.style", "style", [all]);
  const tag = select("library.tag", "tag", [all]);
  const source = select("library.source", "source", [all, ...SOURCES.map((key) => /** @type {[string, string]} */ ([key, t(`library.source.${key}`)]))]);
  const favourites = h("input", { type: "checkbox", checked: initial.has("favourite") });
  const grid = h("button", { class: "icon-button", type: "button", "aria-label": t("library.grid") }, icon(icons.grid));
  const showView = () => grid.setAttribute("aria-pressed", String(recall(VIEW) === "grid"));
  showView();
  let timer = 0;
  const filter = () => ({
    ...(favourites.checked && { isFavourite: true }),
    ...(style.field.value && { style: style.field.value }),
    ...(tag.field.value && { tags: [tag.field.value] }),
    ...(source.field.value && { source: source.field.value }),
  });
  const element = h(
    "div",
    { class: "tools" },
    h("div", { class: "search" }, search),
    [style, tag, source, sort].map(({ element: field }) => field),
    h("label", { class: "check" }, favourites, t("library.favourites")),
    grid,
  );
  // phones show the search alone at first; filters of the address are shown with their values
  const open = h("button", { class: "button open-filters", type: "button" }, t("library.filters"));
  const showFilters = (/** @type {boolean} */ isOpen) => {
    element.toggleAttribute("data-open", isOpen);
    open.setAttribute("aria-expanded", String(isOpen));
  };
  showFilters([...initial.keys()].some((name) => name !== "q"));
  open.addEventListener("click", () => showFilters(!element.hasAttribute("data-open")));
  element.children[0].after(open);
  return {
    element,
    list: () => ({
      query: search.value.trim(),
      sort: /** @type {Api.LibrarySort} */ (sort.field.value),
      filter: /** @type {Api.LibraryFilter} */ (filter()),
    }),
    isFiltered: () => search.value.trim() !== "" || Object.keys(filter()).length > 0,
    /** Return the state as the query of an address; it is empty for the whole library. */
    query: () => {
      const found = new URLSearchParams();
      if (search.value.trim()) found.set("q", search.value.trim());
      for (const { name, field } of [sort, style, tag, source]) if (field.selectedIndex > 0) found.set(name, field.value);
      if (favourites.checked) found.set("favourite", "1");
      return found.size ? `?${found}` : "";
    },
    isGrid: () => recall(VIEW) === "grid",
    /** @param {{ styles: { value: string, count: number }[], tags: { value: string, count: number }[] }} facets */
    showFacets: ({ styles, tags }) => {
      for (const [{ field }, values] of /** @type {const} */ ([[style, styles], [tag, tags]])) {
        const chosen = field.value;
        const options = values.map(({ value, count }) => h("option", { value }, `${value} (${number(count)})`));
        render(field, h("option", { value: "" }, all[1]), options);
        if (chosen && !values.some(({ value }) => value === chosen)) field.append(h("option", { value: chosen }, chosen));
        field.value = chosen;
      }
    },
    /** @param {() => void} run */
    onChange: (run) => {
      search.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(run, SEARCH_DELAY_MS);
      });
      for (const field of [favourites, ...[sort, style, tag, source].map((each) => each.field)]) field.addEventListener("change", run);
    },
    /** @param {() => void} run */
    onView: (run) =>
      grid.addEventListener("click", () => {
        remember(VIEW, recall(VIEW) === "grid" ? "list" : "grid");
        showView();
        run();
      }),
    stop: () => clearTimeout(timer),
    text: () => search.value.trim(),
  };
}

/** @param {ReturnType<typeof toolbar>} tools */
function emptyMessage(tools) {
  if (tools.isFiltered()) {
    const text = tools.text() ? t("library.noMatch", { query: tools.text() }) : t("library.noneFiltered");
    return h("p", { class: "message" }, text);
  }
  return h(
    "div",
    { class: "message" },
    h("p", {}, t("library.empty")),
    h("a", { class: "button primary", href: pagePath }, icon(icons.create), t("library.emptyAction")),
  );
}
