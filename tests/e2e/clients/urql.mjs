// urql: queries and mutations by its fetch exchange, subscriptions by graphql-sse.
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-sse";
import { collected, create, headers, tell, url, viewer, watch, wish } from "./studio.mjs";

const events = createClient({ url, headers, retryAttempts: 0 });
const client = new Client({
  url,
  fetchOptions: { headers },
  exchanges: [
    cacheExchange,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (operation) => ({
        subscribe: (observer) => ({ unsubscribe: events.subscribe(operation, observer) }),
      }),
    }),
  ],
});

// urql's streams have no error of their own: a result carries it, and a terminal state ends the watch
const states = (id) =>
  new Promise((resolve, reject) => {
    const seen = [];
    const { unsubscribe } = client.subscription(watch, { id }).subscribe(({ data, error }) => {
      if (error) reject(error);
      else seen.push(data.generationUpdated);
      if (data?.generationUpdated.status === "SUCCEEDED") {
        queueMicrotask(() => unsubscribe());
        resolve(seen);
      }
    });
  });

const who = await client.query(viewer, {}).toPromise();
const made = await client.mutation(create, wish("lofi for urql")).toPromise();
if (who.error ?? made.error) throw who.error ?? made.error;

tell({
  viewer: who.data.viewer,
  created: made.data.createGeneration,
  states: await states(made.data.createGeneration.generation.id),
});
