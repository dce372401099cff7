// Starts GraphiQL on the address it is served from.
const { createElement, createRoot, createGraphiQLFetcher, GraphiQL } = Explorer;

const WELCOME = `# Enter your API key under Headers below:
#
#   {"Authorization": "Bearer YOUR_KEY"}
#
# Then press "Re-fetch GraphQL schema" (left).
# Ctrl-Space completes, Ctrl-Enter runs.

{
  __typename
}
`;

const url = window.location.origin + window.location.pathname;
const fetcher = createGraphiQLFetcher({ url, subscriptionUrl: url.replace(/^http/, "ws") });

createRoot(document.getElementById("explorer")).render(
  createElement(GraphiQL, {
    fetcher,
    defaultQuery: WELCOME,
    defaultEditorToolsVisibility: "headers",
    showPersistHeadersSettings: false,
    storage: window.sessionStorage, // The history stores headers, so the API key: for this tab only.
  }),
);
