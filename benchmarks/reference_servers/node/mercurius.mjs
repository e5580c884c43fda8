// Fastify with Mercurius, which compiles each document on its first request: `node mercurius.mjs PORT`, with
// DATABASE_URL in the environment.

import Fastify from "fastify";
import mercurius from "mercurius";
import { resolvers, typeDefs } from "./schema.mjs";

const app = Fastify();
const context = (request) => ({ apiKey: request.headers["x-api-key"] });
app.register(mercurius, { schema: typeDefs, resolvers, context, jit: 1, path: "/graphql" });
await app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
