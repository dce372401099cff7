"""Sales operations draw the territories in force, and sellers take them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from app.demo.people import Demo
from app.demo.plot import Area
from app.demo.regions import REGIONS
from app.domain.kernel.scope import Actor

_PINS = 24
_CHANGES = 16
_HOLDOVER_DAYS = 60
_TAKEN_FROM_NEIGHBOUR = "The buyer works with us from the neighbouring area."


async def design(demo: Demo) -> None:
    """The model in force, the one before it, and outlines of others that are further on or sent back."""
    calendar = demo.company.calendar
    await _past_model(demo)
    model = await _model(demo, "WORLD", f"Territories {calendar.year}", calendar.start)
    demo.ids["WORLD"] = model
    await _draw(demo, model, demo.company.areas)
    await demo.answer(demo.desk["sales_ops"], "apply_territory_rules", model)
    await _pin(demo)
    await _bring_to(demo, model, "active")
    await _outlines(demo)


async def assign(demo: Demo) -> None:
    """Everybody takes a territory for the year; some of them change hands when it ends, and not all agree to that."""
    start = demo.company.calendar.start
    hired = {seller.number: seller.hired_on for seller in demo.company.sellers}
    wanted = [(area.code, number, share) for area in demo.company.areas for number, share in area.coverage]
    made = await _propose(demo, [(*part, max(start, hired[part[1]])) for part in wanted])
    for (_, number, _), id in zip(wanted, made, strict=True):
        await demo.do(demo.sellers[number], "accept_territory_assignment", id)
    whole = [(code, number, id) for (code, number, share), id in zip(wanted, made, strict=True) if share == 1]
    changing = whole[1 :: max(2, len(whole) // _CHANGES)]
    deals = {area.code: len(_in_play(demo).intersection(area.accounts)) for area in demo.company.areas}
    await _change_hands(demo, sorted(changing, key=lambda part: -deals[part[0]]))


async def _change_hands(demo: Demo, parts: Sequence[tuple[str, str, UUID]]) -> None:
    """Each seller hands its territory to the next in the list at the end of the year."""
    operations, end = demo.desk["sales_ops"], demo.company.calendar.end
    for _, _, id in parts:
        said = {"effective_to": end, "comment": "Goes to a colleague next year."}
        await demo.do(operations, "end_territory_assignment", id, **said)
    takers = [*(number for _, number, _ in parts[1:]), parts[0][1]]
    made = await _propose(
        demo, [(code, taker, Decimal(1), end) for (code, _, _), taker in zip(parts, takers, strict=True)]
    )
    for n, (taker, id) in enumerate(zip(takers, made, strict=True)):
        await _respond(demo, ("accepted", "proposed", "disputed", "revised")[n % 4], demo.sellers[taker], id)


async def _respond(demo: Demo, answer: str, seller: Actor, id: UUID) -> None:
    if answer in ("disputed", "revised"):
        said = "Two of these cities are a day's drive apart."
        await demo.do(seller, "dispute_territory_assignment", id, comment=said)
    if answer == "revised":
        said = "Travel is budgeted; please have a look again."
        await demo.do(demo.desk["sales_ops"], "revise_territory_assignment", id, comment=said)
    if answer in ("revised", "accepted"):
        await demo.do(seller, "accept_territory_assignment", id)


async def _propose(demo: Demo, parts: Sequence[tuple[str, str, Decimal, date]]) -> list[UUID]:
    """Territories by code, to sellers by number, with a share from a day on."""
    bodies = [
        {
            "territory_id": demo.ids[code],
            "seller_id": demo.seller_id(number),
            "share": share,
            "effective_from": day,
        }
        for code, number, share, day in parts
    ]
    return await demo.all(demo.desk["sales_ops"], "propose_territory_assignment", [(None, body) for body in bodies])


async def _past_model(demo: Demo) -> None:
    calendar = demo.company.calendar
    start = calendar.start.replace(year=calendar.start.year - 1)
    model = await _model(demo, "WORLD-BEFORE", f"Territories {calendar.year - 1}", start, calendar.start)
    await _outline(demo, model)
    await _bring_to(demo, model, "active")
    await demo.do(demo.desk["sales_ops"], "archive_territory_model", model)


async def _outlines(demo: Demo) -> None:
    for state, name in (
        ("changes_requested", "Next year, by industry"),
        ("reviewed", "Next year, by size"),
        ("approved", "Next year, fewer regions"),
    ):
        outline = await _model(demo, f"OUTLINE-{state[:3].upper()}", name, demo.company.calendar.end)
        await _outline(demo, outline)
        await _bring_to(demo, outline, state)


async def _bring_to(demo: Demo, model: UUID, state: str) -> None:
    """Take a draft as far as a state, each step by somebody else."""
    operations, manager = demo.desk["sales_ops"], demo.desk["sales_ops_2"]
    steps: list[tuple[str, Actor, str, dict[str, Any]]] = [
        ("submitted", operations, "submit", {}),
        ("reviewed", manager, "review", {"comment": "Balanced well enough."}),
        ("approved", demo.desk["finance"], "approve", {}),
        ("active", operations, "activate", {"move_open_deals": True}),
    ]
    if state == "changes_requested":
        steps[1:] = [(state, manager, "request_changes", {"comment": "The largest area is three times the smallest."})]
    for reached, who, action, said in steps:
        await demo.do(who, f"{action}_territory_model", model, **said)
        if reached == state:
            return


async def _model(demo: Demo, code: str, name: str, start: date, end: date | None = None) -> UUID:
    body = {"code": code, "name": name, "starts_on": start, "ends_on": end, "holdover_days": _HOLDOVER_DAYS}
    return await demo.do(demo.desk["sales_ops"], "create_territory_model", **body)


async def _outline(demo: Demo, model: UUID) -> None:
    """A model with the regions only, each by its countries."""
    bodies = [
        {"model_id": model, "code": r.code, "name": r.name, "rule": {"countries": list(r.countries)}} for r in REGIONS
    ]
    await demo.all(demo.desk["sales_ops"], "create_territory", [(None, body) for body in bodies])


async def _draw(demo: Demo, model: UUID, areas: Sequence[Area]) -> None:
    """The tree, level by level."""
    waiting = list(areas)
    while waiting:
        ready = [area for area in waiting if area.parent is None or area.parent in demo.ids]
        bodies = [_territory(demo, model, area) for area in ready]
        ids = await demo.all(demo.desk["sales_ops"], "create_territory", [(None, body) for body in bodies])
        waiting = [area for area in waiting if area not in ready]
        demo.ids |= dict(zip((area.code for area in ready), ids, strict=True))


def _territory(demo: Demo, model: UUID, area: Area) -> dict[str, Any]:
    rule: dict[str, Any] = {"account_ids": [demo.ids[key] for key in area.named]}
    if area.country:
        rule |= {
            "countries": [area.country],
            "cities": list(area.cities),
            "min_employees": area.min_employees,
            "max_employees": area.max_employees,
        }
    return {
        "model_id": model,
        "code": area.code,
        "name": area.name,
        "parent_id": demo.ids[area.parent] if area.parent else None,
        "priority": area.priority,
        "coverage_mode": "hybrid" if area.named else "remote" if area.max_employees else "field",
        "rule": rule,
    }


async def _pin(demo: Demo) -> None:
    """Some accounts, of those with open deals where there are, are held by the next area, whatever the rules say."""
    leaves = [area for area in demo.company.areas if area.accounts]
    step = max(1, len(leaves) // _PINS)
    in_play = _in_play(demo)
    calls = []
    for here, there in list(pairwise(leaves))[::step]:
        key = next((key for key in reversed(here.accounts) if key in in_play), here.accounts[-1])
        calls.append((demo.ids[there.code], {"account_id": demo.ids[key], "comment": _TAKEN_FROM_NEIGHBOUR}))
    await demo.all(demo.desk["sales_ops"], "pin_account", calls)


def _in_play(demo: Demo) -> set[str]:
    """Accounts with an open deal."""
    return {deal.account for deal in demo.company.opportunities if deal.closed_on is None}
