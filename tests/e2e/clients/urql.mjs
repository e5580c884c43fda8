// urql: queries and mutations over its fetch exchange, subscriptions over graphql-sse.
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-sse";
import { collected, create, headers, print, url, viewer, watch, createVariables } from "./studio.mjs";

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

// urql's streams report errors as results; a terminal state ends the subscription
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
const made = await client.mutation(create, createVariables("lofi for urql")).toPromise();
if (who.error ?? made.error) throw who.error ?? made.error;

print({
  viewer: who.data.viewer,
  created: made.data.createGeneration,
  states: await states(made.data.createGeneration.generation.id),
});
