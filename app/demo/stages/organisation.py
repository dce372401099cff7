"""The company hires: desk roles, sellers with their reporting line, fiscal years, exchange rates, keys."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from app.demo.people import Demo
from app.demo.plot import Seller
from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor
from app.domain.organisation.founding import issue_key_of
from app.operations import Operations

KEY_HOLDERS = (Role.ADMIN, Role.SALES_OPS, Role.FINANCE, Role.COMP_ADMIN, Role.MANAGER, Role.SELLER, Role.VIEWER)
"""The roles of which one person gets a key: the first who was let in with that role alone."""

_DESK = {
    "admin": (Role.ADMIN, "Adele Marchand"),
    "sales_ops": (Role.SALES_OPS, "Olivier Stern"),
    "finance": (Role.FINANCE, "Farida Novak"),
    "comp_admin": (Role.COMP_ADMIN, "Camille Duarte"),
    "viewer": (Role.VIEWER, "Victor Lind"),
    "sales_ops_2": (Role.SALES_OPS, "Olga Brandt"),
    "finance_2": (Role.FINANCE, "Felix Romano"),
    "comp_admin_2": (Role.COMP_ADMIN, "Clara Whitfield"),
}
_RATES = {"GBP": ("1.187000000", "1.152500000"), "CHF": ("1.062000000", "1.071000000")}
"""Euros for one unit, before and from the middle of the fiscal year on."""


async def found(demo: Demo) -> None:
    """Let the desk in, set up the calendar, hire everybody."""
    await demo.hire_desk(_DESK)
    await _set_up_calendar(demo)
    await _hire(demo)


async def issue_keys(operations: Operations, org_id: UUID) -> dict[str, str]:
    """A fresh key per role for those who hold the demo's keys."""
    operator = Actor(org_id, org_id, "operator", frozenset({Role.ADMIN}))
    async with operations.transaction(operator) as tx:
        found = await tx.rows(
            "select distinct on (roles) roles[1] as role, id from principal where org_id = :org_id and kind = 'person'"
            " and cardinality(roles) = 1 and active order by roles, id"
        )
    holders = {row["role"]: row["id"] for row in found}
    return {
        str(role): await issue_key_of(operations.transaction, str(org_id), f"demo {role}", holders[role])
        for role in KEY_HOLDERS
    }


async def _set_up_calendar(demo: Demo) -> None:
    """Two fiscal years, the present one and the one before, and exchange rates into the reporting currency."""
    finance, calendar = demo.desk["finance"], demo.company.calendar
    for back in (1, 0):
        start = calendar.start.replace(year=calendar.start.year - back)
        body = {"fiscal_year": calendar.year - back, "start_date": start}
        await demo.do(finance, "create_fiscal_year", **body)
    middle = calendar.start + timedelta(days=182)
    for currency, rates in _RATES.items():
        for day, rate in zip((date(calendar.start.year - 1, 1, 1), middle), rates, strict=True):
            body = {"from_currency": currency, "to_currency": "EUR", "rate": rate, "effective_from": day}
            await demo.do(finance, "create_fx_rate", **body)
    periods = await demo.rows("select id, code from fiscal_period where org_id = :org_id")
    demo.ids |= {row["code"]: row["id"] for row in periods}
    months = [f"{calendar.year - 1}-M{month:02d}" for month in range(1, 13)]
    await demo.all(finance, "close_fiscal_period", [(demo.ids[code], {}) for code in months])


async def _hire(demo: Demo) -> None:
    """Sellers from the top down, and a principal for each; the first manager and seller let in hold the keys."""
    operations = demo.desk["sales_ops"]
    sellers = demo.company.sellers
    for level in range(4):
        hired = [seller for seller in sellers if seller.level == level]
        ids = await demo.all(operations, "create_seller", [(None, _seller(demo, seller)) for seller in hired])
        for seller, id in zip(hired, ids, strict=True):
            demo.sellers[seller.number] = Actor(demo.founder.org_id, id, seller.name, _roles(seller), id)
    first = next(seller for seller in sellers if seller.level == 3)
    leader = next(seller for seller in sellers if seller.number == first.manager)
    skills = [
        {"seller_id": demo.seller_id(seller.number), "skill": skill, "level": level}
        for seller in sellers
        for skill, level in seller.skills
    ]
    await demo.all(operations, "create_seller_skill", [(None, skill) for skill in skills])
    for seller in (leader, first):
        await _let_in(demo, [seller])
    await _let_in(demo, [seller for seller in sellers if seller not in (leader, first)])


def _seller(demo: Demo, seller: Seller) -> dict[str, object]:
    position = {"job_role": seller.job_role, "team": seller.team}
    if seller.manager:
        position["manager_id"] = str(demo.seller_id(seller.manager))
    return {
        "name": seller.name,
        "email": seller.email,
        "employee_number": seller.number,
        "hired_on": seller.hired_on,
        "position": position,
    } | ({"latitude": seller.home[0], "longitude": seller.home[1]} if seller.home else {})


async def _let_in(demo: Demo, sellers: list[Seller]) -> None:
    bodies = [
        {
            "kind": "person",
            "name": s.name,
            "email": s.email,
            "roles": list(_roles(s)),
            "seller_id": demo.seller_id(s.number),
        }
        for s in sellers
    ]
    ids = await demo.all(demo.desk["admin"], "create_principal", [(None, body) for body in bodies])
    for seller, id in zip(sellers, ids, strict=True):
        actor = demo.sellers[seller.number]
        demo.sellers[seller.number] = Actor(actor.org_id, id, actor.name, actor.roles, actor.seller_id)


def _roles(seller: Seller) -> frozenset[Role]:
    return frozenset({Role.SELLER if seller.level == 3 else Role.MANAGER})
