"""Compensation plans are agreed on, what was sold is recorded, quarters are run and paid, sellers ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from app.demo.people import Demo
from app.demo.plot import Seller, Transaction
from app.demo.stages.market import SOURCE, chunks
from app.domain.compensation.commands.transactions import upsert_transactions
from app.domain.compensation.contract.transactions import RecordTransaction

_AT_ONCE = 5_000
_RULES = {"explicit_split": "Named on the invoice", "territory_coverage": "Territory on the day"}


@dataclass(frozen=True)
class _Offer:
    """A compensation plan, and who is paid by it."""

    code: str
    name: str
    levels: tuple[int, ...]
    whose: str
    quota: str
    tiers: tuple[tuple[str, str | None, str], ...]
    target: str


_FIELD = _Offer(
    "FIELD",
    "Field sales",
    (3,),
    "own",
    "window",
    (("0", "0.5", "0.018"), ("0.5", "1", "0.028"), ("1", "1.3", "0.045"), ("1.3", None, "0.03")),
    "41400.00",
)
_TEAM = _Offer("TEAM", "Team leads", (2,), "team", "to_date", (("0", "1", "0.0025"), ("1", None, "0.004")), "32000.00")
_REGION = _Offer(
    "REGION", "Directors", (0, 1), "team", "to_date", (("0", "0.9", "0.0006"), ("0.9", None, "0.0009")), "54000.00"
)
_SPRINT = _Offer("SPRINT", "Spring sprint", (), "own", "window", (("0", None, "0.001"),), "1500.00")


async def agree(demo: Demo) -> None:
    """The plans of the year are published and acknowledged; a sprint is over; next year's are on their way."""
    await _credit(demo)
    await _sprint(demo)
    published = []
    for offer in (_FIELD, _TEAM, _REGION):
        plan = await _author(demo, offer, demo.company.calendar.year)
        await _enrol(demo, plan, offer, [s for s in demo.company.sellers if s.level in offer.levels])
        await _bring_to(demo, plan, "published")
        published.append(plan)
    await _acknowledge(demo, published)
    await demo.do(demo.desk["comp_admin"], "revise_compensation_plan", published[0], comment="More for new customers.")
    for offer, state in (
        (_FIELD, "submitted"),
        (_TEAM, "changes_requested"),
        (_REGION, "reviewed"),
        (_SPRINT, "approved"),
    ):
        await _bring_to(demo, await _author(demo, offer, demo.company.calendar.year + 1), state)


async def _credit(demo: Demo) -> None:
    """Whom an invoice names is credited, and otherwise who covers the account's territory."""
    for precedence, (kind, name) in enumerate(_RULES.items(), 1):
        body = {"code": kind.upper().replace("_", "-"), "name": name, "kind": kind, "precedence": 10 * precedence}
        start = demo.company.calendar.start
        await demo.do(demo.desk["comp_admin"], "create_crediting_rule", **body, effective_from=start)


async def record(demo: Demo) -> None:
    """What was sold in the year to date, as it comes from invoicing."""
    for chunk in chunks(demo.company.transactions, _AT_ONCE):
        rows = {sold.key: RecordTransaction.model_validate(_transaction(demo, sold)) for sold in chunk}
        async with demo.service.operations.transaction(demo.desk["comp_admin"]) as tx:
            demo.ids |= (await upsert_transactions(tx, SOURCE, rows)).ids


async def _author(demo: Demo, offer: _Offer, year: int) -> UUID:
    component = {
        "kind": "commission",
        "code": "COMMISSION",
        "name": "Commission on revenue",
        "trigger": "invoice",
        "measure": {"of": "revenue", "whose": offer.whose},
        "window": {"over": "year", "quota": offer.quota, "paid": "each_period"},
        "rate": {
            "tiers": {
                "method": "marginal",
                "input": {"figure": "attainment"},
                "boundary": "lower",
                "pays": "rate",
                "tiers": [{"lower": low, "upper": high, "value": rate} for low, high, rate in offer.tiers],
            }
        },
        "limits": [{"kind": "floor", "per": "year", "amount": "0"}],
        "proration": {"quota": "months", "target": "months"},
    }
    return await demo.do(
        demo.desk["comp_admin"],
        "create_compensation_plan",
        code=f"{offer.code}-{year}",
        name=f"{offer.name} {year}",
        fiscal_year=year,
        currency="EUR",
        components=[component],
    )


