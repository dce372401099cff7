"""The ledger is written here and nowhere else: double entries in a journal, and the statements that go with them."""

from __future__ import annotations

from uuid import UUID

from app.domain.kernel.scope import Tx

# Which accounts an amount above zero is posted to. One below zero stands on the other side, so that debit and credit
# are never below zero.
_SIDES = """(values
  ('earning', 'commission_expense', 'commissions_payable'),
  ('adjustment', 'commission_expense', 'commissions_payable'),
  ('guarantee', 'commission_expense', 'commissions_payable'),
  ('holdback', 'holdback_payable', 'commissions_payable'),
  ('release', 'holdback_payable', 'commissions_payable'),
  ('draw_advance', 'draw_receivable', 'commissions_payable'),
  ('draw_recovery', 'draw_receivable', 'commissions_payable'),
  ('draw_forgiveness', 'commission_expense', 'draw_receivable'),
  ('clawback', 'clawback_receivable', 'commission_expense'),
  ('carried', 'clawback_receivable', 'commissions_payable'),
  ('recovery', 'clawback_receivable', 'commissions_payable'),
  ('draw_write_off', 'commission_expense', 'draw_receivable'),
  ('debt_write_off', 'commission_expense', 'clawback_receivable'),
  ('payment', 'commissions_payable', 'payroll_clearing'),
  ('capitalisation', 'contract_cost_asset', 'commission_expense'),
  ('amortisation', 'amortisation_expense', 'contract_cost_asset'),
  ('impairment', 'impairment_expense', 'contract_cost_asset')
) accounts (kind, debit, credit)"""

# `posted` has the columns kind, seller_id, amount, currency and what is posted.
_ENTRIES = f"""
insert into ledger_entry (org_id, journal_id, seller_id, account, debit, credit, currency, earning_id, adjustment_id,
  movement_id, payment_id, contract_cost_id)
select :org_id, :journal, posted.seller_id, side.account, greatest(side.amount, 0), greatest(-side.amount, 0),
       posted.currency, posted.earning_id, posted.adjustment_id, posted.movement_id, posted.payment_id,
       posted.contract_cost_id
from ({{posted}}) posted
join {_SIDES} on accounts.kind = posted.kind
cross join lateral (values (accounts.debit, posted.amount), (accounts.credit, -posted.amount)) side (account, amount)
"""


def _posted(kind: str, source: str, **refers: str) -> str:
    """Rows for `_ENTRIES`: `refers` names the column that refers to what is posted."""
    names = ("earning_id", "adjustment_id", "movement_id", "payment_id", "contract_cost_id")
    columns = ", ".join(f"{refers.get(name, 'cast(null as uuid)')} as {name}" for name in names)
    return f"select {kind} as kind, x.seller_id, x.amount, x.currency, {columns} from {source}"


_OWED = " union all ".join(
    (
        _posted(
            "'earning'",
            "earning x where x.org_id = :org_id and x.run_id = :run and x.status = 'ok' and x.amount <> 0",
            earning_id="x.id",
        ),
        # What was decided later was not there to be approved: it waits for the next run.
        _posted(
            "'adjustment'",
            "earning_adjustment x join run_adjustment taken on taken.org_id = x.org_id and taken.adjustment_id = x.id"
            " where x.org_id = :org_id and taken.run_id = :run",
            adjustment_id="x.id",
        ),
        _posted("x.kind", "balance_movement x where x.org_id = :org_id and x.run_id = :run", movement_id="x.id"),
    )
)
_PAID = _posted("'payment'", "payment x where x.org_id = :org_id and x.journal_id = :journal", payment_id="x.id")
_WRITTEN_OFF = _posted("x.kind", "balance_movement x where x.org_id = :org_id and x.id = :movement", movement_id="x.id")
_CAPITALISED = _posted(
    "'capitalisation'", "contract_cost x where x.org_id = :org_id and x.journal_id = :journal", contract_cost_id="x.id"
)
_CHARGED = (
    "select x.kind, cost.seller_id, x.amount, x.currency, cast(null as uuid) as earning_id,"
    " cast(null as uuid) as adjustment_id, cast(null as uuid) as movement_id, cast(null as uuid) as payment_id,"
    " cost.id as contract_cost_id from contract_cost_charge x join contract_cost cost on cost.org_id = x.org_id"
    " and cost.id = x.contract_cost_id where x.org_id = :org_id and x.journal_id = :journal"
)

