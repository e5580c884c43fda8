/** API keys: the viewer's own, and for admins those of all members. */

import { createKey, loadKeys, revokeKey } from "../../api/admin.js";
import { h } from "../../app/dom.js";
import { me } from "../../app/session.js";
import { date, t } from "../../app/texts.js";
import { openSecretDialog } from "../../elements/copy-field.js";
import { dataTable } from "../../elements/data-table.js";
import { actionButton, openFormDialog } from "../../elements/form-dialog.js";

const DAYS = [7, 30, 90, 365];

/** @param {boolean} isAdmin */
export default function keysSection(isAdmin) {
  /** @type {import("../../elements/data-table.js").Column<Api.Keys["edges"][number]["node"]>[]} */
  const columns = [
    [t("keys.name"), (key) => key.name],
    [t("keys.key"), (key) => h("code", {}, `${key.hint}…`)],
    [t("admin.created"), (key) => date(key.createdAt)],
    [t("keys.used"), (key) => (key.lastUsedAt ? date(key.lastUsedAt) : t("admin.never"))],
    [t("admin.expires"), (key) => (key.expiresAt ? date(key.expiresAt) : t("admin.never"))],
    [t("keys.scopes"), (key) => key.scopes.map((/** @type {Api.ApiKeyScope} */ scope) => t(`scope.${scope}`)).join(", ") || "–"],
    [t("admin.state"), state],
  ];
  if (isAdmin) columns.splice(1, 0, [t("admin.person"), (key) => key.userName]);
  const table = dataTable(t("admin.keys"), columns, (after) => loadKeys(isAdmin, after), t("keys.empty"));

  /** @param {Api.Keys["edges"][number]["node"]} key */
  function state({ id, name, isActive, revokedAt }) {
    if (!isActive) return t(revokedAt ? "keys.revoked" : "keys.expired");
    const revoke = () => revokeKey(id).then(table.refresh);
    return actionButton(t("admin.revoke"), name, t("keys.revokeExplain"), revoke);
  }

  const create = () => openCreateDialog(table.refresh);
  return [
    h("p", { class: "quiet" }, t("keys.explain")),
    h("div", {}, h("button", { class: "button primary", type: "button", onclick: create }, t("keys.create"))),
    table.element,
  ];
}

/** @param {() => void} onCreated */
function openCreateDialog(onCreated) {
  const name = h("input", { type: "text", required: true, maxLength: 255 });
  const days = h(
    "select",
    {},
    h("option", { value: "" }, t("admin.never")),
    DAYS.map((count) => h("option", { value: count }, t("keys.days", { count }))),
  );
  /** @type {Api.ApiKeyScope[]} */
  const own = me().scopes;
  const boxes = own.map(() => h("input", { type: "checkbox" }));
  const content = [
    h("label", {}, t("keys.name"), name),
    h("label", {}, t("admin.expires"), days),
    own.map((scope, place) => h("label", { class: "check" }, boxes[place], t(`scope.${scope}`))),
  ];
  openFormDialog(t("keys.create"), content, t("keys.create"), async () => {
    const scopes = own.filter((_, place) => boxes[place].checked);
    const secret = await createKey({ name: name.value, expiresInDays: Number(days.value) || null, scopes });
    onCreated();
    openSecretDialog(name.value, t("keys.once"), secret);
  });
}
