/** The browsers in which the viewer is signed in. */

import { endSession, endOtherSessions, loadSessions } from "../../api/browsers.js";
import { h } from "../../app/dom.js";
import { date, t } from "../../app/texts.js";
import { dataTable } from "../../elements/data-table.js";
import { actionButton } from "../../elements/form-dialog.js";

const BROWSERS = [
  ["Edg/", "Edge"],
  ["OPR/", "Opera"],
  ["Firefox/", "Firefox"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
];
const SYSTEMS = [
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Windows", "Windows"],
  ["Mac OS", "macOS"],
  ["Linux", "Linux"],
];

export default function browsersSection() {
  /** @typedef {Awaited<ReturnType<typeof loadSessions>>["edges"][number]["node"]} Session */
  /** @type {import("../../elements/data-table.js").Column<Session>[]} */
  const columns = [
    [t("browsers.browser"), (session) => h("span", { title: session.browser }, nameOf(session.browser))],
    [t("browsers.signedIn"), (session) => date(session.createdAt)],
    [t("keys.used"), (session) => (session.lastUsedAt ? date(session.lastUsedAt) : t("admin.never"))],
    [t("admin.expires"), (session) => date(session.expiresAt)],
    [t("admin.state"), state],
  ];
  const table = dataTable(t("admin.browsers"), columns, loadSessions, "");

  /** @param {Session} session */
  function state({ id, browser, isCurrent }) {
    if (isCurrent) return t("browsers.current");
    return actionButton(t("nav.signOut"), nameOf(browser), t("browsers.endExplain"), () =>
      endSession(id).then(table.refresh),
    );
  }

  const endOthers = () => endOtherSessions().then(table.refresh);
  return [
    h("p", { class: "quiet" }, t("browsers.explain")),
    h("div", {}, actionButton(t("browsers.endOthers"), t("admin.browsers"), t("browsers.endExplain"), endOthers)),
    table.element,
  ];
}

/**
 * Return the browser and the system in a User-Agent header, or the start of a header that names neither.
 *
 * @param {string} header
 */
function nameOf(header) {
  const find = (/** @type {string[][]} */ names) => names.find(([part]) => header.includes(part))?.[1];
  return [find(BROWSERS), find(SYSTEMS)].filter(Boolean).join(", ") || header.slice(0, 40) || "–";
}
