/** Starts the page: signs in, then shows the screen of the address. */

import { render } from "./app/dom.js";
import { clearJobs, loadJobs } from "./app/jobs.js";
import { pagePath } from "./app/location.js";
import { errorMessage } from "./app/messages.js";
import * as player from "./app/player.js";
import { Router } from "./app/router.js";
import { loadViewer, signIn, viewer } from "./app/session.js";
import { createShell } from "./app/shell.js";
import { installShortcuts } from "./app/shortcuts.js";
import signInScreen from "./screens/sign-in.js";

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const { element: shell, outlet } = createShell();

export const router = new Router(outlet, (error) => errorMessage(error, () => void router.reload()));
router.add("/", () => import("./screens/create.js"));
router.add("/library", () => import("./screens/library.js"));
router.add("/track/:id", () => import("./screens/track.js"));
router.add("/not-found", () => import("./screens/not-found.js"));

/** Redeem the code of a sign-in link, which then disappears from the address. Return why it was refused. */
async function redeemCode() {
  const query = new URLSearchParams(location.search);
  const code = query.get("code");
  if (code === null) return undefined;
  query.delete("code");
  history.replaceState(null, "", pagePath + (query.size ? `?${query}` : ""));
  try {
    await signIn({ code });
  } catch (error) {
    return error;
  }
  return undefined;
}

const refusal = await redeemCode();
try {
  if (!viewer.value) await loadViewer();
  installShortcuts((path) => void router.go(path));
  viewer.watch((known) => {
    if (known) {
      render(root, shell);
      void router.start();
      loadJobs().catch(() => {});
      return;
    }
    clearJobs();
    player.clear();
    render(root, signInScreen(refusal));
  });
} catch (error) {
  render(root, errorMessage(error, () => location.reload()));
}
