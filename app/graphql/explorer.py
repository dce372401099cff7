"""The GraphQL explorer for people: GraphiQL over the endpoint it is served from, from our own assets."""

from functools import cache

from app.assets import asset_url


@cache
def explorer_page() -> str:
    """The HTML page of the explorer; serve it with `app.assets.PAGE_HEADERS`.

    It sends its operations to its own address: queries and mutations by POST, subscriptions by WebSocket
    (`graphql-transport-ws`) with the entries of the header editor as connection parameters.
    """
    # Every address is relative, so the page also works behind a proxy that adds a prefix.
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Palier GraphQL API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{asset_url("graphiql/graphiql.css")}">
<link rel="stylesheet" href="{asset_url("explorer.css")}">
<script src="{asset_url("graphiql/graphiql.js")}" defer></script>
<script src="{asset_url("explorer.js")}" defer></script>
</head>
<body>
<noscript>This page needs JavaScript.</noscript>
<div id="explorer"></div>
</body>
</html>
"""
