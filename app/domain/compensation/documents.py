"""Gathers a statement as one document: seven statements of SQL, whatever its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import RowMapping

from app.domain.compensation.contract.documents import (
    PayPart,
    StatementAdjustment,
    StatementBalance,
    StatementDeal,
    StatementDocument,
    StatementLine,
    StatementMovement,
    StatementPeriod,
    StatementSlice,
    StatementSum,
)
from app.domain.compensation.contract.ledger import LedgerAccount
from app.domain.compensation.contract.statements import last_day_to_ask
from app.domain.compensation.resources.parts import PARTS_SQL
from app.domain.kernel.money import round_half_away
from app.domain.kernel.scope import Tx

_MOST_DEALS = 20

_HEAD = """
select s.*, organisation.name as organisation, seller.name as seller, seller.employee_number, p.code as period_code,
       p.start_date, p.end_date, p.fiscal_year, run.paid_at
from statement s
join organisation on organisation.org_id = s.org_id
join seller on seller.org_id = s.org_id and seller.id = s.seller_id
join fiscal_period p on p.org_id = s.org_id and p.id = s.period_id
join compensation_run run on run.org_id = s.org_id and run.id = s.run_id
where s.org_id = :org_id and s.id = :id
"""
_LINES = """
select e.id as earning_id, c.code as component_code, c.name as component_name, e.kind,
       origin.code as origin_period_code, e.amount, e.credited_to_date, e.quota_to_date, e.quota_window,
       e.attainment, e.earned_to_date, e.earned_before, e.posted_before, e.status, e.code, c.in_words, e.slices
from earning e
join compensation_component c on c.org_id = e.org_id and c.id = e.component_id
join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id
join fiscal_period origin on origin.org_id = e.org_id and origin.id = e.origin_period_id
where e.org_id = :org_id and e.run_id = :run and e.seller_id = :seller and e.currency = :currency
order by e.kind, plan.code, c.ordinal, origin.start_date
"""
_OWN_LINES = "e.run_id = :run and e.seller_id = :seller and e.currency = :currency"
_DEALS = f"""
select part.*, account.name as account, t.description,
       row_number() over (partition by part.earning_id order by abs(part.amount) desc, part.transaction_id) as place
from ({PARTS_SQL.replace("{which}", _OWN_LINES).replace("{kept}", "true").replace("{org}", ":org_id")}) part
left join transaction t on t.org_id = :org_id and t.id = part.transaction_id
left join account on account.org_id = t.org_id and account.id = t.account_id
order by part.earning_id, part.credit_date, part.transaction_id
"""
_ADJUSTMENTS = """
select a.id as adjustment_id, a.reason, a.amount from run_adjustment taken
join earning_adjustment a on a.org_id = taken.org_id and a.id = taken.adjustment_id
where taken.org_id = :org_id and taken.run_id = :run and a.seller_id = :seller and a.currency = :currency
order by a.id
"""
_MOVEMENTS = """
select m.kind, c.name as component_name, origin.code as origin_period_code, m.amount from balance_movement m
left join compensation_component c on c.org_id = m.org_id and c.id = m.component_id
left join fiscal_period origin on origin.org_id = m.org_id and origin.id = m.origin_period_id
where m.org_id = :org_id and m.run_id = :run and m.seller_id = :seller and m.currency = :currency
order by m.kind, origin.start_date, m.id
"""
# What the seller owes stands as a debit, what is held back for it as a credit.
_BALANCES = f"""
select entry.account, abs(sum(entry.debit - entry.credit)) as amount from ledger_entry entry
join journal on journal.org_id = entry.org_id and journal.id = entry.journal_id and journal.posted_at <= :issued_at
where entry.org_id = :org_id and entry.seller_id = :seller and entry.currency = :currency
  and entry.account in ('{LedgerAccount.DRAW_RECEIVABLE}', '{LedgerAccount.CLAWBACK_RECEIVABLE}',
    '{LedgerAccount.HOLDBACK_PAYABLE}')
group by entry.account having sum(entry.debit - entry.credit) <> 0 order by entry.account
"""
_YEAR = """
select s.id as statement_id, p.code as period_code, s.total from statement s
join fiscal_period p on p.org_id = s.org_id and p.id = s.period_id and p.fiscal_year = :fiscal_year
where s.org_id = :org_id and s.seller_id = :seller and s.currency = :currency and s.issued_at <= :issued_at
order by s.issued_at, s.id
"""


async def statement_document(tx: Tx, id: UUID) -> StatementDocument:
    """A statement that the actor may see, as it was issued.

    Raises:
        DomainError: `not_found`.
    """
    await tx.visible("statement", id)
    head = (await tx.rows(_HEAD, id=id))[0]
    seller = {"seller": head["seller_id"], "currency": head["currency"]}
    own = seller | {"run": head["run_id"]}
    until = seller | {"issued_at": head["issued_at"]}
    deals: dict[UUID, list[RowMapping]] = defaultdict(list)
    for row in await tx.rows(_DEALS, **own):
        deals[row["earning_id"]].append(row)
    kept = (StatementDocument.model_fields.keys() & head.keys()) - {"adjustments"}
    return StatementDocument(
        **{name: head[name] for name in kept},
        statement_id=head["id"],
        ask_by=last_day_to_ask(head["issued_at"]),
        sums=[StatementSum(part=part, amount=head[part]) for part in PayPart],
        lines=[_line(row, deals[row["earning_id"]]) for row in await tx.rows(_LINES, **own)],
        adjustments=[StatementAdjustment(**row) for row in await tx.rows(_ADJUSTMENTS, **own)],
        movements=[StatementMovement(**row) for row in await tx.rows(_MOVEMENTS, **own)],
        balances=[StatementBalance(**row) for row in await tx.rows(_BALANCES, **until)],
        year=[StatementPeriod(**row) for row in await tx.rows(_YEAR, **until, fiscal_year=head["fiscal_year"])],
    )


def _line(row: RowMapping, parts: Sequence[RowMapping]) -> StatementLine:
    by_deal = [part for part in parts if part["transaction_id"] is not None]
    shown = [part for part in by_deal if part["place"] <= _MOST_DEALS]
    rest = [part["amount"] for part in by_deal if part["place"] > _MOST_DEALS]
    slices = [
        StatementSlice(
            window_start=band["window_start"],
            ordinal=band["ordinal"],
            amount=_rounded(band["amount"], 6),
            earned=_rounded(band["earned"], 4),
        )
        for band in row["slices"]
    ]
    return StatementLine(
        **{name: value for name, value in row.items() if name != "slices"},
        slices=slices,
        deals=[StatementDeal(**{name: part[name] for name in StatementDeal.model_fields}) for part in shown],
        further_deals=len(rest),
        further_amount=sum(rest, Decimal(0)),
        without_deal=sum((part["amount"] for part in parts if part["transaction_id"] is None), Decimal(0)),
    )


def _rounded(text: str, digits: int) -> Decimal:
    return round_half_away(Decimal(text), digits)
