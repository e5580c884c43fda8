/** The frame around every screen: rail, queue strip and player. */

import { playerBar } from "../elements/player-bar.js";
import { queueStrip } from "../elements/queue-strip.js";
import { showSettings } from "../elements/settings-dialog.js";
import { deletePending } from "./deletions.js";
import { h, icon, render } from "./dom.js";
import { icons } from "./icons.js";
import { graphqlUrl, pagePath } from "./location.js";
import { describe, toast } from "./messages.js";
import { chooseOrganization, organization, signOut, viewer } from "./session.js";
import { showShortcuts } from "./shortcuts.js";
import { t } from "./texts.js";

/**
 * Create the frame; screens are shown in its `main` element.
 *
 * @returns {{ element: HTMLElement, outlet: HTMLElement }}
 */
export function createShell() {
  const outlet = h("main", { id: "main", tabIndex: -1 });
  const skip = (/** @type {Event} */ event) => {
    event.preventDefault();
    outlet.focus();
  };
  const element = h(
    "div",
    { class: "shell" },
    h("a", { class: "skip", href: "#main", onclick: skip }, t("app.skip")),
    rail(outlet),
    outlet,
    queueStrip(),
    playerBar(),
    h("div", { class: "toasts", "aria-live": "polite" }),
  );
  return { element, outlet };
}

/** @param {HTMLElement} outlet */
function rail(outlet) {
  const link = (/** @type {string} */ path, /** @type {string} */ shape, /** @type {string} */ label) =>
    h("a", { href: pagePath + path, dataset: { path: path || "/" } }, icon(shape), label);
  const admin = link("/admin", icons.admin, "");
  viewer.watch((known) => {
    if (known?.organizations.length) admin.lastChild?.replaceWith(t(organization().viewerRole === "ADMIN" ? "nav.admin" : "admin.usage"));
  });
  const links = [
    link("", icons.create, t("nav.create")),
    link("/library", icons.library, t("nav.library")),
    link("/collections", icons.collection, t("nav.collections")),
    link("/focus", icons.focus, t("nav.focus")),
    admin,
  ];
  outlet.addEventListener("screenchange", (event) => {
    const { detail: shown } = /** @type {CustomEvent<string>} */ (event);
    for (const each of links) {
      const { path = "" } = each.dataset;
      if (path === shown || (path !== "/" && shown.startsWith(`${path}/`))) each.setAttribute("aria-current", "page");
      else each.removeAttribute("aria-current");
    }
  });
  const leave = () =>
    void deletePending()
      .then(signOut)
      .catch((error) => toast(describe(error)));
  const logo = new URL("../icon.svg", import.meta.url).href;
  return h(
    "nav",
    { class: "rail", "aria-label": t("nav.label") },
    h("p", { class: "brand" }, h("img", { src: logo, alt: "", width: 28, height: 28 }), t("app.name")),
    links,
    h("div", { class: "space" }),
    organizationField(),
    h("button", { class: "wide", type: "button", onclick: showShortcuts }, icon(icons.keyboard), t("nav.shortcuts")),
    h("a", { class: "wide", href: graphqlUrl, target: "_blank" }, icon(icons.explore), t("nav.explore")),
    h("button", { type: "button", onclick: () => showSettings(leave) }, icon(icons.settings), t("settings.title")),
    h("button", { class: "wide", type: "button", onclick: leave }, icon(icons.leave), t("nav.signOut")),
  );
}

/** Create the choice of the organization, for people with several. */
function organizationField() {
  const field = h("select", { class: "wide", "aria-label": t("nav.organization") });
  field.addEventListener("change", () => {
    chooseOrganization(field.value);
    location.reload();
  });
  viewer.watch((known) => {
    const all = known?.organizations ?? [];
    field.hidden = all.length < 2;
    render(field, all.map((each) => h("option", { value: each.id }, each.name)));
    if (all.length) field.value = organization().id;
  });
  return field;
}
