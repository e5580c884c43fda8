// graphql-sse in its distinct connections mode: each operation is a request of its own that answers with events.
import { createClient } from "graphql-sse";
import { collected, create, headers, tell, url, viewer, watch, wish } from "./studio.mjs";

const client = createClient({ url, headers, retryAttempts: 0 });
const run = (query, variables) => collected((observer) => client.subscribe({ query, variables }, observer));

const [who] = await run(viewer);
const [made] = await run(create, wish("lofi for graphql-sse"));
const states = await run(watch, { id: made.data.createGeneration.generation.id });

tell({ viewer: who.data.viewer, created: made.data.createGeneration, states: states.map((state) => state.data.generationUpdated) });
