/** Signs in by the code of a link or by an API key. */

import { h } from "../app/dom.js";
import { identityProvider, openidUrl } from "../app/location.js";
import { describe } from "../app/messages.js";
import { signIn } from "../app/session.js";
import { t } from "../app/texts.js";

/**
 * Create the screen.
 *
 * @param {unknown} [error] why the code of a link was refused
 */
export default function signInScreen(error) {
  const status = h("p", { role: "alert", class: "quiet" }, error ? describe(error) : "");
  const key = h("input", { type: "password", name: "key", required: true, autocomplete: "off", spellcheck: false });
  const button = h("button", { class: identityProvider ? "button" : "button primary" }, t("signIn.submit"));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    button.disabled = true;
    status.textContent = t("signIn.busy");
    try {
      await signIn({ api_key: key.value });
    } catch (refusal) {
      status.textContent = describe(refusal);
      button.disabled = false;
      key.select();
    }
  };
  return h(
    "main",
    { class: "sign-in", id: "main" },
    h(
      "form",
      { class: "stack", onsubmit: submit },
      h("h1", {}, t("app.name")),
      h("p", { class: "quiet" }, t("signIn.hint")),
      identityProvider &&
        h(
          "button",
          { class: "button primary", type: "button", onclick: () => location.assign(openidUrl) },
          t("signIn.provider", { provider: identityProvider }),
        ),
      h("label", {}, t("signIn.key"), key),
      button,
      status,
    ),
  );
}
