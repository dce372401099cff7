"""The REST reference for people: Swagger UI over `/openapi.json`, from our own assets."""

from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.assets import PAGE_HEADERS, asset_url

router = APIRouter(include_in_schema=False)

# Every address is relative, so the page also works behind a proxy that adds a prefix.
_PAGE: Final = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Palier REST API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{asset_url("swagger-ui/swagger-ui.css")}">
<script src="{asset_url("swagger-ui/swagger-ui-bundle.js")}" defer></script>
<script src="{asset_url("docs.js")}" defer></script>
</head>
<body>
<noscript>This page needs JavaScript. The description it shows is at <a href="openapi.json">openapi.json</a>.</noscript>
<div id="docs" data-openapi="openapi.json"></div>
</body>
</html>
"""


@router.get("/docs", response_class=HTMLResponse)
async def docs() -> HTMLResponse:
    """Show every REST operation, with a form to enter an API key and try it."""
    return HTMLResponse(_PAGE, headers=PAGE_HEADERS)
