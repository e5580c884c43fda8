// graphql-sse in distinct connections mode: each operation is a separate request with an event stream as response.
import { createClient } from "graphql-sse";
import { collected, create, headers, print, url, viewer, watch, createVariables } from "./studio.mjs";

const client = createClient({ url, headers, retryAttempts: 0 });
const run = (query, variables) => collected((observer) => client.subscribe({ query, variables }, observer));

const [who] = await run(viewer);
const [made] = await run(create, createVariables("lofi for graphql-sse"));
const states = await run(watch, { id: made.data.createGeneration.generation.id });

print({ viewer: who.data.viewer, created: made.data.createGeneration, states: states.map((state) => state.data.generationUpdated) });
