"""Sellers get to know their customers: people, what each unit has and could have, who speaks for the company."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from app.demo.people import Demo
from app.demo.plot import Cell, Contact, Lead, Reference
from app.demo.stages.market import chunks

_CELLS_AT_ONCE = 1_000
_FATIGUE = {"max_uses": 2, "per_days": 90}
_GONE_AFTER = 12
"""Of so many people one has left its company."""

Item = TypeVar("Item", Contact, Lead)


async def meet(demo: Demo) -> None:
    """Contacts by the sellers who know them, and the relations between them."""
    for number, people in _by_owner(demo.company.contacts).items():
        bodies = [_contact(demo, person) for person in people]
        ids = await demo.all(demo.sellers[number], "create_contact", [(None, body) for body in bodies])
        demo.ids |= dict(zip((person.key for person in people), ids, strict=True))
    relations = [
        {
            "from_contact_id": demo.ids[relation.one],
            "to_contact_id": demo.ids[relation.other],
            "kind": relation.kind,
            "strength": relation.strength,
        }
        for relation in demo.company.relations
    ]
    await demo.all(demo.desk["sales_ops"], "create_contact_relation", [(None, body) for body in relations])
    last_month = demo.company.calendar.today - timedelta(days=30)
    gone = [(demo.ids[person.key], {"left_on": last_month}) for person in demo.company.contacts[5::_GONE_AFTER]]
    await demo.all(demo.desk["sales_ops"], "update_contact", gone)


async def assess(demo: Demo) -> None:
    """The cells of the penetration cube."""
    for chunk in chunks(demo.company.cells, _CELLS_AT_ONCE):
        cells = [_cell(demo, cell) for cell in chunk]
        await demo.answer(demo.desk["sales_ops"], "set_holding_cells", cells=cells)


async def refer(demo: Demo) -> None:
    """References, testimonials and referrals, each as far as its customer let it come."""
    for reference in demo.company.references:
        await _refer(demo, reference)


async def pursue(demo: Demo) -> None:
    """Leads by the sellers who work on them; two searches watch what becomes of them and of large accounts."""
    operations = demo.desk["sales_ops"]
    await _watch(demo, operations, "lead", "New leads in purchasing", {"job_functions": ["Purchasing"]})
    await _watch(
        demo, operations, "account", "Large accounts in energy", {"industries": ["Energy"], "min_employees": 500}
    )
    for number, leads in _by_owner(demo.company.leads).items():
        bodies = [_lead(lead) for lead in leads]
        ids = await demo.all(demo.sellers[number], "create_lead", [(None, body) for body in bodies])
        for lead, id in zip(leads, ids, strict=True):
            await _work_on(demo, lead, id)
    energy = [a for a in demo.company.accounts if a.industry == "Energy" and a.employees >= 500][:6]
    grown = [(demo.ids[account.key], {"employees": account.employees + 150}) for account in energy]
    await demo.all(operations, "update_account", grown)
    await demo.work(operations, "check_watched_searches")


async def _watch(demo: Demo, who: Any, target: str, name: str, criteria: dict[str, Any]) -> None:
    """Keep a search and look once, so that the next look has something to compare with."""
    body = {"name": name, "target": target, "criteria": criteria, "watched": True}
    await demo.answer(who, "check_saved_search", await demo.do(who, "create_saved_search", **body))


async def _work_on(demo: Demo, lead: Lead, id: UUID) -> None:
    who = demo.sellers[lead.owner]
    if lead.fate in ("qualified", "converted"):
        await demo.do(who, "qualify_lead", id)
    if lead.fate == "converted":
        deal = {"name": f"Planner for {lead.company}", "product_id": demo.ids["PLAN-T"], "amount": "9600.00"}
        await demo.do(who, "convert_lead", id, opportunity=deal)
    if lead.fate in ("disqualified", "reopened"):
        await demo.do(who, "disqualify_lead", id, reason="no_budget", comment="Nothing to spend before summer.")
    if lead.fate == "reopened":
        await demo.do(who, "reopen_lead", id, comment="The budget was found after all.")


async def _refer(demo: Demo, reference: Reference) -> None:
    who, fate = demo.sellers[demo.company.owner[reference.account]], reference.fate
    target = {"target_account_id": demo.ids[reference.target]} if reference.kind == "referral" else {}
    operations = demo.desk["sales_ops"]
    body = {
        "kind": reference.kind,
        "account_id": demo.ids[reference.account],
        "contact_id": demo.ids[reference.contact],
        "subject": reference.subject,
    }
    # Who introduces to an account of somebody else is asked by those who see both.
    id = await demo.do(operations if target else who, "request_reference", **body, **_FATIGUE, **target)
    if fate == "declined":
        await demo.do(who, "decline_reference", id, comment="Their press office allows none.")
    if fate in ("agreed", "used", "retired"):
        await demo.do(who, "agree_reference", id)
    if fate in ("used", "retired"):
        for days, outcome in ((40, "helped"), (12, None)):
            used_on: date = demo.company.calendar.today - timedelta(days=days)
            use = {"reference_id": id, "account_id": demo.ids[reference.target], "used_on": used_on, "outcome": outcome}
            await demo.do(operations, "use_reference", **use)
    if fate == "retired":
        await demo.do(who, "retire_reference", id, outcome="helped", comment="The person changed company.")


def _by_owner(items: tuple[Item, ...]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        found[item.owner].append(item)
    return found


def _contact(demo: Demo, person: Contact) -> dict[str, Any]:
    title, function, part = person.post
    return {
        "account_id": demo.ids[person.account],
        "name": person.name,
        "email": person.email,
        "job_title": title,
        "function": function,
        "decision_role": part,
        "relation_strength": person.strength,
    }


def _cell(demo: Demo, cell: Cell) -> dict[str, Any]:
    return {
        "account_id": demo.ids[cell.account],
        "product_id": demo.ids[cell.product],
        "contact_id": demo.ids[cell.contact] if cell.contact else None,
        "status": cell.status,
        "potential": cell.potential,
        "competitor": cell.competitor,
        "shown_on": cell.shown_on,
    }


def _lead(lead: Lead) -> dict[str, Any]:
    names = ("name", "email", "company", "city", "country", "job_function", "industry", "employees", "source", "score")
    return {name: getattr(lead, name) for name in names}
