// Apollo Server with its own HTTP server: `node apollo.mjs PORT`, with DATABASE_URL in the environment.

import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { resolvers, typeDefs } from "./schema.mjs";

const server = new ApolloServer({ typeDefs, resolvers });
await startStandaloneServer(server, {
  listen: { port: Number(process.argv[2]), host: "127.0.0.1" },
  context: async ({ req }) => ({ apiKey: req.headers["x-api-key"] }),
});
