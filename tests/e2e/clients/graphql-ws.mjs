// graphql-ws: all operations over one graphql-transport-ws socket.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { collected, create, headers, socketUrl, print, viewer, watch, createVariables } from "./studio.mjs";

const client = createClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams: headers, retryAttempts: 0 });
const run = (query, variables) => collected((observer) => client.subscribe({ query, variables }, observer));

const [who] = await run(viewer);
const [made] = await run(create, createVariables("lofi for graphql-ws"));
const states = await run(watch, { id: made.data.createGeneration.generation.id });
await client.dispose();

print({ viewer: who.data.viewer, created: made.data.createGeneration, states: states.map((state) => state.data.generationUpdated) });
