/** What can be done with tracks of a list, by buttons, menus and shortcuts. */

import { unsaveTrack } from "../api/library.js";
import { deleteTrack, loadTrack } from "../api/tracks.js";
import { openAddDialog } from "../elements/add-dialog.js";
import { openMenu } from "../elements/menu.js";
import { openShareDialog } from "../elements/share-dialog.js";
import { openTagsDialog } from "../elements/tags-dialog.js";
import { deleteLater } from "./deletions.js";
import { h } from "./dom.js";
import { icons } from "./icons.js";
import { markFavourite } from "./library-changes.js";
import { forEach } from "./many.js";
import { toast } from "./messages.js";
import * as player from "./player.js";
import { number, t } from "./texts.js";

/** Time between two downloads in milliseconds; browsers drop some that start at once. */
const DOWNLOAD_MS = 400;

/** @param {{ title: string | null }} track */
export const titleOf = (track) => track.title ?? t("track.untitled");

/**
 * @param {"tracks.count" | "tracks.deleted" | "tracks.queued" | "tracks.next"} key
 * @param {Entry[]} entries
 */
const tell = (key, entries) =>
  entries.length === 1
    ? t(`${key}.one`, { title: titleOf(entries[0].track) })
    : t(key, { count: number(entries.length) });

/**
 * Run a command for entries of the library; an entry of a track that is not in it has no `isFavourite`.
 *
 * @param {string} name
 * @param {Entry[]} entries at least one
 * @param {() => void} [onUndo] called when a deletion is undone
 */
export function runCommand(name, entries, onUndo) {
  const ids = entries.map((entry) => entry.track.id);
  const isInLibrary = entries.every((entry) => entry.isFavourite !== undefined);
  switch (name) {
    case "favourite":
      if (!isInLibrary) return;
      for (const entry of entries) void markFavourite(entry, entries.some((each) => !each.isFavourite));
      break;
    case "tag":
      if (isInLibrary) openTagsDialog(entries);
      break;
    case "add":
      void openAddDialog(ids, tell("tracks.count", entries));
      break;
    case "next":
    case "queue":
      player.enqueue(ids, name === "next");
      toast(tell(name === "next" ? "tracks.next" : "tracks.queued", entries));
      break;
    case "share":
      if (entries.length === 1) openShareDialog(ids[0], titleOf(entries[0].track));
      break;
    case "download":
      if (ids.length === 1) void download(ids);
      else void import("../elements/download-menu.js").then(({ openDownloadMenu }) => openDownloadMenu(entries, () => void download(ids)));
      break;
    case "delete":
      if (isInLibrary) remove(entries, onUndo);
  }
}

/**
 * @param {Entry[]} entries
 * @param {() => void} [onUndo]
 */
function remove(entries, onUndo) {
  const requests = entries.map(({ source, track: { id } }) => {
    // a track of somebody else only leaves the library
    const request = source === "SHARED" ? () => unsaveTrack(id) : () => deleteTrack(id);
    return /** @type {const} */ ([id, request]);
  });
  deleteLater(new Map(requests), tell("tracks.deleted", entries), onUndo);
}

/**
 * Save the MP3 files of tracks.
 *
 * @param {string[]} ids
 */
async function download(ids) {
  if (ids.length > 1) toast(t("tracks.downloading", { count: number(ids.length) }));
  await forEach(ids, async (id) => {
    const files = (await loadTrack(id))?.downloads ?? [];
    const file = files.find((each) => each.format === "MP3" && each.url);
    if (file) h("a", { href: file.url, download: file.fileName }).click();
    if (ids.length > 1) await new Promise((resolve) => setTimeout(resolve, DOWNLOAD_MS));
  });
}

/**
 * Open the menu of a track.
 *
 * @param {Entry} entry
 * @param {import("../elements/menu.js").Action[]} [others] further actions of the list
 */
export function openTrackMenu(entry, others = []) {
  const isInLibrary = entry.isFavourite !== undefined;
  const action = (/** @type {string} */ shape, /** @type {Parameters<typeof t>[0]} */ key, /** @type {string} */ name) => ({
    shape,
    label: t(key),
    run: () => runCommand(name, [entry]),
  });
  openMenu(titleOf(entry.track), [
    action(icons.next, "tracks.playNext", "next"),
    action(icons.queue, "tracks.addToQueue", "queue"),
    action(icons.collection, "tracks.collect", "add"),
    isInLibrary && action(icons.favourite, entry.isFavourite ? "tracks.unfavourite" : "tracks.favourite", "favourite"),
    isInLibrary && action(icons.tag, "tracks.tag", "tag"),
    entry.source !== "SHARED" && action(icons.share, "track.share", "share"),
    action(icons.download, "tracks.download", "download"),
    ...others,
    isInLibrary && action(icons.trash, entry.source === "SHARED" ? "tracks.unsave" : "track.delete", "delete"),
  ]);
}
