"""The product as an ASGI application for `uvicorn --factory`, on the database of the run."""

from __future__ import annotations

import os

from app.main import create_app
from app.routers.gateway import Gateway
from app.service import Service
from app.settings import Settings


def application() -> Gateway:
    """The API as it is deployed, but for the rate limit: the load comes from one principal."""
    return create_app(Service(Settings(rate_limit=0), os.environ["BENCHMARK_DSN"]))
