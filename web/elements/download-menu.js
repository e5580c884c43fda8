/** How to download several tracks: as one archive, which the server makes, or one after the other. */

import { createExport, findExport } from "../api/exports.js";
import { h } from "../app/dom.js";
import { icons } from "../app/icons.js";
import { patiently } from "../app/many.js";
import { describe, toast } from "../app/messages.js";
import { number, t } from "../app/texts.js";
import { openDialog } from "./dialog.js";
import { openMenu } from "./menu.js";

const POLL_MS = 1_000;

/**
 * @param {Entry[]} entries
 * @param {() => void} downloadEach
 */
export function openDownloadMenu(entries, downloadEach) {
  const own = entries.filter(({ source }) => source !== "SHARED");
  const label = own.length < entries.length ? t("download.ownArchive", { count: number(own.length) }) : t("download.archive");
  openMenu(t("download.title", { count: number(entries.length) }), [
    own.length > 0 && { shape: icons.collection, label, run: () => void downloadArchive(own.map(({ track }) => track.id)) },
    { shape: icons.download, label: t("download.each"), run: downloadEach },
  ]);
}

/** @param {string[]} ids */
async function downloadArchive(ids) {
  const label = t("download.title", { count: number(ids.length) });
  const bar = h("progress", { max: 100, value: 0, "aria-label": label });
  const { dialog } = openDialog(
    label,
    h("p", { role: "status" }, t("download.making")),
    bar,
    h("div", { class: "row" }, h("button", { class: "button" }, t("dialog.close"))),
  );
  try {
    let archive = await createExport(ids);
    while (archive.status === "QUEUED" || archive.status === "RUNNING") {
      bar.value = archive.progress;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      archive = (await patiently(() => findExport(archive.id))) ?? { ...archive, status: "FAILED" };
    }
    if (archive.url) h("a", { href: archive.url, download: "" }).click();
    else toast(t("download.failed"));
  } catch (error) {
    toast(describe(error));
  }
  dialog.close();
}
