"use strict";

// Starts GraphiQL. Requests carry the session cookie of the studio page, or what is entered under "Headers".

const { createElement: h } = React;
const element = document.getElementById("graphiql");
const url = new URL("graphql", document.baseURI).href;
const sockets = new Map();

// one WebSocket for each set of headers; an empty payload of connection_init means the cookie
function socketFor(headers) {
  const key = JSON.stringify(headers);
  if (!sockets.has(key)) {
    sockets.set(key, graphqlWs.createClient({ url: url.replace(/^http/, "ws"), connectionParams: headers, retryAttempts: 5 }));
  }
  return sockets.get(key);
}

// GraphiQL parses the editor with a delay: its name of the operation can be one of an earlier text
function findOperation(query, name) {
  const found = [...query.matchAll(/^\s*(query|mutation|subscription)\b\s*(\w+)?/gm)].map((match) => match.slice(1));
  return found.find((each) => each[1] === name) ?? found[0] ?? [];
}

async function execute(body, headers = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return response.json();
}

function fetcher({ query, variables, operationName }, { headers = {} } = {}) {
  const [kind, name] = findOperation(query, operationName);
  const body = { query, variables, operationName: name };
  if (kind !== "subscription") return execute(body, headers);
  return { subscribe: (sink) => ({ unsubscribe: socketFor(headers).subscribe(body, sink) }) };
}

async function loadTabs() {
  const [text, known] = await Promise.all([
    fetch(element.dataset.examples).then((response) => response.text()),
    execute({ query: "{ viewer { organizations { id } } }" }).catch(() => ({})),
  ]);
  const id = known.data?.viewer?.organizations[0]?.id ?? "org_…";
  return text.split(/\n\n(?=# )/).map((example) => {
    const query = example.trim();
    return { query, variables: query.includes("$organizationId") ? JSON.stringify({ organizationId: id }, null, 2) : null };
  });
}

function Page({ tabs }) {
  const [query, setQuery] = React.useState(tabs[0].query);
  const explorer = GraphiQLPluginExplorer.useExplorerPlugin({ query, onEdit: setQuery });
  const links = h(
    "div",
    { className: "home" },
    h("strong", null, "Music Studio"),
    h("a", { href: "studio" }, "Studio page"),
    h("a", { href: "docs" }, "REST reference"),
  );
  const options = {
    fetcher,
    query,
    onEditQuery: setQuery,
    defaultTabs: tabs,
    plugins: [explorer],
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: "variables",
  };
  return h(GraphiQL, options, h(GraphiQL.Logo, null, links));
}

const start = (tabs) => ReactDOM.render(h(Page, { tabs }), element);

loadTabs().then(start, (error) => {
  element.textContent = `GraphiQL could not be started: ${error}`;
});
