/** The screen for an unknown address. */

import { h } from "../app/dom.js";
import { pagePath } from "../app/location.js";
import { t } from "../app/texts.js";

export default function notFoundScreen() {
  return h(
    "div",
    { class: "message" },
    h("h1", {}, t("error.notFound")),
    h("a", { class: "button", href: pagePath }, t("error.home")),
  );
}
