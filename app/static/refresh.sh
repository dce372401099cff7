#!/usr/bin/env bash
# Rebuilds the vendored browser assets of this folder from npm packages. Needs Node.js 20 and npm.
# Usage: app/static/refresh.sh, after changing a version below.
set -euo pipefail

SWAGGER_UI=5.35.0
GRAPHIQL=4.1.2 # The last line on CodeMirror: version 5 moved to Monaco and is seven times larger.
PACKAGES=(
  "swagger-ui-dist@$SWAGGER_UI" "graphiql@$GRAPHIQL" @graphiql/toolkit@0.11.3
  graphql@16.15.0 graphql-ws@5.16.2 react@19.2.9 react-dom@19.2.9 esbuild@0.28.2
)

static=$(cd "$(dirname "$0")" && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cd "$build"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --save-exact --ignore-scripts "${PACKAGES[@]}"

rm -rf "$static/swagger-ui" "$static/graphiql"
mkdir "$static/swagger-ui" "$static/graphiql"
# The source maps are not vendored, so the links to them go.
for file in swagger-ui-bundle.js swagger-ui.css; do
  sed '/sourceMappingURL=/d' "node_modules/swagger-ui-dist/$file" >"$static/swagger-ui/$file"
done
cp node_modules/swagger-ui-dist/{LICENSE,NOTICE,swagger-ui-bundle.js.LICENSE.txt} "$static/swagger-ui/"

cat >entry.js <<'JS'
export { createElement } from "react";
export { createRoot } from "react-dom/client";
export { GraphiQL } from "graphiql";
export { createGraphiQLFetcher } from "@graphiql/toolkit";
JS
# React needs NODE_ENV; esbuild drops the rest of `process`.
npx esbuild entry.js --bundle --minify --format=iife --global-name=Explorer --target=es2020 \
  --define:process.env.NODE_ENV='"production"' --legal-comments=none --metafile=meta.json \
  --log-level=warning --outfile="$static/graphiql/graphiql.js"

# GraphiQL's style sheet embeds web fonts of 350 kB; without them the page uses the reader's own fonts.
cat >finish.mjs <<'JS'
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
const out = process.argv[2];
const css = readFileSync("node_modules/graphiql/dist/style.css", "utf8");
writeFileSync("style.css", css.replace(/@font-face\s*\{[^}]*\}/g, ""));

const inputs = Object.keys(JSON.parse(readFileSync("meta.json")).inputs);
const folders = inputs.map((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean);
const notices = [...new Set(folders)].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(`${folder}/${file}`, "utf8").trim() : "(no licence file in the package)";
  return `${name} ${version}, ${license}\n\n${text}\n`;
});
writeFileSync(`${out}/LICENSES.txt`, notices.join(`\n${"-".repeat(80)}\n\n`));
JS
node finish.mjs "$static/graphiql"
npx esbuild style.css --minify --legal-comments=none --log-level=warning --outfile="$static/graphiql/graphiql.css"
