"""What REST answers: shape, kinds of values, filters, includes, arguments, refusals."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from app.domain.kernel.errors import DomainError
from app.domain.kernel.permissions import Role
from app.reading.engine import Reader
from tests.reading.conftest import CountingPool
from tests.reading.sample import DealView, actor, insert, uid

OPS = actor(Role.SALES_OPS)
NASTY = "quote \" backslash \\ tab \t newline \n bell \x07 é 漢 🎯 </script> \x7f \u2028 '; drop"


async def page(reader: Reader, *pairs: tuple[str, str], resource: str = "sample_deal", who: Any = OPS) -> Any:
    return json.loads(await reader.page(who, resource, pairs))


async def names(reader: Reader, *pairs: tuple[str, str]) -> list[str]:
    return [item["name"] for item in (await page(reader, *pairs))["items"]]


async def test_one_object_shows_every_kind_of_field_as_the_contract_says(
    owner: asyncpg.Connection, reader: Reader, pool: CountingPool
) -> None:
    steps = '[{"name": "Call", "stage": "big_bet", "due_on": null, "cost": {"amount": "1.50", "currency": "EUR"}}]'
    await insert(
        owner, "deal", id=uid(1), name=NASTY, amount=Decimal("1234.5"), share=Decimal("0.123456"), rank=3,
        signed_on=date(2026, 2, 3), hot=True, rep_id=uid(9), steps=steps, extra='{"a": "b"}', tags=["x", "y"],
        stages=["won"],
    )  # fmt: skip
    found = await reader.one(OPS, "sample_deal", uid(1))
    assert found is not None
    assert found.version == 1
    assert json.loads(found.body) == {
        "id": str(uid(1)),
        "version": 1,
        "name": NASTY,
        "state": "open",
        "amount": {"amount": "1234.50", "currency": "EUR"},
        "share": "0.123456",
        "rank": 3,
        "signed_on": "2026-02-03",
        "hot": True,
        "rep_id": str(uid(9)),
        "steps": json.loads(steps),
        "extra": {"a": "b"},
        "tags": ["x", "y"],
        "stages": ["won"],
        "first_step": None,
        "label": NASTY + " on 2026-02-03",
        "created_at": "2026-01-02T03:04:05+00:00",
        "allowed_actions": [
            {"action": "win", "allowed": False, "code": "not_concerned"},
            {"action": "dare", "allowed": False, "code": "permission_required"},
        ],
    }
    DealView.model_validate_json(found.body)
    assert pool.statements == 1


async def test_nullable_fields_are_null_and_what_is_missing_is_not_found(
    owner: asyncpg.Connection, reader: Reader
) -> None:
    await insert(owner, "deal", id=uid(1), name="A", rep_id=uid(9))
    found = await reader.one(OPS, "sample_deal", uid(1))
    assert found is not None
    shown = json.loads(found.body)
    assert [shown[name] for name in ("share", "rank", "signed_on", "hot", "extra", "first_step")] == [None] * 6
    assert await reader.one(OPS, "sample_deal", uid(2)) is None
    assert await reader.one(actor(Role.SALES_OPS, org=uid(77)), "sample_deal", uid(1)) is None


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("0", "0.00"), ("-0.5", "-0.50"), ("12345678901234.5678", "12345678901234.5678"), ("7.125", "7.125")],
)
async def test_amounts_keep_every_digit_and_show_at_least_two(
    owner: asyncpg.Connection, reader: Reader, stored: str, shown: str
) -> None:
    await insert(owner, "deal", id=uid(1), name="A", rep_id=uid(9), amount=Decimal(stored))
    assert (await page(reader))["items"][0]["amount"]["amount"] == shown


async def test_a_page_with_links_is_one_statement_whatever_its_size(
    owner: asyncpg.Connection, reader: Reader, pool: CountingPool
) -> None:
    await insert(owner, "team", id=uid(100), name="North")
    for n in range(60):
        await insert(owner, "rep", id=uid(200 + n), name=f"R{n:02}", team_id=uid(100))
        await insert(owner, "deal", id=uid(n), name=f"D{n:02}", rep_id=uid(200 + n))
    answer = await page(reader, ("include", "team,deals"), ("limit", "60"), resource="sample_rep")
    assert pool.statements == 1
    assert [item["name"] for item in answer["items"]] == [f"R{n:02}" for n in range(60)]
    assert answer["page"] == {"next_cursor": None, "has_next_page": False}
    last = answer["items"][59]
    assert last["team"] == {"id": str(uid(100)), "name": "North"}
    assert [deal["name"] for deal in last["deals"]["items"]] == ["D59"]
    assert last["deals"]["page"] == {"next_cursor": None, "has_next_page": False}


async def test_a_linked_list_stops_at_fifty_and_says_that_there_is_more(
    owner: asyncpg.Connection, reader: Reader
) -> None:
    await insert(owner, "rep", id=uid(1), name="R")
    for n in range(51):
        await insert(owner, "deal", id=uid(n), name="D", rep_id=uid(1), amount=Decimal(n))
    deals = (await page(reader, ("include", "deals"), resource="sample_rep"))["items"][0]["deals"]
    assert [deal["amount"]["amount"] for deal in deals["items"]] == [f"{n}.00" for n in range(50, 0, -1)]
    assert deals["page"] == {"next_cursor": None, "has_next_page": True}


async def test_an_empty_list_is_an_empty_page(owner: asyncpg.Connection, reader: Reader) -> None:
    assert await page(reader, ("count", "exact")) == {
        "items": [],
        "page": {"next_cursor": None, "has_next_page": False, "total": 0},
    }


async def test_only_the_fields_asked_for_are_shown_with_the_id(owner: asyncpg.Connection, reader: Reader) -> None:
    await insert(owner, "deal", id=uid(1), name="A", rep_id=uid(9))
    assert (await page(reader, ("fields", "name,rank")))["items"] == [{"id": str(uid(1)), "name": "A", "rank": None}]
    found = await reader.one(OPS, "sample_deal", uid(1), pairs=[("fields", "name")])
    assert found is not None
    assert found.version == 1


async def test_filters_narrow_by_type_and_operator(owner: asyncpg.Connection, reader: Reader) -> None:
    await insert(owner, "rep", id=uid(9), name="R", team_id=uid(50))
    for n, (name, state, amount) in enumerate([("A", "open", 10), ("B", "won", 20), ("C", "big_bet", 30)]):
        await insert(
            owner, "deal", id=uid(n), name=name, state=state, amount=Decimal(amount), rank=n or None, hot=n == 1,
            signed_on=date(2026, 1, 1 + n), rep_id=uid(9 - (n == 2)),
        )  # fmt: skip
    ascending = ("sort", "name")
    assert await names(reader, ascending, ("state", "open")) == ["A"]
    assert await names(reader, ascending, ("state", "open"), ("state", "won")) == ["A", "B"]
    assert await names(reader, ascending, ("amount.gt", "10"), ("amount.lte", "20.00")) == ["B"]
    assert await names(reader, ascending, ("rank.is_null", "true")) == ["A"]
    assert await names(reader, ascending, ("rank.is_null", "false")) == ["B", "C"]
    assert await names(reader, ascending, ("signed_on.gte", "2026-01-02"), ("signed_on.lt", "2026-01-03")) == ["B"]
    assert await names(reader, ascending, ("created_at.lt", "2026-01-02")) == []
    assert await names(reader, ascending, ("created_at.gte", "2026-01-02T05:04:05+02:00")) == ["A", "B", "C"]
    assert await names(reader, ascending, ("hot", "true")) == ["B"]
    assert await names(reader, ascending, ("rep_id", str(uid(8)))) == ["C"]
    assert await names(reader, ascending, ("team_id", str(uid(50)))) == ["A", "B"]
    assert await names(reader, ascending, ("named", "A"), ("named", "C")) == ["A", "C"]
    assert await names(reader, ascending, ("named", "A")) == ["A"]


@pytest.mark.parametrize(
    ("text", "found"), [("50%", ["50% off"]), ("_x", ["a_x"]), ("\\", ["b\\c"]), ("OFF", ["50% off"])]
)
async def test_a_search_takes_every_character_literally(
    owner: asyncpg.Connection, reader: Reader, text: str, found: list[str]
) -> None:
    for n, name in enumerate(["50% off", "500", "a_x", "abx", "b\\c"]):
        await insert(owner, "deal", id=uid(n), name=name, rep_id=uid(9))
    assert await names(reader, ("q", text)) == found


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("state", "lost", "invalid_parameter"),
        ("amount.gte", "1e3", "invalid_parameter"),
        ("amount.gte", "NaN", "invalid_parameter"),
        ("rank", "99999999999999999999", "invalid_parameter"),
        ("rank", "9223372036854775808", "invalid_parameter"),
        ("signed_on", "2026-02-30", "invalid_parameter"),
        ("created_at.gt", "2026-01-01T00:00:00", "invalid_parameter"),
        ("created_at.gt", "0001-01-01T00:00:00+14:00", "invalid_parameter"),
        ("rep_id", "{01900000-0000-7000-9000-000000000009}", "invalid_parameter"),
        ("hot", "1", "invalid_parameter"),
        ("name", "a\0b", "invalid_parameter"),
        ("name", "\ud800", "invalid_parameter"),
        ("q", "\0", "invalid_parameter"),
        ("q", "", "invalid_parameter"),
        ("rank.is_null", "yes", "invalid_parameter"),
        ("limit", "0", "invalid_parameter"),
        ("limit", "201", "invalid_parameter"),
        ("limit", "\u0663", "invalid_parameter"),
        ("sort", "hot", "invalid_parameter"),
        ("sort", "name,-name", "invalid_parameter"),
        ("count", "maybe", "invalid_parameter"),
        ("include", "nobody", "invalid_parameter"),
        ("fields", "salary", "invalid_parameter"),
        ("color", "red", "unknown_parameter"),
        ("name.like", "red", "unknown_parameter"),
        ("state.gt", "open", "unknown_parameter"),
        ("org_id", str(uid(1)), "unknown_parameter"),
        ("cursor", "abc", "cursor_mismatch"),
        ("cursor", "é", "cursor_mismatch"),
    ],
)
async def test_a_wrong_parameter_is_refused_and_named(reader: Reader, name: str, value: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        await reader.page(OPS, "sample_deal", [(name, value)])
    assert refused.value.code == code
    assert [error.pointer for error in refused.value.errors] == [f"/{name}"]


async def test_more_values_than_bounded_are_refused(reader: Reader) -> None:
    with pytest.raises(DomainError, match="200"):
        await reader.page(OPS, "sample_deal", [("name", str(n)) for n in range(201)])


async def test_paging_parameters_may_be_given_once(reader: Reader) -> None:
    with pytest.raises(DomainError, match="once"):
        await reader.page(OPS, "sample_deal", [("limit", "1"), ("limit", "2")])


async def test_totals_are_counted_on_request(owner: asyncpg.Connection, reader: Reader) -> None:
    for n in range(5):
        await insert(owner, "deal", id=uid(n), name="A", rep_id=uid(9), rank=n)
    for count in ("exact", "estimated"):
        answer = await page(reader, ("count", count), ("limit", "2"), ("rank.gte", "1"))
        assert answer["page"]["total"] == 4
    assert "total" not in (await page(reader))["page"]


async def test_an_estimate_of_a_large_list_comes_from_a_sample(owner: asyncpg.Connection, reader: Reader) -> None:
    await owner.execute(
        "insert into sample_deal (org_id, id, name, rep_id) select $1, gen_random_uuid(), repeat('x', 1000), $2"
        " from generate_series(1, 30000)",
        OPS.org_id,
        uid(9),
    )
    total = (await page(reader, ("count", "estimated"), ("limit", "1")))["page"]["total"]
    assert 15_000 < total < 60_000
    assert (await page(reader, ("count", "exact"), ("limit", "1")))["page"]["total"] == 30_000


async def test_a_report_takes_its_arguments_and_their_defaults(owner: asyncpg.Connection, reader: Reader) -> None:
    for n in range(4):
        await insert(owner, "deal", id=uid(n), name="A", rep_id=uid(50 + n % 2), amount=Decimal(n))
    since = ("since", "2026-01-01")
    answer = await page(reader, since, ("sort", "amount"), resource="sample_total")
    assert [(item["deals"], item["amount"]) for item in answer["items"]] == [(2, "2.00"), (2, "4.00")]
    answer = await page(reader, since, ("least", "3"), resource="sample_total")
    assert [(item["id"], item["deals"]) for item in answer["items"]] == [(str(uid(51)), 1)]
    with pytest.raises(DomainError, match="since"):
        await page(reader, resource="sample_total")
