"""Queries: the engine's bytes, the executor's agreement, limits and refusals."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import graphql_world as world
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis_graphql import queries

from app.domain.kernel.permissions import Role
from app.graphql.execute import GraphQL, Trust
from app.graphql.limits import Limits
from app.graphql.schema import Published, build, sdl
from app.reading.engine import Reader
