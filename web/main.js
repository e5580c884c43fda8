/** Starts the page: signs in, then shows the screen of the address. */

import { ApiError } from "./api/graphql.js";
import { h, render } from "./app/dom.js";
import { clearJobs, loadJobs } from "./app/jobs.js";
import { identityProvider, pagePath, signInProblem } from "./app/location.js";
import { errorMessage } from "./app/messages.js";
import * as player from "./app/player.js";
import { go, load, Router } from "./app/router.js";
import { loadViewer, signIn, signOut, viewer } from "./app/session.js";
import { createShell } from "./app/shell.js";
import { installShortcuts } from "./app/shortcuts.js";
import { recall, remember, RETURN } from "./app/storage.js";
import { t } from "./app/texts.js";
import createScreen from "./screens/create.js";
import notFoundScreen from "./screens/not-found.js";
import signInScreen from "./screens/sign-in.js";

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const { element: shell, outlet } = createShell();

const adminScreen = load(() => import("./screens/admin.js"));

const router = new Router(outlet, (error) => errorMessage(error, () => void router.show()));
router.add("/", createScreen);
router.add("/library", load(() => import("./screens/library.js")));
router.add("/collections", load(() => import("./screens/collections.js")));
router.add("/collections/:id", load(() => import("./screens/collection.js")));
router.add("/track/:id", load(() => import("./screens/track.js")));
router.add("/admin", adminScreen);
router.add("/admin/:section", adminScreen);
router.add("/admin/:section/:id", adminScreen);
router.add("/focus", load(() => import("./screens/focus.js")));
router.add("/not-found", notFoundScreen);

/** Return why signing in at the identity provider failed, if it did. */
function providerRefusal() {
  if (!signInProblem) return undefined;
  history.replaceState(null, "", pagePath);
  const name = /** @type {"DENIED" | "EXPIRED" | "REFUSED" | "BUSY" | "UNAVAILABLE"} */ (signInProblem);
  return new ApiError(t(`signIn.${name}`, { provider: identityProvider }), { code: name });
}

/** Redeem the code of a sign-in link, which then disappears from the address. Return why it was refused. */
async function redeemCode() {
  const query = new URLSearchParams(location.search);
  const code = query.get("code");
  if (code === null) return undefined;
  query.delete("code");
  history.replaceState(null, "", location.pathname + (query.size ? `?${query}` : ""));
  try {
    await signIn({ code });
  } catch (error) {
    return error;
  }
  return undefined;
}

/** @param {unknown} [refusal] why the code of a link was refused */
function showSignIn(refusal) {
  router.stop();
  clearJobs();
  player.clear();
  for (const dialog of document.querySelectorAll("dialog")) dialog.remove();
  render(root, signInScreen(refusal));
  document.title = `${t("signIn.title")} – ${t("app.name")}`;
  root.querySelector("input")?.focus();
}

function showNoOrganization() {
  const leave = h("button", { class: "button", type: "button", onclick: () => void signOut().catch(() => {}) }, t("nav.signOut"));
  render(root, h("main", { class: "message" }, h("h1", {}, t("error.noOrganization")), leave));
}

async function start() {
  let refusal = providerRefusal() ?? (await redeemCode());
  if (!viewer.value) await loadViewer();
  viewer.watch((known) => {
    if (!known) {
      showSignIn(refusal);
      refusal = undefined;
    } else if (recall(RETURN, true)) {
      // this person came from a share page
      const path = recall(RETURN, true);
      remember(RETURN, null, true);
      location.replace(location.origin + path);
    } else if (known.organizations.length) {
      render(root, shell);
      void router.start();
      void player.restore();
      loadJobs().catch(() => {}); // the strip stays empty; the screen tells that the server cannot be reached
    } else showNoOrganization();
  });
  installShortcuts(go);
}

start().catch((error) => render(root, h("main", {}, errorMessage(error, () => location.assign(pagePath)))));
