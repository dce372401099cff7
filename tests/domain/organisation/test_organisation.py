"""Sellers, their reporting line, periods, rates and keys, as a caller meets them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.world import World, fiscal_year, make_world


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as made:
        yield made


def position(world: World, manager: str | None, **fields: str) -> dict[str, Any]:
    chief = {"manager_id": world.sellers[manager]} if manager else {}
    return {"job_role": "Account executive", "team": "Lyon", **chief, **fields}


async def names(world: World, role: str, **params: Any) -> set[str]:
    return {seller["name"] for seller in (await world.get(role, "/v1/sellers", **params))["items"]}


async def test_a_move_ends_the_present_position_and_begins_the_next(world: World) -> None:
    sam = world.sellers["sam"]
    await world.post("sales_ops", f"/v1/sellers/{sam}/move", position(world, "otto", effective_from="2026-03-01"))
    held = (await world.get("sales_ops", "/v1/positions", seller_id=sam, sort="effective_from"))["items"]
    assert [(one["manager_id"], one["effective_from"], one["effective_to"]) for one in held] == [
        (world.sellers["mona"], "2025-01-01", "2026-03-01"),
        (world.sellers["otto"], "2026-03-01", None),
    ]
    before = await world.get("sales_ops", "/v1/sellers", as_of="2026-02-28", q="Sam")
    assert before["items"][0]["manager_id"] == world.sellers["mona"]


async def test_who_moves_is_seen_by_the_new_manager_and_no_longer_by_the_old(world: World) -> None:
    assert await names(world, "mona") == {"Mona", "Sam", "Sue"}
    body = position(world, "otto", effective_from="2026-03-01")
    await world.post("sales_ops", f"/v1/sellers/{world.sellers['sam']}/move", body)
    assert await names(world, "mona") == {"Mona", "Sue"}
    assert await names(world, "otto") == {"Otto", "Olga", "Sam"}


async def test_a_move_takes_along_who_reports_to_the_one_who_moves(world: World) -> None:
    await world.post(
        "sales_ops", f"/v1/sellers/{world.sellers['otto']}/move", position(world, "mona", effective_from="2026-03-01")
    )
    assert await names(world, "mona") == {"Mona", "Sam", "Sue", "Otto", "Olga"}
    assert await names(world, "sales_ops", in_line_of=world.sellers["mona"]) == {"Mona", "Sam", "Sue", "Otto", "Olga"}


async def test_a_seller_sees_those_above_but_not_its_colleagues(world: World) -> None:
    assert await names(world, "sam") == {"Sam", "Mona"}


async def test_a_reporting_line_that_closes_on_itself_is_refused(world: World) -> None:
    body = position(world, "sam", effective_from="2026-03-01")
    problem = await world.post("sales_ops", f"/v1/sellers/{world.sellers['mona']}/move", body, expect=422)
    assert problem["code"] == "reporting_cycle"
    assert (await world.get("sales_ops", f"/v1/sellers/{world.sellers['mona']}"))["manager_id"] is None


async def test_a_move_before_the_present_position_is_refused(world: World) -> None:
    body = position(world, "otto", effective_from="2024-12-31")
    problem = await world.post("sales_ops", f"/v1/sellers/{world.sellers['sam']}/move", body, expect=422)
    assert problem["code"] == "position_order"


async def test_who_has_left_holds_no_position(world: World) -> None:
    sam = world.sellers["sam"]
    await world.post("sales_ops", f"/v1/sellers/{sam}/end", {"left_on": "2026-06-01"})
    seller = await world.get("sales_ops", f"/v1/sellers/{sam}")
    assert (seller["left_on"], seller["job_role"], seller["manager_id"]) == ("2026-06-01", None, None)


async def test_a_fiscal_year_exists_once(world: World) -> None:
    periods = await fiscal_year(world)
    assert len(periods) == 19
    again = {"fiscal_year": 2026, "start_date": "2026-01-01"}
    problem = await world.post("finance", "/v1/periods/create-year", again, expect=409)
    assert problem["code"] in ("already_exists", "period_overlap")


async def test_only_finance_closes_a_period_and_reopening_needs_a_reason(world: World) -> None:
    january = f"/v1/periods/{(await fiscal_year(world))['2026-M01']}"
    await world.post("admin", f"{january}/close", expect=403)
    assert (await world.post("finance", f"{january}/close"))["state"] == "closed"
    await world.post("finance", f"{january}/reopen", {}, expect=422)
    assert (await world.post("finance", f"{january}/reopen", {"comment": "A late invoice."}))["state"] == "open"


async def test_a_new_rate_ends_the_open_one_and_ranges_never_overlap(world: World) -> None:
    rate = {"from_currency": "USD", "to_currency": "EUR", "rate": "0.92", "effective_from": "2026-01-01"}
    await world.post("finance", "/v1/fx-rates", rate)
    await world.post("finance", "/v1/fx-rates", rate | {"rate": "0.935", "effective_from": "2026-02-01"})
    found = (await world.get("finance", "/v1/fx-rates", sort="effective_from"))["items"]
    assert [(one["rate"], one["effective_to"]) for one in found] == [("0.92", "2026-02-01"), ("0.935", None)]
    backdated = rate | {"effective_from": "2026-01-15", "effective_to": "2026-01-20"}
    problem = await world.post("finance", "/v1/fx-rates", backdated, expect=409)
    assert problem["code"] == "period_overlap"


async def test_a_revoked_key_is_refused_at_once(world: World) -> None:
    principal = {"kind": "service", "name": "Reports", "roles": ["viewer"]}
    id = (await world.post("admin", "/v1/principals", principal))["id"]
    issued = await world.post("admin", "/v1/api-keys/issue", {"principal_id": id, "name": "nightly"})
    client = world.anonymous({"authorization": f"Bearer {issued['key']}"})
    assert (await client.get("/v1/products")).status_code == 200
    await world.post("admin", f"/v1/api-keys/{issued['id']}/revoke")
    assert (await client.get("/v1/products")).status_code == 401


async def test_the_secret_of_a_key_is_not_shown_again(world: World) -> None:
    found = (await world.get("admin", "/v1/api-keys"))["items"]
    assert found
    assert all("hash" not in key and "key" not in key for key in found)
