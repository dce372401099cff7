"""The browser assets in `app/static`, served by us so that no page depends on another host."""

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.datastructures import URL
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

FOLDER: Final = Path(__file__).parent / "static"

PAGE_HEADERS: Final = {
    # Both pages insert style elements at run time, so only styles may be inline; scripts never are.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers for every HTML page that uses these assets: the browser may load and call nothing but this server."""


@cache
def asset_url(path: str) -> str:
    """The address of an asset, relative to a page at the root, changing whenever its content does.

    `path` is relative to `app/static`. Raises FileNotFoundError for an asset that does not exist.
    """
    digest = hashlib.sha256((FOLDER / path).read_bytes()).hexdigest()
    return f"static/{path}?v={digest[:12]}"


def mount_assets(app: FastAPI) -> None:
    """Serve the assets under `/static`."""
    app.mount("/static", _Assets(directory=FOLDER), name="static")


class _Assets(StaticFiles):
    """Static files that a browser may keep for a year when asked for by the version they have."""

    @override
    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        url = URL(scope=scope)
        path = Path(full_path).relative_to(FOLDER.resolve()).as_posix()
        current = f"static/{path}?{url.query}" == asset_url(path)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
