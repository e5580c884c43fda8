// graphql-codegen: types and typed documents for the operations beside this file. Prints the TypeScript.
import { readFile } from "node:fs/promises";
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as types from "@graphql-codegen/typescript";
import * as operations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";

const [schema, documents] = await Promise.all(process.argv.slice(2, 4).map(async (path) => parse(await readFile(path, "utf8"))));

process.stdout.write(
  await codegen({
    schema,
    documents: [{ location: process.argv[3], document: documents }],
    filename: "studio.ts",
    config: { defaultScalarType: "unknown", scalars: { DateTime: "string", Decimal: "string" } },
    plugins: [{ types: {} }, { operations: {} }, { typedDocuments: {} }],
    pluginMap: { types, operations, typedDocuments },
  }),
);
