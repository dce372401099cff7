"""Keyset paging: every row once, in order, over ties, nulls and mixed directions; cursors that belong to one list."""

import base64
import json
from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.database.pool import ReadPool
from app.domain.kernel.errors import DomainError
from app.domain.kernel.permissions import Role
from app.reading.cursor import Cursors
from app.reading.engine import Reader
from tests.reading import sample
from tests.reading.conftest import SECRET
from tests.reading.sample import actor, insert, uid

OPS = actor(Role.SALES_OPS)
FINANCE = actor(Role.FINANCE)
SELLER = actor(Role.SELLER, uid(3))

_rows = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["a", "b", "B", "é", 'q"', "\n", ""]),
            "rank": st.none() | st.integers(0, 2),
            "share": st.none() | st.decimals("-1", "1", places=1),
            "signed_on": st.none() | st.dates(),
        }
    ),
    max_size=12,
)
_orders = st.lists(
    st.tuples(st.sampled_from(["name", "rank", "share", "signed_on"]), st.booleans()),
    min_size=1,
    max_size=3,
    unique_by=lambda order: order[0],
)


def expected(rows: Sequence[dict[str, Any]], order: Sequence[tuple[str, bool]]) -> list[str]:
    """The ids in order; null counts as greatest, the id decides ties in the direction of the last key."""

    def compare(one: dict[str, Any], other: dict[str, Any]) -> int:
        for name, descending in (*order, ("id", order[-1][1])):
            a, b = one[name], other[name]
            if isinstance(a, str):
                a, b = a.encode(), b.encode()
            if a != b:
                greater = b is not None and (a is None or a > b)
                return 1 if greater != descending else -1
        return 0

    return [str(row["id"]) for row in sorted(rows, key=cmp_to_key(compare))]


async def walk(reader: Reader, who: Any, resource: str, sort: str, limit: int) -> list[str]:
    seen: list[str] = []
    cursor: list[tuple[str, str]] = []
    while True:
        pairs = [("sort", sort), ("limit", str(limit)), *cursor]
        answer = json.loads(await reader.page(who, resource, pairs))
        seen += [item["id"] for item in answer["items"]]
        assert len(answer["items"]) == limit or not answer["page"]["has_next_page"]
        if answer["page"]["next_cursor"] is None:
            assert not answer["page"]["has_next_page"]
            return seen
        assert answer["page"]["has_next_page"]
        cursor = [("cursor", answer["page"]["next_cursor"])]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_rows, order=_orders, limit=st.integers(1, 5))
async def test_paging_shows_every_row_once_in_order(
    sample_database: str, rows: list[dict[str, Any]], order: list[tuple[str, bool]], limit: int
) -> None:
    rows = [{"id": uid(n), **row} for n, row in enumerate(rows)]
    owner = await asyncpg.connect(sample_database)
    pool = ReadPool(sample_database, size=1, settings={"role": "palier_app"})
    try:
        await sample.clear(owner)
        for row in rows:
            await insert(owner, "deal", rep_id=uid(99), **row)
        sort = ",".join(f"{'-' if descending else ''}{name}" for name, descending in order)
        reader = Reader(sample.CATALOGUE, pool, SECRET)
        assert await walk(reader, OPS, "sample_deal", sort, limit) == expected(rows, order)
    finally:
        await pool.close()
        await owner.close()


@pytest.mark.parametrize("who", [OPS, FINANCE, SELLER])
@pytest.mark.parametrize("sort", ["salary", "-salary", "salary,-name", "-id"])
async def test_paging_by_pay_is_complete_whoever_may_see_it(
    owner: asyncpg.Connection, reader: Reader, who: Any, sort: str
) -> None:
    for n in range(7):
        await insert(owner, "rep", id=uid(n), name=f"R{n % 2}", salary=None if n == 5 else n // 2)
    assert sorted(await walk(reader, who, "sample_rep", sort, 2)) == [str(uid(n)) for n in range(7)]


async def _cursor(owner: asyncpg.Connection, reader: Reader, *pairs: tuple[str, str]) -> str:
    for n in range(3):
        await insert(owner, "deal", id=uid(n), name="A", rep_id=uid(9))
    answer = json.loads(await reader.page(OPS, "sample_deal", [("limit", "1"), *pairs]))
    return str(answer["page"]["next_cursor"])


async def _refusal(reader: Reader, *pairs: tuple[str, str]) -> str:
    with pytest.raises(DomainError) as refused:
        await reader.page(OPS, "sample_deal", pairs)
    return refused.value.code


async def test_a_cursor_fits_only_the_list_it_came_from(owner: asyncpg.Connection, reader: Reader) -> None:
    cursor = await _cursor(owner, reader, ("name", "A"))
    assert json.loads(await reader.page(OPS, "sample_deal", [("name", "A"), ("limit", "9"), ("cursor", cursor)]))[
        "items"
    ]
    for other in (("name", "B"), ("state", "open"), ("q", "A"), ("rank.is_null", "true")):
        assert await _refusal(reader, other, ("cursor", cursor)) == "cursor_mismatch"
    assert await _refusal(reader, ("name", "A"), ("sort", "name"), ("cursor", cursor)) == "cursor_mismatch"
    with pytest.raises(DomainError, match="another list"):
        await reader.page(OPS, "sample_rep", [("cursor", cursor)])


async def test_a_cursor_cannot_be_changed_in_any_byte(owner: asyncpg.Connection, reader: Reader) -> None:
    cursor = await _cursor(owner, reader)
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for at in range(len(raw)):
        forged = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        text = base64.urlsafe_b64encode(forged).decode().rstrip("=")
        assert await _refusal(reader, ("cursor", text)) == "cursor_mismatch"
    for text in (cursor[:-1], cursor + "A", cursor[:8], "", cursor * 100):
        assert await _refusal(reader, ("cursor", text)) == "cursor_mismatch"


async def test_a_cursor_of_another_secret_is_refused(owner: asyncpg.Connection, reader: Reader) -> None:
    cursor = await _cursor(owner, reader)
    with pytest.raises(DomainError, match="another list"):
        Cursors(b"another secret").decode(cursor, b"")


@pytest.mark.parametrize("length", [1, 64, 65, 200])
async def test_secrets_of_every_length_sign_alike_in_sql_and_here(
    owner: asyncpg.Connection, pool: ReadPool, length: int
) -> None:
    reader = Reader(sample.CATALOGUE, pool, b"s" * length)
    cursor = await _cursor(owner, reader)
    assert len(json.loads(await reader.page(OPS, "sample_deal", [("cursor", cursor)]))["items"]) == 2


async def test_a_long_key_survives_the_cursor(owner: asyncpg.Connection, reader: Reader) -> None:
    for n in range(2):
        await insert(owner, "deal", id=uid(n), name="é" * 400 + str(n), rep_id=uid(9))
    assert await walk(reader, OPS, "sample_deal", "name", 1) == [str(uid(0)), str(uid(1))]
