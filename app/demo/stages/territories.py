"""Sales operations draw the territories, and sellers take them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from app.demo.people import Demo
from app.demo.plot import Area
from app.demo.regions import REGIONS
from app.domain.territories.workflow import TERRITORY_MODEL

_PINS = 24
_TAKEN_FROM_NEIGHBOUR = "The buyer works with us from the neighbouring area."


async def design(demo: Demo) -> None:
    """The model in force, the one before it, and what is being prepared for next year."""
    calendar = demo.company.calendar
    await _past_model(demo)
    model = await _model(demo, "WORLD", f"Territories {calendar.year}", calendar.start)
    await _draw(demo, model, demo.company.areas)
    await demo.answer(demo.desk["sales_ops"], "apply_territory_rules", model)
    await _pin(demo)
    await _bring_to(demo, model, "active")
    await _next_year(demo, model)


async def assign(demo: Demo) -> None:
    """Propose the territories in force; most are accepted, some are waiting, disputed, proposed again or ended."""
    operations, calendar = demo.desk["sales_ops"], demo.company.calendar
    hired = {seller.number: seller.hired_on for seller in demo.company.sellers}
    wanted = [(area.code, number, share) for area in demo.company.areas for number, share in area.coverage]
    bodies = [
        {
            "territory_id": demo.ids[code],
            "seller_id": demo.seller_id(number),
            "share": share,
            "effective_from": max(calendar.start, hired[number]),
        }
        for code, number, share in wanted
    ]
    made = await demo.all(operations, "propose_territory_assignment", [(None, body) for body in bodies])
    for n, ((_, number, _), id) in enumerate(zip(wanted, made, strict=True)):
        await _respond(demo, n, number, id)


async def _respond(demo: Demo, n: int, number: str, id: UUID) -> None:
    """What the seller says; the special cases come late in the list, where few accounts hang on them."""
    operations, seller = demo.desk["sales_ops"], demo.sellers[number]
    if n % 23 == 7:
        return
    if n % 29 in (9, 11):
        await demo.do(seller, "dispute_territory_assignment", id, comment="Two of these cities are a day's drive apart.")
        if n % 29 == 9:
            return
        await demo.do(operations, "revise_territory_assignment", id, comment="Travel is budgeted; please have a look again.")
    await demo.do(seller, "accept_territory_assignment", id)
    if n % 31 == 13:
        end = demo.company.calendar.today
        await demo.do(operations, "end_territory_assignment", id, effective_to=end, comment="Taken over by a colleague.")


async def _past_model(demo: Demo) -> None:
    calendar = demo.company.calendar
    start = calendar.start.replace(year=calendar.start.year - 1)
    model = await _model(demo, "WORLD-BEFORE", f"Territories {calendar.year - 1}", start, calendar.start)
    await _outline(demo, model)
    await _bring_to(demo, model, "active")
    await demo.do(demo.desk["sales_ops"], "archive_territory_model", model)


async def _next_year(demo: Demo, model: UUID) -> None:
    """Scenarios for next year: two that copy the model in force, and outlines that are further on or sent back."""
    operations, start = demo.desk["sales_ops"], demo.company.calendar.end
    await demo.do(operations, "clone_territory_model", model, name="Next year, as it is", starts_on=start)
    scenario = await demo.do(
        operations, "clone_territory_model", model, code="WORLD-NEXT", name="Next year, rebalanced", starts_on=start
    )
    await demo.answer(operations, "apply_territory_rules", scenario)
    await _bring_to(demo, scenario, "submitted")
    for state, name in (
        ("changes_requested", "Next year, by industry"),
        ("reviewed", "Next year, by size"),
        ("approved", "Next year, fewer regions"),
    ):
        outline = await _model(demo, f"OUTLINE-{state[:3].upper()}", name, start)
        await _outline(demo, outline)
        await _bring_to(demo, outline, state)


async def _bring_to(demo: Demo, model: UUID, state: str) -> None:
    """Take a draft as far as a state, each step by somebody else."""
    operations, manager = demo.desk["sales_ops"], demo.desk["sales_ops_2"]
    steps = [
        ("submitted", operations, "submit", {}),
        ("reviewed", manager, "review", {"comment": "Balanced well enough."}),
        ("approved", demo.desk["finance"], "approve", {}),
        ("active", operations, "activate", {}),
    ]
    if state == "changes_requested":
        steps[1:] = [(state, manager, "request_changes", {"comment": "The largest area is three times the smallest."})]
    for reached, who, action, said in steps:
        await demo.do(who, f"{action}_{TERRITORY_MODEL.name}", model, **said)
        if reached == state:
            return


async def _model(demo: Demo, code: str, name: str, start: date, end: date | None = None) -> UUID:
    body = {"code": code, "name": name, "starts_on": start, "ends_on": end}
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
        "rule": rule,
    }


async def _pin(demo: Demo) -> None:
    """Some accounts are held by the next area, whatever the rules say."""
    leaves = [area for area in demo.company.areas if area.accounts]
    step = max(1, len(leaves) // _PINS)
    calls = [
        (demo.ids[there.code], {"account_id": demo.ids[here.accounts[-1]], "comment": _TAKEN_FROM_NEIGHBOUR})
        for here, there in list(zip(leaves, leaves[1:], strict=False))[::step]
    ]
    await demo.all(demo.desk["sales_ops"], "pin_account", calls)
