"""The documentation pages work with no network: rules of what they load, and a look in a real browser."""

import asyncio
import json
import os
import re
import shutil
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import pytest
import strawberry
import uvicorn
from fastapi import FastAPI, Security
from fastapi.responses import HTMLResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from strawberry.fastapi import GraphQLRouter

from app.assets import FOLDER, PAGE_HEADERS, asset_url, mount_assets
from app.graphql.explorer import explorer_page
from app.routers import docs

PAGES = ("/docs", "/graphql")
OUR_SCRIPTS_AND_STYLES = ("docs.js", "explorer.js", "explorer.css")
bearer = HTTPBearer()


@strawberry.type
class Query:
    @strawberry.field
    def quota_attainment(self) -> str:
        return "0.5"


def make_app() -> FastAPI:
    """One REST operation behind a bearer key and one GraphQL field, with both pages."""
    app = FastAPI(docs_url=None, redoc_url=None)
    app.include_router(docs.router)
    mount_assets(app)

    @app.get("/v1/plans", operation_id="list_plans", tags=["plans"])
    async def list_plans(key: Annotated[HTTPAuthorizationCredentials, Security(bearer)]) -> str:
        return key.credentials

    @app.get("/graphql", include_in_schema=False)
    async def explorer() -> HTMLResponse:
        return HTMLResponse(explorer_page(), headers=PAGE_HEADERS)

    graphql = GraphQLRouter(strawberry.Schema(Query), graphql_ide=None)
    app.include_router(graphql, prefix="/graphql", include_in_schema=False)
    return app


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The address of a server on a free port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app()), base_url="http://test") as client:
        yield client


def addresses(html: str) -> list[str]:
    """Every address that the page makes a browser load."""
    return re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]*)"', html)


@pytest.mark.parametrize("page", PAGES)
async def test_page_loads_only_our_assets(client: httpx.AsyncClient, page: str) -> None:
    html = (await client.get(page)).text
    loaded = [address for address in addresses(html) if address != "data:,"]
    assert len(loaded) >= 3
    for address in loaded:
        response = await client.get("/" + address)
        assert address.startswith("static/")
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "//" not in html


@pytest.mark.parametrize("page", PAGES)
async def test_page_has_no_inline_script_and_forbids_it(client: httpx.AsyncClient, page: str) -> None:
    response = await client.get(page)
    policy = response.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]* src=)", response.text)
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert "http" not in policy


@pytest.mark.parametrize("name", OUR_SCRIPTS_AND_STYLES)
def test_our_scripts_name_no_other_host(name: str) -> None:
    assert "//" not in re.sub(r"(?m)//\s.*$", "", (FOLDER / name).read_text())


@pytest.mark.parametrize("style", sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.css")))
def test_style_sheet_loads_nothing(style: str) -> None:
    css = (FOLDER / style).read_text()
    assert "@import" not in css
    sources = re.findall(r"""url\(\s*["']?([^"')]*)""", css)
    assert [source for source in sources if not source.startswith(("data:", "#"))] == []


async def test_asset_asked_for_without_its_version_is_not_kept(client: httpx.AsyncClient) -> None:
    assert (await client.get("/static/docs.js")).headers["cache-control"] == "no-cache"
    assert (await client.get("/static/docs.js?v=old")).headers["cache-control"] == "no-cache"


def test_asset_that_does_not_exist_has_no_address() -> None:
    with pytest.raises(FileNotFoundError):
        asset_url("missing.js")


def test_assets_stay_below_four_megabytes() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 4_000_000


@dataclass(frozen=True)
class Visit:
    """What a browser made of a page."""

    dom: str
    requests: list[str]  # By the page itself, not by the browser for its own purposes.
    log: str


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    if os.environ.get("CI"):
        pytest.fail("CI looks at the pages in Chromium: install it, on Debian with apt-get install chromium.")
    pytest.skip("Chromium is not installed; on Debian: apt-get install chromium.")


async def visit(url: str, folder: Path) -> Visit:
    """Open a page in a fresh headless Chromium whose every address but this machine's is unreachable."""
    net_log = folder / "net.json"
    process = await asyncio.create_subprocess_exec(
        chromium(),
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--enable-logging=stderr"),
        *(f"--user-data-dir={folder / 'profile'}", f"--log-net-log={net_log}"),
        *("--virtual-time-budget=8000", "--dump-dom", url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        dom, log = await asyncio.wait_for(process.communicate(), timeout=90)
    except TimeoutError:
        process.kill()
        raise
    origin = url.rsplit("/", 1)[0]
    params = [event.get("params", {}) for event in json.loads(net_log.read_text())["events"]]
    requests = [entry["url"] for entry in params if "url" in entry and entry.get("initiator") == origin]
    return Visit(dom.decode(), requests, log.decode())


async def test_reference_shows_an_operation_and_takes_a_key_in_a_browser(origin: str, tmp_path: Path) -> None:
    seen = await visit(f"{origin}/docs", tmp_path)
    assert 'id="operations-plans-list_plans"' in seen.dom
    assert re.search(r'class="btn authorize[^"]*"', seen.dom)
    assert_nothing_left(seen, origin, and_requested=f"{origin}/openapi.json")


async def test_explorer_reads_the_schema_and_takes_headers_in_a_browser(origin: str, tmp_path: Path) -> None:
    seen = await visit(f"{origin}/graphql", tmp_path)
    assert "graphiql-container" in seen.dom
    assert re.search(r'aria-label="Headers"', seen.dom)
    assert "YOUR_KEY" in seen.dom
    assert '"errors"' not in seen.dom  # GraphiQL shows the answer when the schema is refused.
    assert_nothing_left(seen, origin, and_requested=f"{origin}/graphql")
    # What GraphiQL stores includes the reader's key, so it must not outlive the tab.
    kept = [path for path in (tmp_path / "profile/Default/Local Storage").rglob("*") if path.is_file()]
    assert [path.name for path in kept if b"graphiql" in path.read_bytes()] == []


def assert_nothing_left(seen: Visit, origin: str, and_requested: str) -> None:
    assert and_requested in seen.requests
    assert [url for url in seen.requests if not url.startswith((f"{origin}/", "data:"))] == []
    assert "Content Security Policy" not in seen.log
    assert "Uncaught" not in seen.log
