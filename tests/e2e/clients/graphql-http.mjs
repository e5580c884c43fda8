// Every audit of GraphQL over HTTP that graphql-http knows, against the server; prints what each came to.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: `${process.env.STUDIO_URL}/graphql`, fetchFn: fetch });
console.log(JSON.stringify(results.map(({ id, name, status, reason }) => ({ id, name, status, reason }))));
