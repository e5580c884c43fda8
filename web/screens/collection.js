/** One collection: its tracks in an order that can be changed. */

import {
  deleteCollection,
  loadCollection,
  loadMembers,
  removeFromCollection,
  reorderCollection,
  shareCollection,
  updateCollection,
} from "../api/collections.js";
import { deleted, deleteLater, watchDeleted } from "../app/deletions.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { pagePath } from "../app/location.js";
import { announce, describe, errorMessage, toast } from "../app/messages.js";
import { PagedList } from "../app/paged-list.js";
import * as player from "../app/player.js";
import { go } from "../app/router.js";
import { t } from "../app/texts.js";
import { runCommand, titleOf } from "../app/track-commands.js";
import { collectionCover } from "../elements/collection-cover.js";
import { openCollectionDialog } from "../elements/collection-dialog.js";
import { makeReorderable } from "../elements/reorder.js";
import { openShareDialog } from "../elements/share-dialog.js";
import { moveHandle, skeletonRow, trackRow } from "../elements/track-row.js";
import { VirtualList } from "../elements/virtual-list.js";
import { countText } from "./collections.js";

const PAGE_SIZE = 100;

/** @param {import("../app/router.js").Visit} visit */
export default async function collectionScreen({ parameters, signal }) {
  const collection = await loadCollection(parameters.id, signal);
  if (!collection || deleted.value.has(collection.id)) return missing();
  const { id } = collection;
  const message = h("div");
  const count = h("p", { class: "quiet number", role: "status" });

  /** Requests that change the order, one after another. */
  let changes = Promise.resolve();
  const change = (/** @type {() => Promise<unknown>} */ run) => {
    changes = changes.then(run).then(
      () => {},
      (error) => {
        if (signal.aborted) return;
        toast(describe(error));
        start();
      },
    );
    return changes;
  };
  const idsUpTo = (/** @type {number} */ last) => pages.items.slice(0, last + 1).map((entry) => entry.track.id);
  const ids = () => pages.items.map((entry) => entry.track.id);
  const keepOrder = (/** @type {number} */ from, /** @type {number} */ to) => change(() => reorderCollection(id, idsUpTo(Math.max(from, to))));

  const move = (/** @type {number} */ from, /** @type {number} */ to) => {
    pages.move(from, to);
    rows.update();
  };
  const moveAndKeep = (/** @type {Entry} */ entry, /** @type {1 | -1} */ step) => {
    const from = pages.items.indexOf(entry);
    const to = from + step;
    if (to < 0 || to >= pages.items.length) return;
    move(from, to);
    announce(t("order.moved", { title: titleOf(entry.track), position: to + 1, count: rows.count }));
    void keepOrder(from, to);
  };
  /** The key of a removal that can be undone. */
  const removal = (/** @type {Entry} */ { track }) => `${id} ${track.id}`;
  const remove = (/** @type {Entry} */ entry) => {
    const place = pages.items.indexOf(entry);
    const requests = new Map([[removal(entry), () => removeFromCollection(id, entry.track.id)]]);
    deleteLater(requests, t("collection.removed", { title: titleOf(entry.track) }));
    rows.focus(place);
  };
  const useCover = (/** @type {Entry} */ { track }) =>
    void updateCollection(id, { coverTrackId: track.id }).then(
      () => render(coverOutlet, collectionCover({ ...collection, cover: track.cover ?? null })),
      (error) => toast(describe(error)),
    );
  const actions = (/** @type {Entry} */ entry) => () => {
    const place = pages.items.indexOf(entry);
    return [
      ...(place > 0 ? [{ shape: icons.up, label: t("order.up"), run: () => moveAndKeep(entry, -1) }] : []),
      ...(place < pages.items.length - 1 ? [{ shape: icons.down, label: t("order.down"), run: () => moveAndKeep(entry, 1) }] : []),
      { shape: icons.picture, label: t("collection.useCover"), run: () => useCover(entry) },
      { shape: icons.close, label: t("collection.remove"), run: () => remove(entry) },
    ];
  };

  const rows = new VirtualList(
    {
      label: t("collection.tracks"),
      key: (index) => pages.items[index]?.track.id ?? `#${index}`,
      onRange: (first, last) => void pages.need(first, last),
      render: (index, rowSignal) => {
        const entry = pages.items[index];
        if (!entry) return skeletonRow();
        return trackRow(entry, ids, rowSignal, { handle: moveHandle(titleOf(entry.track)), actions: actions(entry) });
      },
    },
    signal,
  );
  makeReorderable(rows, { move, drop: (from, to) => void keepOrder(from, to), title: (index) => titleOf(pages.items[index].track) });
  rows.element.addEventListener("trackcommand", (event) => {
    const entry = pages.items[rows.indexOf(event.target)];
    if (!entry) return;
    event.preventDefault();
    const { detail: name } = /** @type {CustomEvent<string>} */ (event);
    if (name === "delete") remove(entry);
    else runCommand(name, [entry]);
  });

  const show = () => {
    pages.remove((entry) => deleted.value.has(entry.track.id) || deleted.value.has(removal(entry)));
    count.textContent = countText(pages.total ?? 0);
    playAll.disabled = !pages.total;
    rows.show(pages.total ?? 0);
    render(message, pages.total ? null : emptyMessage());
  };
  /** @type {PagedList<Entry>} */
  let pages;
  const start = () => {
    render(message);
    const load = async (/** @type {import("../app/paged-list.js").Request} */ page) => {
      const { items, ...rest } = await loadMembers(id, page, signal);
      return { ...rest, items: items.map((track) => ({ ...track.libraryEntry, track })) };
    };
    const onError = (/** @type {unknown} */ error) => void render(message, errorMessage(error, start));
    pages = new PagedList(load, { size: PAGE_SIZE, onChange: show, onError, isWhole: true }, signal);
    void pages.need(0, PAGE_SIZE - 1);
  };

  const playAll = h("button", { class: "button primary", type: "button" }, icon(icons.play), t("collection.play"));
  playAll.addEventListener("click", () => pages.items.length && void player.play(pages.items[0].track.id, ids(), 0));
  const coverOutlet = h("div", {}, collectionCover(collection));
  const heading = h("h1", {}, collection.name);
  const description = h("p", { class: "description" }, collection.description ?? "");
  const button = (/** @type {string} */ shape, /** @type {string} */ label, /** @type {() => void} */ run) =>
    h("button", { class: "button", type: "button", onclick: run }, icon(shape), label);
  const edit = () =>
    openCollectionDialog(collection, (saved) => {
      Object.assign(collection, saved);
      heading.textContent = saved.name;
      description.textContent = saved.description;
      document.title = `${saved.name} – ${t("app.name")}`;
    });
  const removeAll = () => {
    const requests = new Map([[id, () => deleteCollection(id)]]);
    deleteLater(requests, t("collection.deleted", { name: collection.name }), () => go(`/collections/${id}`));
    go("/collections");
  };
  watchDeleted(show, start, signal);
  start();
  rows.show(Math.min(collection.trackCount, 6));
  return h(
    "div",
    { class: "collection" },
    h(
      "header",
      {},
      coverOutlet,
      h(
        "div",
        { class: "stack" },
        heading,
        description,
        count,
        h(
          "div",
          { class: "row" },
          playAll,
          button(icons.share, t("track.share"), () => openShareDialog(id, collection.name, shareCollection)),
          button(icons.edit, t("collections.edit"), edit),
          button(icons.trash, t("track.delete"), removeAll),
        ),
      ),
    ),
    message,
    rows.element,
  );
}

const emptyMessage = () =>
  h(
    "div",
    { class: "message" },
    h("p", {}, t("collection.empty")),
    h("a", { class: "button primary", href: `${pagePath}/library` }, icon(icons.library), t("nav.library")),
  );

function missing() {
  return h(
    "div",
    { class: "message" },
    h("h1", {}, t("collection.notFound")),
    h("a", { class: "button", href: `${pagePath}/collections` }, t("collections.title")),
  );
}
