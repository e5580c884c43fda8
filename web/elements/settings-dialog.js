/** A dialog for the appearance and the language of the page. */

import { chooseTheme, chosenTheme } from "../app/appearance.js";
import { h } from "../app/dom.js";
import { chooseLanguage, chosenLanguage, t } from "../app/texts.js";
import { openDialog } from "./dialog.js";

/** @param {() => void} leave signs out, which has no other place on phones */
export function showSettings(leave) {
  const option = (/** @type {string} */ value, /** @type {string} */ label) => h("option", { value }, label);
  const theme = h(
    "select",
    {},
    option("", t("settings.system")),
    option("light", t("settings.light")),
    option("dark", t("settings.dark")),
  );
  const language = h("select", {}, option("", t("settings.browser")), option("en", "English"), option("de", "Deutsch"));
  theme.value = chosenTheme();
  theme.addEventListener("change", () => chooseTheme(theme.value));
  language.value = chosenLanguage();
  language.addEventListener("change", () => {
    chooseLanguage(language.value);
    location.reload();
  });
  openDialog(
    t("settings.title"),
    h("label", {}, t("settings.theme"), theme),
    h("label", {}, t("settings.language"), language),
    h(
      "div",
      { class: "row" },
      h("button", { class: "button", onclick: leave }, t("nav.signOut")),
      h("button", { class: "button primary" }, t("dialog.close")),
    ),
  );
}