async def _enrol(demo: Demo, plan: UUID, offer: _Offer, sellers: list[Seller]) -> None:
    """Everybody from the first day of the year, or from the day they were hired."""
    by_day: dict[date, list[UUID]] = {}
    for seller in sellers:
        day = max(demo.company.calendar.start, seller.hired_on)
        by_day.setdefault(day, []).append(demo.seller_id(seller.number))
    for day, ids in by_day.items():
        body = {"seller_ids": ids, "effective_from": day, "target_incentive": offer.target}
        await demo.answer(demo.desk["comp_admin"], "enrol_participants", plan, **body)


async def _bring_to(demo: Demo, plan: UUID, state: str, **publishing: Any) -> None:
    """Take a draft as far as a state: pay authors it, finance checks it, somebody else of finance approves."""
    author, finance = demo.desk["comp_admin"], demo.desk["finance"]
    steps: list[tuple[str, Any, str, Mapping[str, Any]]] = [
        ("submitted", author, "submit", {}),
        ("reviewed", finance, "review", {"comment": "Costs are within the budget."}),
        ("approved", demo.desk["finance_2"], "approve", {}),
        ("published", author, "publish", publishing),
        ("retired", author, "retire", {"comment": "The sprint is over."}),
    ]
    if state == "changes_requested":
        steps[1] = (state, finance, "request_changes", {"comment": "The accelerator begins too early."})
    done = await demo.rows("select state from compensation_plan where org_id = :org_id and id = :id", id=plan)
    names = ["draft", *(step[0] for step in steps)]
    for reached, who, action, said in steps[names.index(done[0]["state"]) :]:
        await demo.do(who, f"{action}_compensation_plan", plan, **said)
        if reached == state:
            return


async def _sprint(demo: Demo) -> None:
    """A small plan whose agreements were due yesterday: who has not signed by now never will. Then it is retired."""
    sellers = [seller for seller in demo.company.sellers if seller.level == 3][:12]
    plan = await _author(demo, _SPRINT, demo.company.calendar.year)
    await _enrol(demo, plan, _SPRINT, sellers)
    await _bring_to(demo, plan, "published", due_on=demo.company.calendar.today - timedelta(days=1))
    for n, (number, agreement) in enumerate(await _agreements(demo, plan)):
        if n % 3:
            await demo.do(demo.sellers[number], "acknowledge_plan_agreement", agreement)
        else:
            await demo.do(demo.desk["comp_admin"], "expire_plan_agreement", agreement, comment="Overdue.")
    await _bring_to(demo, plan, "retired")


async def _acknowledge(demo: Demo, plans: list[UUID]) -> None:
    """Most agree; some have a question first, some have not answered yet."""
    for plan in plans:
        for n, (number, agreement) in enumerate(await _agreements(demo, plan)):
            if n % 19 == 4:
                continue
            if n % 17 in (2, 6):
                asked = "From which day does the accelerator count?"
                await demo.do(demo.sellers[number], "query_plan_agreement", agreement, comment=asked)
                if n % 17 == 6:
                    continue
                answer = "From the invoice that takes you past your quota, and only for what lies above."
                await demo.do(demo.desk["comp_admin"], "answer_plan_agreement", agreement, comment=answer)
            await demo.do(demo.sellers[number], "acknowledge_plan_agreement", agreement)


async def _agreements(demo: Demo, plan: UUID) -> list[tuple[str, UUID]]:
    found = await demo.rows(
        "select seller.employee_number as number, own.id from plan_agreement own"
        " join seller on seller.org_id = :org_id and seller.id = own.seller_id"
        " where own.org_id = :org_id and own.plan_id = :plan order by number",
        plan=plan,
    )
    return [(row["number"], row["id"]) for row in found]


def _transaction(demo: Demo, sold: Transaction) -> dict[str, Any]:
    return {
        "kind": sold.kind,
        "account_id": demo.ids[sold.account] if sold.account else None,
        "product_id": demo.ids[sold.product],
        "transaction_date": sold.day,
        "amount": {"amount": sold.amount, "currency": sold.currency},
        "splits": [{"seller_id": demo.seller_id(number), "share": share} for number, share in sold.splits],
    }
