"""schemathesis reads the description and calls: no failure of ours, and every answer is what was described."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import checks
from schemathesis.core.transport import Response as SchemathesisResponse
from schemathesis.generation import GenerationMode

from tests.filled import Filled

pytestmark = pytest.mark.asyncio(loop_scope="session")

EXAMPLES = 3
"""Generated requests per operation and kind: a smoke test of all of them, not a search in one."""
