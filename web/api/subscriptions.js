/** Subscriptions over one WebSocket (graphql-transport-ws), which reconnects and resumes. */

import { Store } from "../app/events.js";
import { socketUrl } from "../app/location.js";
import { onSignedOut } from "./graphql.js";

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 15_000;
const FORBIDDEN = 4403;

/** Whether the page receives events: "idle", "open" or "lost". */
export const connection = new Store(/** @type {"idle" | "open" | "lost"} */ ("idle"));

/**
 * @template {keyof Api.Operations} Name
 * @typedef {object} Subscription
 * @property {Operation<Name>} query
 * @property {() => Variables<Name>} variables called again after each reconnection, to resume
 * @property {(data: Data<Name>) => void} onData
 * @property {(problem?: string) => void} [onComplete] called with a message if the server refused the operation
 */

/** @type {Map<string, Subscription<any>>} */
const operations = new Map();
/** @type {WebSocket | null} */
let socket = null;
let isReady = false;
let delay = FIRST_DELAY_MS;
let lastId = 0;

/**
 * Subscribe until the signal aborts or the server completes the operation.
 *
 * @template {keyof Api.Operations} Name
 * @param {Subscription<Name>} operation
 * @param {AbortSignal} signal
 */
export function subscribe(operation, signal) {
  if (signal.aborted) return;
  const id = String(++lastId);
  operations.set(id, operation);
  signal.addEventListener("abort", () => {
    if (!operations.delete(id)) return;
    if (isReady) send({ type: "complete", id });
    closeIfUnused();
  });
  if (isReady) start(id, operation);
  else connect();
}

/** Close the connection, as after signing out. */
export function disconnect() {
  operations.clear();
  closeIfUnused();
}

addEventListener("online", () => {
  delay = FIRST_DELAY_MS;
  connect();
});
// without a network a socket stays open for minutes, and receives nothing
addEventListener("offline", () => {
  const useless = socket;
  lose();
  useless?.close();
});

function connect() {
  if (socket || !operations.size) return;
  const opened = (socket = new WebSocket(socketUrl, "graphql-transport-ws"));
  opened.addEventListener("open", () => send({ type: "connection_init" }));
  opened.addEventListener("message", ({ data }) => receive(JSON.parse(data)));
  opened.addEventListener("close", ({ code }) => {
    if (socket !== opened) return;
    if (code === FORBIDDEN) {
      // the session has ended, perhaps in another browser
      operations.clear();
      onSignedOut.dispatchEvent(new Event("signedout"));
    }
    lose();
  });
}

function lose() {
  socket = null;
  isReady = false;
  if (!operations.size) {
    connection.set("idle");
    return;
  }
  connection.set("lost");
  setTimeout(connect, delay * (0.5 + Math.random()));
  delay = Math.min(2 * delay, MAX_DELAY_MS);
}

/** @param {any} message */
function receive({ type, id, payload }) {
  const operation = operations.get(id);
  if (type === "connection_ack") {
    isReady = true;
    delay = FIRST_DELAY_MS;
    connection.set("open");
    for (const [key, each] of operations) start(key, each);
  } else if (type === "ping") {
    send({ type: "pong" });
  } else if (type === "next" && operation && payload.data) {
    operation.onData(payload.data);
  } else if ((type === "complete" || type === "error") && operation) {
    operations.delete(id);
    operation.onComplete?.(type === "error" ? payload[0]?.message : undefined);
    closeIfUnused();
  }
}

/**
 * @param {string} id
 * @param {Subscription<any>} operation
 */
function start(id, { query, variables }) {
  send({ type: "subscribe", id, payload: { query, variables: variables() } });
}

/** @param {unknown} message */
function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function closeIfUnused() {
  if (operations.size) return;
  const closing = socket;
  socket = null;
  isReady = false;
  closing?.close(1000);
  connection.set("idle");
}
