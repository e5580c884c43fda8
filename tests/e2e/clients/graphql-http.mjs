// Runs every GraphQL over HTTP audit of graphql-http against the server and prints the results.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: `${process.env.STUDIO_URL}/graphql`, fetchFn: fetch });
console.log(JSON.stringify(results.map(({ id, name, status, reason }) => ({ id, name, status, reason }))));
