"""Sellers and managers write plans; those above them review, approve, reject or send them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.demo.offer import PRODUCTS
from app.demo.people import Demo
from app.demo.plot import Account, Seller
from app.domain.kernel.scope import Actor

_ENDS = ("approved", "submitted", "draft", "changes_requested", "reviewed", "rejected", "archived")
"""Where plans are left, in turn; every fourth or so is approved."""
_APPROVED = ("approved", "approved", "approved", "submitted", "reviewed")
"""Where the plans beyond the first of each end are left."""
_TERRITORY_PLANS, _ACCOUNT_PLANS = 45, 30
_ROLES = ("decision_maker", "influencer")
_SCORES = {"rejected": "2", "approved": "4", "archived": "4"}


@dataclass(frozen=True)
class _Plan:
    kind: str
    title: str
    owner: str
    sections: dict[str, Any]
    subject: dict[str, UUID]


async def write(demo: Demo) -> None:
    """Revenue plans by those who lead, territory and account plans by those who sell."""
    operations = demo.desk["sales_ops"]
    installed = (await demo.answer(operations, "install_plan_templates"))["templates"]
    templates = {template["kind"]: UUID(template["id"]) for template in installed}
    templates_read = await demo.rows("select kind, rubric from plan_template where org_id = :org_id")
    rubrics = {row["kind"]: [criterion["key"] for criterion in row["rubric"]] for row in templates_read}
    for plans in (_revenue_plans(demo), _territory_plans(demo), await _account_plans(demo)):
        for n, plan in enumerate(plans):
            end = _ENDS[n] if n < len(_ENDS) else _APPROVED[n % len(_APPROVED)]
            await _live(demo, plan, templates[plan.kind], rubrics[plan.kind], end)


async def _live(demo: Demo, plan: _Plan, template: UUID, rubric: Sequence[str], end: str) -> None:
    """One plan from its first words to where it is left."""
    owner, above = demo.sellers[plan.owner], _above(demo, plan.owner)
    period = demo.ids[demo.company.calendar.code()]
    id = await demo.do(
        owner,
        "create_plan",
        template_id=template,
        title=plan.title,
        period_id=period,
        sections=dict(list(plan.sections.items())[: 2 if end == "draft" else None]),
        **plan.subject,
    )
    if end == "draft":
        return
    await demo.do(owner, "submit_plan", id)
    if end == "submitted":
        await demo.do(owner, "withdraw_plan", id)
        await demo.do(owner, "submit_plan", id)
        return
    if end == "changes_requested":
        said = {"plan_id": id, "section": "actions"}
        answered = await demo.do(above, "create_plan_comment", **said, body="Is anybody free in March?")
        await demo.do(owner, "resolve_plan_comment", answered)
        await demo.do(above, "create_plan_comment", **said, body="Who pays for the second hire?")
        await demo.do(above, "request_changes_plan", id, comment="Say who pays for the second hire, and when.")
        return
    scores = [{"criterion": key, "score": _SCORES.get(end, "3.5")} for key in rubric]
    await demo.do(above, "review_plan", id, scores=scores, comment="Read with the team.")
    if end == "rejected":
        await demo.do(demo.desk["finance"], "reject_plan", id, comment="The figures do not add up.")
    elif end != "reviewed":
        await demo.do(demo.desk["finance"], "approve_plan", id)
    if end == "archived":
        await demo.do(owner, "revise_plan", id)
        await demo.do(owner, "archive_plan", id)


def _above(demo: Demo, number: str) -> Actor:
    """Who reviews a seller's plan: its manager, or sales operations for the one at the top."""
    seller = next(seller for seller in demo.company.sellers if seller.number == number)
    return demo.sellers[seller.manager] if seller.manager else demo.desk["sales_ops"]


def _revenue_plans(demo: Demo) -> list[_Plan]:
    leaders = sorted((s for s in demo.company.sellers if s.level < 3), key=lambda seller: (seller.level, seller.number))
    below = {leader.number: _field(demo, leader) for leader in leaders}
    return [
        _Plan(
            "revenue_plan",
            f"{leader.team} {demo.company.calendar.year}",
            leader.number,
            {
                "summary": f"{leader.team} grows with its customers and wins two new ones per seller.",
                "revenue": _quarters(demo, below[leader.number], "1.8"),
                "margin": _quarters(demo, below[leader.number], "1.1"),
                "assumptions": [
                    {"assumption": "Prices hold", "likelihood": "likely", "consequence": "Two points of margin"},
                    {"assumption": "Both open posts are filled", "likelihood": "possible", "consequence": "-4 %"},
                ],
                "actions": _actions(demo, leader.name, "Review the pipeline with every seller"),
                "investments": "A solution engineer shared with the neighbouring team.",
            },
            {},
        )
        for leader in leaders
    ]


