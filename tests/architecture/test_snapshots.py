"""The committed documents are what the code says today."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from scripts.snapshots import generate, outdated, write


@cache
def pages() -> dict[str, str]:
    """Every generated document."""
    return generate()


def test_every_generated_document_is_fresh() -> None:
    assert outdated(pages()) == {}, "run `make snapshots`"


def test_a_changed_a_missing_and_a_leftover_document_are_found(tmp_path: Path) -> None:
    made = {"docs/workflows/plan.md": "new\n", "openapi/openapi.json": "{}\n"}
    write({**made, "docs/workflows/gone.md": "old\n"}, tmp_path)
    assert set(outdated(made, tmp_path)) == {"docs/workflows/gone.md"}
    (tmp_path / "docs/workflows/plan.md").write_text("edited\n")
    (tmp_path / "openapi/openapi.json").unlink()
    assert set(outdated(made, tmp_path)) == {*made, "docs/workflows/gone.md"}
    write(made, tmp_path)
    assert outdated(made, tmp_path) == {}


@pytest.mark.parametrize("path", ["docs/workflows/plan.md", "docs/problems.md", "docs/permissions.md"])
def test_a_generated_page_says_so(path: str) -> None:
    assert "Do not edit" in pages()[path]
