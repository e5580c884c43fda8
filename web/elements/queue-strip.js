/** The queue strip: what is being made, with its stage, progress and time left. */

import { connection } from "../api/subscriptions.js";
import { h, icon, render } from "../app/dom.js";
import { icons } from "../app/icons.js";
import * as jobs from "../app/jobs.js";
import { describe, toast } from "../app/messages.js";
import * as player from "../app/player.js";
import { createPath, go } from "../app/router.js";
import { t, term } from "../app/texts.js";

const ANNOUNCE_MS = 5_000;

/** Create the strip. Items stay the same elements while their jobs change, so that they keep the focus. */
export function queueStrip() {
  const list = h("ul", { role: "list" });
  const lost = h("p", { class: "lost quiet", role: "status" });
  const announcement = h("p", { class: "visually-hidden", role: "status" });
  const strip = h("section", { class: "queue", "aria-label": t("queue.label") }, lost, list, announcement);
  /** @type {Map<string, ReturnType<typeof createItem>>} */
  const items = new Map();
  let announcing = 0;

  const show = () => {
    const all = jobs.jobs.value;
    strip.toggleAttribute("data-empty", !all.length && !lost.textContent);
    for (const [id, { element }] of items) {
      if (all.some((job) => job.id === id)) continue;
      element.remove();
      items.delete(id);
    }
    for (const job of all) {
      const item = items.get(job.id) ?? createItem();
      if (!items.has(job.id)) list.append(item.element);
      items.set(job.id, item);
      item.show(job);
    }
    announcing ||= setTimeout(() => {
      announcing = 0;
      announcement.textContent = jobs.jobs.value.map((job) => `${titleOf(job)}: ${stateOf(job)}`).join(". ");
    }, ANNOUNCE_MS);
  };
  const showConnection = () => {
    lost.textContent = !navigator.onLine ? t("queue.offline") : connection.value === "lost" ? t("queue.lost") : "";
    show();
  };
  connection.watch(showConnection);
  addEventListener("online", showConnection);
  addEventListener("offline", showConnection);
  jobs.jobs.watch(show);
  jobs.jobEvents.addEventListener("finished", (event) => {
    const { track } = /** @type {CustomEvent<{ track: { id: string, title: string | null } }>} */ (event).detail;
    const title = track.title ?? t("track.untitled");
    toast(t("queue.done", { title }), { label: t("player.play"), run: () => void player.play(track.id) });
  });
  return strip;
}

function createItem() {
  /** @type {Job} */
  let job;
  const title = h("p", { class: "title" });
  const state = h("p", { class: "quiet number" });
  const progress = h("progress", { max: 100 });
  const retry = h("button", { class: "button", type: "button" }, t("queue.retry"));
  const close = h("button", { class: "icon-button", type: "button" }, icon(icons.close));
  retry.addEventListener("click", () => {
    jobs.dismiss(job.id);
    go(createPath(job));
  });
  close.addEventListener("click", () => {
    if (isActive(job)) jobs.cancel(job.id).catch((error) => toast(describe(error)));
    else jobs.dismiss(job.id);
  });
  const element = h("li", {}, h("div", { class: "text" }, title, state, progress), retry, close);
  const show = (/** @type {Job} */ changed) => {
    job = changed;
    const name = titleOf(job);
    title.textContent = name;
    state.textContent = stateOf(job);
    progress.hidden = job.status !== "RUNNING";
    progress.value = job.progress;
    progress.setAttribute("aria-label", name);
    retry.hidden = isActive(job);
    close.setAttribute("aria-label", isActive(job) ? t("queue.cancel", { title: name }) : t("queue.dismiss"));
  };
  return { element, show };
}

/** @param {Job} job */
const isActive = ({ status }) => status === "QUEUED" || status === "RUNNING";

/** @param {Job} job */
const titleOf = (job) => job.title ?? job.prompt;

/** @param {Job} job */
function stateOf(job) {
  const reason = job.errorMessage ?? job.refusalReason ?? "";
  switch (job.status) {
    case "QUEUED":
      return job.queuePosition ? t("queue.queued", { position: job.queuePosition }) : t("queue.next");
    case "RUNNING": {
      const seconds = Math.ceil((Date.parse(job.estimatedReadyAt ?? "") - Date.now()) / 1000);
      const parts = [job.stage && term("stage", job.stage), `${job.progress} %`, seconds > 0 && t("queue.left", { seconds })];
      return parts.filter(Boolean).join(" · ");
    }
    case "REFUSED":
      return t("queue.refused", { reason });
    case "CANCELLED":
      return t("queue.cancelled");
    default:
      return t("queue.failed", { reason });
  }
}
