/** Usage, API keys, signed-in browsers, webhooks and members: the sections that the viewer's role may see. */

import { h } from "../app/dom.js";
import { pagePath } from "../app/location.js";
import { organization } from "../app/session.js";
import { t } from "../app/texts.js";
import browsersSection from "./admin/browsers.js";
import keysSection from "./admin/keys.js";
import membersSection from "./admin/members.js";
import usageSection from "./admin/usage.js";
import webhooksSection, { deliveriesSection } from "./admin/webhooks.js";
import notFoundScreen from "./not-found.js";

const SECTIONS = /** @type {const} */ (["usage", "keys", "browsers", "webhooks", "members"]);

const BUILDERS = {
  usage: usageSection,
  keys: keysSection,
  browsers: browsersSection,
  webhooks: webhooksSection,
  members: membersSection,
};

/** @param {import("../app/router.js").Visit} visit */
export default async function adminScreen({ parameters, signal }) {
  const isAdmin = organization().viewerRole === "ADMIN";
  const allowed = SECTIONS.slice(0, isAdmin ? 5 : 3);
  const section = allowed.find((each) => each === (parameters.section ?? "usage"));
  if (!section || (parameters.id && section !== "webhooks")) return notFoundScreen();
  const link = (/** @type {typeof SECTIONS[number]} */ each) =>
    h(
      "a",
      { href: `${pagePath}/admin${each === "usage" ? "" : `/${each}`}`, "aria-current": each === section ? "page" : null },
      t(`admin.${each}`),
    );
  const tabs = allowed.map(link);
  // on phones not all of them are in view
  const showTab = () => tabs[allowed.indexOf(section)].scrollIntoView({ block: "nearest" });
  document.addEventListener("screenchange", showTab, { once: true, signal });
  const content = parameters.id ? await deliveriesSection(parameters.id, signal) : await BUILDERS[section](isAdmin);
  return h(
    "div",
    { class: "admin stack" },
    h("h1", {}, t(`admin.${section}`)),
    h("nav", { class: "tabs", "aria-label": t("nav.admin") }, tabs),
    content,
  );
}
