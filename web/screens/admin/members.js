/** Members of the organization with their roles, and the share links of all of them. */

import { createMember, disableUser, grantRole, loadMembers, loadShareLinks, removeMember, revokeShare } from "../../api/admin.js";
import { h } from "../../app/dom.js";
import { describe, toast } from "../../app/messages.js";
import { me } from "../../app/session.js";
import { date, number, t } from "../../app/texts.js";
import { openSecretDialog } from "../../elements/copy-field.js";
import { dataTable } from "../../elements/data-table.js";
import { actionButton, openFormDialog } from "../../elements/form-dialog.js";

/** @type {Api.OrganizationRole[]} */
const ROLES = ["VIEWER", "MEMBER", "ADMIN"];

/** @typedef {Awaited<ReturnType<typeof loadMembers>>["edges"][number]["node"]} Member */

/** @typedef {Awaited<ReturnType<typeof loadShareLinks>>["edges"][number]["node"]} Link */

export default function membersSection() {
  /** Names by user id, for the share links. @type {Map<string, string>} */
  const names = new Map();
  const isSelf = (/** @type {Member} */ member) => member.id === me().id;
  /** @type {import("../../elements/data-table.js").Table} */
  const table = dataTable(
    t("admin.members"),
    [
      [t("members.name"), (/** @type {Member} */ member) => (isSelf(member) ? t("members.you", { name: member.name }) : member.name)],
      [t("members.role"), (member) => (isSelf(member) ? t(`role.${member.role}`) : roleField(member))],
      [t("members.joined"), (member) => date(member.joinedAt)],
      [t("admin.state"), (member) => t(member.disabledAt ? "admin.disabled" : member.isClaimed ? "members.claimed" : "admin.active")],
      [t("admin.actions"), (member) => (isSelf(member) ? "–" : h("div", { class: "row" }, actions(member)))],
    ],
    async (after) => {
      const page = await loadMembers(after);
      for (const { node } of page.edges) names.set(node.id, node.name);
      return page;
    },
    "",
  );

  /** @param {Member} member */
  const actions = ({ id, name, disabledAt }) => [
    actionButton(t("members.remove"), name, t("members.removeExplain"), () => removeMember(id).then(table.refresh)),
    !disabledAt && actionButton(t("admin.disable"), name, t("members.disableExplain"), () => disableUser(id).then(table.refresh)),
  ];

  /** @type {import("../../elements/data-table.js").Table} */
  const links = dataTable(
    t("shares.title"),
    [
      [t("shares.what"), (/** @type {Link} */ link) => link.track?.title ?? link.collection?.name ?? t(`shares.${link.targetType}`)],
      [t("admin.person"), (link) => names.get(link.userId) ?? "–"],
      [t("admin.created"), (link) => date(link.createdAt)],
      [t("admin.expires"), (link) => (link.expiresAt ? date(link.expiresAt) : t("admin.never"))],
      [t("shares.opened"), (link) => number(link.openCount)],
      [
        t("admin.actions"),
        (link) => {
          const revoke = () => revokeShare(link.id).then(links.refresh);
          return actionButton(t("admin.revoke"), t("shares.title"), t("shares.revokeExplain"), revoke);
        },
      ],
    ],
    async (after) => {
      await table.loaded;
      return loadShareLinks(after);
    },
    t("shares.empty"),
  );

  const create = () => openCreateDialog(table.refresh);
  return [
    h("div", {}, h("button", { class: "button primary", type: "button", onclick: create }, t("members.create"))),
    table.element,
    links.element,
  ];
}

/** @param {Member} member */
function roleField(member) {
  const field = roles(member.role, t("members.roleOf", { name: member.name }));
  field.addEventListener("change", async () => {
    try {
      await grantRole(member.id, /** @type {Api.OrganizationRole} */ (field.value));
      member.role = /** @type {Api.OrganizationRole} */ (field.value);
    } catch (error) {
      field.value = member.role;
      toast(describe(error));
    }
  });
  return field;
}

/**
 * @param {Api.OrganizationRole} chosen
 * @param {string} [label]
 */
const roles = (chosen, label) =>
  h(
    "select",
    { "aria-label": label },
    ROLES.map((role) => h("option", { value: role, selected: role === chosen }, t(`role.${role}`))),
  );

/** @param {() => void} onCreated */
function openCreateDialog(onCreated) {
  const name = h("input", { type: "text", required: true, maxLength: 255 });
  const role = roles("MEMBER");
  const content = [h("label", {}, t("members.name"), name), h("label", {}, t("members.role"), role)];
  openFormDialog(t("members.create"), content, t("members.create"), async () => {
    const url = await createMember(name.value, /** @type {Api.OrganizationRole} */ (role.value));
    onCreated();
    openSecretDialog(name.value, t("members.once"), url);
  });
}