_STATEMENTS = """
with line as (
  select e.seller_id, e.currency, e.kind, coalesce(e.amount, 0) as amount, case when e.status = 'ok' then 0 else 1 end
         as attention
  from earning e where e.org_id = :org_id and e.run_id = :run
  union all
  select a.seller_id, a.currency, 'adjustment', a.amount, 0 from run_adjustment taken
  join earning_adjustment a on a.org_id = taken.org_id and a.id = taken.adjustment_id
  where taken.org_id = :org_id and taken.run_id = :run
  union all
  -- A clawback is owed, and a forgiven draw no longer: neither is pay.
  select m.seller_id, m.currency, m.kind, m.amount, 0 from balance_movement m
  where m.org_id = :org_id and m.run_id = :run and m.kind not in ('clawback', 'draw_forgiveness')
), summed as (
  select seller_id, currency, sum(amount) as total, sum(attention) as attention,
         coalesce(sum(amount) filter (where kind = 'base'), 0) as base,
         coalesce(sum(amount) filter (where kind = 'true_up'), 0) as true_up,
         coalesce(sum(amount) filter (where kind = 'adjustment'), 0) as adjustments,
         coalesce(sum(amount) filter (where kind = 'holdback'), 0) as held_back,
         coalesce(sum(amount) filter (where kind = 'release'), 0) as released,
         coalesce(sum(amount) filter (where kind in ('guarantee', 'draw_advance')), 0) as drawn,
         coalesce(sum(amount) filter (where kind in ('draw_recovery', 'recovery')), 0) as recovered,
         coalesce(sum(amount) filter (where kind = 'carried'), 0) as carried_forward
  from line group by seller_id, currency
), before as (
  select s.seller_id, s.currency, sum(s.total) as total
  from statement s
  join fiscal_period theirs on theirs.org_id = s.org_id and theirs.id = s.period_id
  join fiscal_period own on own.org_id = s.org_id and own.id = :period and own.fiscal_year = theirs.fiscal_year
  where s.org_id = :org_id group by s.seller_id, s.currency
)
insert into statement (org_id, seller_id, period_id, run_id, currency, base, true_up, adjustments, held_back, released,
  drawn, recovered, carried_forward, total, year_to_date, needs_attention, issued_at)
select :org_id, n.seller_id, :period, :run, n.currency, n.base, n.true_up, n.adjustments, n.held_back, n.released,
       n.drawn, n.recovered, n.carried_forward, n.total, n.total + coalesce(before.total, 0), n.attention, :now
from summed n left join before on before.seller_id = n.seller_id and before.currency = n.currency
"""

_PAYMENTS = """
insert into payment (org_id, run_id, journal_id, period_id, seller_id, amount, currency, paid_at)
select :org_id, :run, :journal, :period, entry.seller_id, sum(entry.credit - entry.debit), entry.currency, :now
from journal join ledger_entry entry on entry.org_id = journal.org_id and entry.journal_id = journal.id
where journal.org_id = :org_id and journal.run_id = :run and journal.kind = 'posting'
  and entry.account = 'commissions_payable'
group by entry.seller_id, entry.currency having sum(entry.credit - entry.debit) <> 0
"""


async def post(tx: Tx, run: UUID) -> None:
    """Make what a run owes payable, move balances, and issue a statement per seller and currency."""
    period = await _period(tx, run)
    journal = await _journal(tx, "posting", period, run)
    await tx.execute(_ENTRIES.format(posted=_OWED), journal=journal, run=run)
    issued = await tx.execute(_STATEMENTS, run=run, period=period, now=tx.now)
    tx.emit("statement.issued", "compensation_run", run, count=issued)


async def pay_out(tx: Tx, run: UUID) -> None:
    """Pay what a run made payable, per seller and currency."""
    period = await _period(tx, run)
    journal = await _journal(tx, "payment", period, run)
    await tx.execute(_PAYMENTS, run=run, journal=journal, period=period, now=tx.now)
    await tx.execute(_ENTRIES.format(posted=_PAID), journal=journal)


async def write_off(tx: Tx, movement: UUID, period: UUID) -> None:
    """Post one movement that belongs to no run."""
    journal = await _journal(tx, "write_off", period)
    await tx.execute(_ENTRIES.format(posted=_WRITTEN_OFF), journal=journal, movement=movement)


async def begin_costs(tx: Tx, kind: str, period: UUID, run: UUID | None = None) -> UUID:
    """A journal of capitalised costs, which they refer to; `end_costs` posts them."""
    return await _journal(tx, kind, period, run)


async def end_costs(tx: Tx, kind: str, journal: UUID) -> None:
    """Post the costs, or the charges, that refer to a journal."""
    posted = _CAPITALISED if kind == "capitalisation" else _CHARGED
    await tx.execute(_ENTRIES.format(posted=posted), journal=journal)


async def _period(tx: Tx, run: UUID) -> UUID:
    found: UUID = await tx.value("select period_id from compensation_run where org_id = :org_id and id = :run", run=run)
    return found


async def _journal(tx: Tx, kind: str, period: UUID, run: UUID | None = None) -> UUID:
    id = tx.new_id()
    await tx.execute(
        "insert into journal (org_id, id, kind, run_id, period_id, posted_by, posted_at)"
        " values (:org_id, :id, :kind, :run, :period, :actor, :now)",
        id=id,
        kind=kind,
        run=run,
        period=period,
        actor=tx.actor.principal_id,
        now=tx.now,
    )
    return id
