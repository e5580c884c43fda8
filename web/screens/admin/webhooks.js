/** Webhooks of the organization, and the deliveries of one. */

import {
  createWebhook,
  deleteWebhook,
  disableWebhook,
  enableWebhook,
  loadWebhook,
  loadWebhooks,
  redeliver,
  rotateSecret,
} from "../../api/admin.js";
import { h } from "../../app/dom.js";
import { pagePath } from "../../app/location.js";
import { describe, toast } from "../../app/messages.js";
import { date, number, t } from "../../app/texts.js";
import { openSecretDialog } from "../../elements/copy-field.js";
import { dataTable } from "../../elements/data-table.js";
import { actionButton, openFormDialog } from "../../elements/form-dialog.js";
import notFoundScreen from "../not-found.js";

/** @type {Api.WebhookEvent[]} */
const EVENTS = ["GENERATION_SUCCEEDED", "GENERATION_FAILED", "GENERATION_CANCELLED", "GENERATION_REFUSED", "FOCUS_SEGMENT_READY"];
const POLL_MS = 3_000;

/** @param {Api.WebhookEvent} event */
const eventName = (event) => t(`event.${event}`);

export default function webhooksSection() {
  /** @type {import("../../elements/data-table.js").Table} */
  const table = dataTable(
    t("admin.webhooks"),
    [
      [t("webhooks.url"), (hook) => h("a", { href: `${pagePath}/admin/webhooks/${hook.id}` }, hook.url)],
      [t("webhooks.events"), (hook) => hook.events.map(eventName).join(", ")],
      [t("admin.created"), (hook) => date(hook.createdAt)],
      [t("admin.state"), (hook) => (hook.disabledAt ? `${t("admin.disabled")}: ${hook.disabledReason ?? ""}` : t("admin.active"))],
      [t("admin.actions"), (hook) => h("div", { class: "row" }, actions(hook))],
    ],
    loadWebhooks,
    t("webhooks.empty"),
  );

  /** @param {Awaited<ReturnType<typeof loadWebhooks>>["edges"][number]["node"]} hook */
  function actions({ id, url, disabledAt }) {
    const rotate = async () => openSecretDialog(url, t("webhooks.once"), await rotateSecret(id));
    const enable = () => void enableWebhook(id).then(table.refresh, (error) => toast(describe(error)));
    return [
      actionButton(t("webhooks.rotate"), url, t("webhooks.rotateExplain"), rotate),
      disabledAt
        ? h("button", { class: "button", type: "button", onclick: enable }, t("webhooks.enable"))
        : actionButton(t("admin.disable"), url, t("webhooks.disableExplain"), () => disableWebhook(id).then(table.refresh)),
      actionButton(t("track.delete"), url, t("webhooks.deleteExplain"), () => deleteWebhook(id).then(table.refresh)),
    ];
  }

  const create = () => openCreateDialog(table.refresh);
  return [
    h("p", { class: "quiet" }, t("webhooks.explain")),
    h("div", {}, h("button", { class: "button primary", type: "button", onclick: create }, t("webhooks.create"))),
    table.element,
  ];
}

/** @param {() => void} onCreated */
function openCreateDialog(onCreated) {
  const url = h("input", { type: "url", required: true, maxLength: 2048, placeholder: "https://" });
  const boxes = EVENTS.map(() => h("input", { type: "checkbox", checked: true }));
  const choice = h(
    "fieldset",
    {},
    h("legend", {}, t("webhooks.events")),
    EVENTS.map((event, place) => h("label", { class: "check" }, boxes[place], eventName(event))),
  );
  openFormDialog(t("webhooks.create"), [h("label", {}, t("webhooks.url"), url), choice], t("webhooks.create"), async () => {
    const events = EVENTS.filter((_, place) => boxes[place].checked);
    const secret = await createWebhook(url.value, events);
    onCreated();
    openSecretDialog(url.value, t("webhooks.once"), secret);
  });
}

/**
 * Show the deliveries of a webhook, which are loaded again while one of them is pending.
 *
 * @param {string} id
 * @param {AbortSignal} signal
 */
export async function deliveriesSection(id, signal) {
  const webhook = await loadWebhook(id);
  if (!webhook) return notFoundScreen();
  let timer = 0;
  signal.addEventListener("abort", () => clearTimeout(timer));
  const load = async (/** @type {string | null} */ after) => {
    const found = await loadWebhook(id, after);
    clearTimeout(timer);
    const isPending = found?.deliveries.edges.some(({ node }) => node.status === "PENDING");
    if (isPending && !after && !signal.aborted) timer = setTimeout(table.refresh, POLL_MS);
    return found?.deliveries;
  };
  const again = (/** @type {string} */ delivery) => void redeliver(delivery).then(table.refresh, (error) => toast(describe(error)));
  const table = dataTable(
    t("deliveries.title"),
    [
      [t("deliveries.event"), (delivery) => eventName(delivery.event)],
      [t("admin.created"), (delivery) => date(delivery.createdAt)],
      [t("admin.state"), (delivery) => t(`deliveries.${delivery.status}`)],
      [t("deliveries.attempts"), attempts],
      [t("deliveries.next"), (delivery) => (delivery.nextAttemptAt ? date(delivery.nextAttemptAt) : "–")],
      [
        t("admin.actions"),
        (delivery) => h("button", { class: "button", type: "button", onclick: () => again(delivery.id) }, t("deliveries.again")),
      ],
    ],
    load,
    t("deliveries.empty"),
  );
  const refresh = h("button", { class: "button", type: "button", onclick: table.refresh }, t("deliveries.refresh"));
  return [h("p", { class: "wrap" }, webhook.url), h("div", {}, refresh), table.element];
}

/** @typedef {NonNullable<Awaited<ReturnType<typeof loadWebhook>>>["deliveries"]["edges"][number]["node"]} Delivery */

/** @param {Delivery} delivery */
function attempts({ attempts: all, payload }) {
  const result = (/** @type {Delivery["attempts"][number]} */ { statusCode, error }) => error ?? statusCode;
  const line = (/** @type {Delivery["attempts"][number]} */ attempt) =>
    h("li", {}, `${date(attempt.at)}: ${result(attempt)}, ${number(attempt.milliseconds)} ms`);
  const latest = all.at(-1);
  return h(
    "details",
    {},
    h("summary", {}, latest ? `${number(all.length)} · ${result(latest)}` : t("deliveries.none")),
    h("ul", {}, all.map(line)),
    h("pre", { tabIndex: 0 }, JSON.stringify(payload, null, 2)),
  );
}
