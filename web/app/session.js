/** Who is signed in, and signing in and out. */

import { ApiError, execute, gql, onSignedOut } from "../api/graphql.js";
import { disconnect } from "../api/subscriptions.js";
import { Store } from "./events.js";
import { sessionUrl } from "./location.js";
import { recall, remember } from "./storage.js";
import { onTabs, postToTabs } from "./tabs.js";

/** @type {Operation<"Viewer">} */
const VIEWER = gql`
  query Viewer {
    viewer {
      id
      name
      scopes
      organizations {
        id
        name
        viewerRole
        engines {
          key
          name
          description
          isDefault
          maxDurationSeconds
          supportsVocals
          supportsLyrics
          supportsStems
          supportsFocus
          explainsPrompts
          costChfPerMinute
          capabilities { field support values note }
          licence { class commercialUse requiresAttribution }
        }
      }
    }
  }
`;

/** The viewer with its organizations, or null if nobody is signed in. */
export const viewer = new Store(/** @type {Viewer | null} */ (null));

onSignedOut.addEventListener("signedout", () => {
  if (!viewer.value) return;
  end();
  postToTabs("session", null);
});
onTabs("session", (id) => {
  if (id === null) end();
  else if (id !== viewer.value?.id) location.reload();
});

/** Load the viewer of the session. Throws ApiError, except when nobody is signed in. */
export async function loadViewer() {
  try {
    viewer.set((await execute(VIEWER)).viewer);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "AUTHENTICATION_REQUIRED") throw error;
    viewer.set(null);
  }
}

/** The viewer, where somebody is signed in. */
export const me = () => /** @type {Viewer} */ (viewer.value);

/** The organization in which the page works: the chosen one, else the first. */
export function organization() {
  const { organizations } = me();
  const chosen = recall("organization");
  return organizations.find((each) => each.id === chosen) ?? organizations[0];
}

/** @param {string} id */
export function chooseOrganization(id) {
  remember("organization", id);
}

/**
 * Sign in by the code of a link or by an API key. Throws ApiError.
 *
 * @param {{ code: string } | { api_key: string }} credential
 */
export async function signIn(credential) {
  await send("POST", credential);
  await loadViewer();
  postToTabs("session", me().id);
}

/** End the session and its connections. Throws ApiError; the session goes on then. */
export async function signOut() {
  await send("DELETE");
  end();
  postToTabs("session", null);
}

function end() {
  disconnect();
  if (viewer.value) viewer.set(null);
}

/**
 * @param {string} method
 * @param {unknown} [body]
 */
async function send(method, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(sessionUrl, { method, headers, body: body ? JSON.stringify(body) : null }).catch(() => null);
  if (!response) throw new ApiError("", { code: "OFFLINE" });
  if (response.ok) return;
  const { error } = await response.json().catch(() => ({ error: { code: "UNREADABLE", message: `HTTP ${response.status}` } }));
  const problem = error.details?.errors?.[0]?.message;
  const retryAfterSeconds = Number(response.headers.get("Retry-After")) || undefined;
  throw new ApiError(problem ?? error.message, { code: error.code, details: error.details, retryAfterSeconds });
}
