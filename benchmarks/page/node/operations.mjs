// Write types for the GraphQL documents of the page: node operations.mjs SCHEMA WEB OUTPUT
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codegen } from "@graphql-codegen/core";
import * as operations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";

const DOCUMENT = /(?:\/\*\* @type \{Operation<"(\w+)">\} \*\/\n)?(?:export )?const (\w+) = gql`([^`]*)`;/g;
const [schema, web, output] = process.argv.slice(2);
const documents = new Map();
const names = [];
let hasProblem = false;

const complain = (text) => {
  process.stdout.write(`${text}\n`);
  hasProblem = true;
};

for (const file of globSync("**/*.js", { cwd: web }).sort()) {
  for (const [, annotated, name, text] of readFileSync(join(web, file), "utf8").matchAll(DOCUMENT)) {
    const document = parse(text.replace(/\$\{\w+\}/g, ""));
    const [{ kind, name: label, operation }] = document.definitions;
    const key = `${kind}:${label?.value}`;
    if (documents.has(key)) complain(`web/${file}: ${label?.value} exists twice.`);
    documents.set(key, { document, location: file });
    if (kind !== "OperationDefinition") continue;
    names.push([label.value, operation]);
    if (annotated !== label.value) complain(`web/${file}: write /** @type {Operation<"${label.value}">} */ above ${name}.`);
  }
}

const code = await codegen({
  schema: parse(readFileSync(schema, "utf8")),
  documents: [...documents.values()],
  filename: "operations.d.ts",
  config: {
    defaultScalarType: "unknown",
    scalars: { DateTime: "string", Decimal: "string", ID: "string" },
    namingConvention: "keep",
    omitOperationSuffix: true,
    operationResultSuffix: "Result",
    useTypeImports: true,
  },
  plugins: [{ operations: {} }],
  pluginMap: { operations },
});
const table = names.map(([name]) => `  ${name}: { result: ${name}Result; variables: ${name}Variables };`);
writeFileSync(output, `declare namespace Api {\n${code}\nexport type Operations = {\n${table.join("\n")}\n};\n}\n`);
process.exitCode = hasProblem ? 1 : 0;
