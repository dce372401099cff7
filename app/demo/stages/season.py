"""The territory season: sellers leave, deals go over, next year's territories are designed, proposed and answered."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.demo.people import Demo

_ANSWERS = ("accepted", "accepted", "proposed", "accepted", "disputed", "accepted", "revised")
"""What becomes of the proposals, in turn."""
_GONE_SINCE = 25
"""Days since they left."""


async def hand_over(demo: Demo) -> None:
    """Deals of accounts that change hands stay with their sellers for a while; one goes at once, one stays longer."""
    operations = demo.desk["sales_ops"]
    held = await demo.rows("select id, until from holdover where org_id = :org_id and state = 'held' order by id")
    comment = "The new seller knows the buyer from before."
    await demo.do(operations, "release_holdover", held[0]["id"], comment=comment)
    for deal in held[2:3]:
        until = deal["until"] + timedelta(days=30)
        await demo.do(operations, "extend_holdover", deal["id"], until=until, comment="Signing is in the week after.")
    await demo.answer(operations, "settle_holdovers")


async def lose_sellers(demo: Demo) -> None:
    """Two sellers left: of one the territory waits for somebody, of the other it is offered to a colleague."""
    operations, left_on = demo.desk["sales_ops"], demo.company.calendar.today - timedelta(days=_GONE_SINCE)
    staying = await demo.rows(
        "select seller_id as id from territory_assignment where org_id = :org_id group by seller_id"
        " having count(*) = 1 and bool_and(state = 'accepted' and share = 1 and effective_to is null) order by id"
    )
    _, first, second, colleague = [row["id"] for row in staying[:4]]
    for seller in (first, second):
        await demo.do(operations, "end_seller", seller, left_on=left_on)
    vacancies = await demo.rows(
        "select own.id from territory_assignment own"
        " join seller on seller.org_id = own.org_id and seller.id = own.seller_id and seller.placeholder"
        " where own.org_id = :org_id and own.state = 'accepted' order by own.id"
    )
    offer = {"seller_id": colleague, "comment": "You know half of these accounts."}
    await demo.do(operations, "fill_vacancy", vacancies[-1]["id"], **offer)


async def plan(demo: Demo) -> None:
    """Next year as it is, and rebalanced: designed, planned with sellers, who answer, and submitted."""
    operations, start = demo.desk["sales_ops"], demo.company.calendar.end
    as_it_is = await demo.do(
        operations, "clone_territory_model", demo.ids["WORLD"], name="Next year, as it is", starts_on=start
    )
    await demo.answer(operations, "apply_territory_rules", as_it_is)
    draft = {"code": "WORLD-NEXT", "name": "Next year, rebalanced", "starts_on": start}
    rebalanced = await demo.do(operations, "adopt_scenario_result", await _rebalance(demo, as_it_is), **draft)
    await _plan_sellers(demo, rebalanced)
    await demo.answer(operations, "propose_territory_model", rebalanced)
    await _answer(demo, rebalanced)
    await demo.do(operations, "submit_territory_model", rebalanced)


async def _rebalance(demo: Demo, model: UUID) -> UUID:
    """The plan that moves least until no territory is half as large again as it should be, or half as large."""
    operations = demo.desk["sales_ops"]
    scenario = await demo.do(
        operations,
        "create_territory_scenario",
        name="Nobody half as much again",
        model_id=model,
        measures=[{"measure": "potential", "tolerance": "0.5"}],
        targets=_key_territories(demo),
        iterations=100_000,
        deadline_seconds=60,
    )
    found = await demo.work(operations, "solve_territory_scenario", scenario)
    return UUID(found["results"][0]["id"])


def _key_territories(demo: Demo) -> list[dict[str, Any]]:
    """Key accounts are few and large: what their territories hold against the mean of the others stays."""
    potential = {account.key: account.potential for account in demo.company.accounts}
    loads = {area: sum(potential[key] for key in (*area.accounts, *area.named)) for area in demo.company.areas}
    others = [load for area, load in loads.items() if area.accounts]
    mean = Decimal(sum(others)) / len(others)
    return [
        {"territory_code": area.code, "portion": round(load / mean, 2)} for area, load in loads.items() if area.named
    ]


async def _plan_sellers(demo: Demo, model: UUID) -> None:
    """Whoever covers a territory, or most of it, is planned for it, unless it left."""
    covering = {area.code: demo.seller_id(area.coverage[0][0]) for area in demo.company.areas if area.coverage}
    rows = await demo.rows(
        "select territory.id, code from territory where org_id = :org_id and model_id = :model"
        " and planned_seller_id is null order by code",
        model=model,
    )
    left = {
        row["id"] for row in await demo.rows("select id from seller where org_id = :org_id and left_on is not null")
    }
    planned = [
        (row["id"], {"planned_seller_id": covering[row["code"]]})
        for row in rows
        if row["code"] in covering and covering[row["code"]] not in left
    ]
    await demo.all(demo.desk["sales_ops"], "update_territory", planned)


async def _answer(demo: Demo, model: UUID) -> None:
    """Sellers say what they think of what they are to cover."""
    actors = {actor.seller_id: actor for actor in demo.sellers.values()}
    proposals: list[dict[str, Any]] = await demo.rows(
        "select own.id, own.seller_id from territory_assignment own join territory"
        " on territory.org_id = own.org_id and territory.id = own.territory_id"
        " where own.org_id = :org_id and territory.model_id = :model order by own.id",
        model=model,
    )
    operations = demo.desk["sales_ops"]
    for n, proposal in enumerate(proposals):
        seller, answer, id = actors[proposal["seller_id"]], _ANSWERS[n % len(_ANSWERS)], proposal["id"]
        if answer in ("disputed", "revised"):
            comment = "Half of my customers would go to a colleague."
            await demo.do(seller, "dispute_territory_assignment", id, comment=comment)
        if answer == "revised":
            await demo.do(operations, "revise_territory_assignment", id, comment="You keep those with open deals.")
        if answer in ("accepted", "revised"):
            await demo.do(seller, "accept_territory_assignment", id)
