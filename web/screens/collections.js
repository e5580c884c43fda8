/** Collections: covers in a grid. */

import { loadCollections } from "../api/collections.js";
import { deleted, watchDeleted } from "../app/deletions.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { pagePath } from "../app/location.js";
import { errorMessage } from "../app/messages.js";
import { PagedList } from "../app/paged-list.js";
import { go } from "../app/router.js";
import { number, t } from "../app/texts.js";
import { collectionCover } from "../elements/collection-cover.js";
import { openCollectionDialog } from "../elements/collection-dialog.js";
import { skeletonRow } from "../elements/track-row.js";
import { VirtualList } from "../elements/virtual-list.js";

const PAGE_SIZE = 40;

/** @param {import("../app/router.js").Visit} visit */
export default function collectionsScreen({ signal }) {
  const message = h("div");
  const create = h(
    "button",
    { class: "button primary", type: "button", onclick: () => openCollectionDialog(null, ({ id }) => go(`/collections/${id}`)) },
    icon(icons.add),
    t("collections.new"),
  );
  const rows = new VirtualList(
    {
      label: t("collections.title"),
      key: (index) => pages.items[index]?.id ?? `#${index}`,
      onRange: (first, last) => void pages.need(first, last),
      render: (index) => (pages.items[index] ? card(pages.items[index]) : skeletonRow()),
    },
    signal,
  );
  const show = () => {
    pages.remove((collection) => deleted.value.has(collection.id));
    rows.show(pages.total ?? 0, true);
    render(message, pages.total ? null : h("div", { class: "message" }, h("p", {}, t("collections.empty"))));
  };
  /** @type {PagedList<Card>} */
  let pages;
  const start = () => {
    render(message);
    const onError = (/** @type {unknown} */ error) => {
      render(message, errorMessage(error, start));
      if (pages.total === undefined) rows.show(0);
    };
    pages = new PagedList((page) => loadCollections(page, signal), { size: PAGE_SIZE, onChange: show, onError, isWhole: true }, signal);
    void pages.need(0, 0);
  };
  watchDeleted(show, start, signal);
  start();
  rows.show(4, true);
  return h(
    "div",
    { class: "collections" },
    h("div", { class: "heading" }, h("h1", {}, t("collections.title")), create),
    message,
    rows.element,
  );
}

/** @param {Card} collection */
const card = (collection) =>
  h(
    "li",
    { class: "card" },
    h(
      "a",
      { href: `${pagePath}/collections/${collection.id}`, "data-main": true },
      collectionCover(collection),
      h("span", { class: "name" }, collection.name),
    ),
    h("p", { class: "quiet number" }, countText(collection.trackCount)),
  );

/** @param {number} count */
export const countText = (count) => t(count === 1 ? "library.count.one" : "library.count", { count: number(count) });
