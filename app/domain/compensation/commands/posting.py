"""The ledger is written here and nowhere else: double entries in a journal, and the statements that go with them."""

from __future__ import annotations

from uuid import UUID

from app.domain.kernel.scope import Tx

# A negative amount stands on the other side, so that debit and credit are never below zero.
_POST = """
insert into ledger_entry (org_id, journal_id, seller_id, account, debit, credit, currency, earning_id, adjustment_id)
select :org_id, :journal, owed.seller_id, side.account, side.debit, side.credit, owed.currency, owed.earning_id,
       owed.adjustment_id
from (
  select e.seller_id, e.amount, e.currency, e.id as earning_id, cast(null as uuid) as adjustment_id
  from earning e where e.org_id = :org_id and e.run_id = :run and e.status = 'ok' and e.amount <> 0
  union all
  select a.seller_id, a.amount, a.currency, null, a.id from earning_adjustment a
  join compensation_run run on run.org_id = a.org_id and run.id = :run
  -- What was decided later was not there to be approved: it waits for the next run.
  where a.org_id = :org_id and a.decided_at < run.approved_at and not exists (
    select from ledger_entry posted where posted.org_id = :org_id and posted.adjustment_id = a.id)
) owed
cross join lateral (values
  ('commission_expense', greatest(owed.amount, 0), greatest(-owed.amount, 0)),
  ('commissions_payable', greatest(-owed.amount, 0), greatest(owed.amount, 0))
) side (account, debit, credit)
"""

_STATEMENTS = """
with line as (
  select e.seller_id, e.currency, case when e.kind = 'base' then coalesce(e.amount, 0) else 0 end as base,
         case when e.kind = 'true_up' then coalesce(e.amount, 0) else 0 end as true_up, 0 as adjustment,
         case when e.status = 'ok' then 0 else 1 end as attention
  from earning e where e.org_id = :org_id and e.run_id = :run
  union all
  select entry.seller_id, entry.currency, 0, 0, entry.credit - entry.debit, 0
  from ledger_entry entry where entry.org_id = :org_id and entry.journal_id = :journal
   and entry.adjustment_id is not null and entry.account = 'commissions_payable'
), summed as (
  select seller_id, currency, sum(base) as base, sum(true_up) as true_up, sum(adjustment) as adjustments,
         sum(base + true_up + adjustment) as total, sum(attention) as attention
  from line group by seller_id, currency
), before as (
  select s.seller_id, s.currency, sum(s.total) as total
  from statement s
  join fiscal_period theirs on theirs.org_id = s.org_id and theirs.id = s.period_id
  join fiscal_period own on own.org_id = s.org_id and own.id = :period and own.fiscal_year = theirs.fiscal_year
  where s.org_id = :org_id group by s.seller_id, s.currency
)
insert into statement (org_id, seller_id, period_id, run_id, currency, base, true_up, adjustments, total, year_to_date,
  needs_attention, issued_at)
select :org_id, n.seller_id, :period, :run, n.currency, n.base, n.true_up, n.adjustments, n.total,
       n.total + coalesce(before.total, 0), n.attention, :now
from summed n left join before on before.seller_id = n.seller_id and before.currency = n.currency
"""

_PAY = """
insert into ledger_entry (org_id, journal_id, seller_id, account, debit, credit, currency)
select :org_id, :journal, due.seller_id, side.account, side.debit, side.credit, due.currency
from (
  select entry.seller_id, entry.currency, sum(entry.credit - entry.debit) as amount
  from journal join ledger_entry entry on entry.org_id = journal.org_id and entry.journal_id = journal.id
  where journal.org_id = :org_id and journal.run_id = :run and journal.kind = 'posting'
    and entry.account = 'commissions_payable'
  group by entry.seller_id, entry.currency having sum(entry.credit - entry.debit) <> 0
) due
cross join lateral (values
  ('commissions_payable', greatest(due.amount, 0), greatest(-due.amount, 0)),
  ('payroll_clearing', greatest(-due.amount, 0), greatest(due.amount, 0))
) side (account, debit, credit)
"""


async def post(tx: Tx, run: UUID) -> None:
    """Make what a run owes, and the adjustments that wait, payable; issue a statement per seller and currency."""
    journal = await _journal(tx, run, "posting")
    await tx.execute(_POST, journal=journal, run=run)
    period = await tx.value("select period_id from compensation_run where org_id = :org_id and id = :run", run=run)
    issued = await tx.execute(_STATEMENTS, journal=journal, run=run, period=period, now=tx.now)
    tx.emit("statement.issued", "compensation_run", run, count=issued)


async def pay_out(tx: Tx, run: UUID) -> None:
    """Move what a run made payable to payroll, per seller and currency."""
    await tx.execute(_PAY, journal=await _journal(tx, run, "payment"), run=run)


async def _journal(tx: Tx, run: UUID, kind: str) -> UUID:
    id = tx.new_id()
    await tx.execute(
        "insert into journal (org_id, id, kind, run_id, period_id, posted_by, posted_at)"
        " select org_id, :id, :kind, id, period_id, :actor, :now from compensation_run"
        " where org_id = :org_id and id = :run",
        id=id,
        kind=kind,
        actor=tx.actor.principal_id,
        now=tx.now,
        run=run,
    )
    return id
