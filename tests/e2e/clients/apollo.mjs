// Apollo Client: the argument selects the transport of subscriptions, a WebSocket or a multipart response.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { collected, create, headers, socketUrl, print, url, viewer, watch, createVariables } from "./studio.mjs";

const socket = createClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams: headers, retryAttempts: 0 });
const http = new HttpLink({ uri: url, headers });
const link =
  process.argv[2] === "websocket"
    ? ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, new GraphQLWsLink(socket), http)
    : http;
const client = new ApolloClient({ link, cache: new InMemoryCache() });

const who = await client.query({ query: gql(viewer) });
const made = await client.mutate({ mutation: gql(create), variables: createVariables(`lofi for apollo over ${process.argv[2]}`) });
const { id } = made.data.createGeneration.generation;
const states = await collected((observer) => client.subscribe({ query: gql(watch), variables: { id } }).subscribe(observer));
for (const { error } of [who, made, ...states]) if (error) throw error;

client.stop();
await socket.dispose();
print({ viewer: who.data.viewer, created: made.data.createGeneration, states: states.map(({ data }) => data.generationUpdated) });
