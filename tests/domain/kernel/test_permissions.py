"""Whose rows a role sees."""

from __future__ import annotations

import pytest

from app.domain.kernel.permissions import Role, sees_all_rows


@pytest.mark.parametrize(
    ("roles", "all_rows"),
    [
        ({Role.VIEWER}, True),
        ({Role.SELLER}, False),
        ({Role.SELLER, Role.VIEWER}, False),
        ({Role.MANAGER, Role.VIEWER}, False),
        ({Role.SELLER, Role.SALES_OPS}, True),
        ({Role.INTEGRATION}, True),
    ],
)
def test_a_viewer_who_sells_sees_its_own_line_only(roles: set[Role], all_rows: bool) -> None:
    assert sees_all_rows(frozenset(roles)) is all_rows