def _territory_plans(demo: Demo) -> list[_Plan]:
    names = {account.key: account.name for account in demo.company.accounts}
    people = {seller.number: seller for seller in demo.company.sellers}
    plans = []
    for area in [area for area in demo.company.areas if area.coverage and area.accounts][:_TERRITORY_PLANS]:
        seller, key_accounts = people[area.coverage[0][0]], area.accounts[:5]
        sections = {
            "key_accounts": [demo.ids[key] for key in key_accounts],
            "entry_strategies": [
                {"account": names[key], "way_in": "Operations", "sponsor": "not known yet", "next_step": "Site visit"}
                for key in key_accounts[:3]
            ],
            "new_business": "Four companies on the industrial estate are looking for what we sold their neighbours.",
            "account_management": "A review per quarter with every customer above 50,000 a year.",
            "revenue": _quarters(demo, 1, "1.8"),
            "actions": _actions(demo, seller.name, "Meet the operations managers of the five key accounts"),
            "channel": "One partner for onboarding.",
        }
        title = f"{area.name} {demo.company.calendar.year}"[:200]
        plans.append(_Plan("territory_plan", title, seller.number, sections, {"territory_id": demo.ids[area.code]}))
    return plans


async def _account_plans(demo: Demo) -> list[_Plan]:
    largest = sorted(demo.company.accounts, key=lambda account: (-account.potential, account.key))[:_ACCOUNT_PLANS]
    people = {seller.number: seller for seller in demo.company.sellers}
    plans = []
    for account in largest:
        seller = people[demo.company.owner[account.key]]
        plans.append(_account_plan(demo, account, seller, await _contacts(demo, account, seller)))
    return plans


async def _contacts(demo: Demo, account: Account, seller: Seller) -> list[UUID]:
    """Whom a plan knows at its account."""
    at = {"account_id": demo.ids[account.key]}
    return [
        await demo.do(
            demo.sellers[seller.number], "create_contact", name=f"{title} of {account.name}"[:200], job_title=title,
            decision_role=role, **at,
        )
        for title, role in zip(("Head of operations", "IT architect"), _ROLES, strict=True)
    ]  # fmt: skip


def _account_plan(demo: Demo, account: Account, seller: Seller, contacts: list[UUID]) -> _Plan:
    sections = {
        "situation": f"{account.name} merges two sites and replaces what they plan with today.",
        "whitespace": [
            {
                "account_id": demo.ids[account.key],
                "product_id": demo.ids[product.code],
                "status": status,
                "potential": {"amount": potential, "currency": "EUR"},
            }
            for product, status, potential in zip(PRODUCTS, ("open", "competitor"), ("240000", "90000"), strict=False)
        ],
        "people": [
            {"contact_id": contact, "decision_role": role, "relation_strength": strength, "next_step": "Meet"}
            for contact, role, strength in zip(contacts, _ROLES, (3, 1), strict=True)
        ],
        "strategy": "Start where the pain is, in operations, and let them introduce us to finance.",
        "revenue": _quarters(demo, 1, "0.2"),
        "actions": _actions(demo, seller.name, "Show the planner to the head of operations"),
    }
    title = f"{account.name} {demo.company.calendar.year}"[:200]
    return _Plan("account_plan", title, seller.number, sections, {"account_id": demo.ids[account.key]})


def _field(demo: Demo, leader: Seller) -> int:
    """How many people who sell are below somebody."""
    line, below = {leader.number}, 0
    for seller in demo.company.sellers:
        if seller.manager in line:
            line.add(seller.number)
            below += seller.level == 3
    return below


def _quarters(demo: Demo, sellers: int, millions: str) -> dict[str, dict[str, str]]:
    quarter = (Decimal(millions) * 1_000_000 * sellers / 4).quantize(Decimal("1000"))
    amount = {"amount": f"{quarter:f}", "currency": "EUR"}
    return {demo.company.calendar.code(f"Q{n}"): amount for n in range(1, 5)}


def _actions(demo: Demo, who: str, what: str) -> list[dict[str, Any]]:
    start = demo.company.calendar.start
    return [
        {"what": what, "who": who, "due": start + timedelta(days=45)},
        {"what": "Compare the plan with what came of it", "who": who, "due": start + timedelta(days=180)},
    ]
