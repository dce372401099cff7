// Starts GraphiQL on the address it is served from. Headers are not stored unless the reader turns that on.
const { createElement, createRoot, createGraphiQLFetcher, GraphiQL } = Explorer;

const WELCOME = `# Enter your API key under Headers below, then press "Re-fetch GraphQL schema" on the left:
#
#   {"Authorization": "Bearer YOUR_KEY"}
#
# Ctrl-Space completes, Ctrl-Enter runs.

{
  __typename
}
`;

const url = window.location.origin + window.location.pathname;
const fetcher = createGraphiQLFetcher({ url, subscriptionUrl: url.replace(/^http/, "ws") });

createRoot(document.getElementById("explorer")).render(
  createElement(GraphiQL, { fetcher, defaultQuery: WELCOME, defaultEditorToolsVisibility: "headers" }),
);
