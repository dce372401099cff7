"""The pay periods of a simulated period, and what the plans draw and keep back in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pyarrow as pa
from pydantic_core import to_json

from app.domain.compensation.balances import HOLDBACK_SQL, draw_sql
from app.domain.compensation.calculation.inputs import Inputs, arrow_schema
from app.domain.compensation.calculation.loading import table
from app.domain.compensation.extraction import read_relation
from app.domain.compensation.simulation.trial import TRIED_PLANS
from app.domain.kernel.scope import Tx
from app.domain.organisation.contract import PeriodKind

_TIMED = """
select 1 from compensation_plan plan where plan.org_id = :org_id and plan.id = any(cast(:plans as uuid[]))
  and (plan.draws <> '[]' or exists (select from compensation_component c where c.org_id = plan.org_id
    and c.plan_id = plan.id and jsonb_typeof(c.terms -> 'holdback') = 'object'))
limit 1
"""
_PARTS = """
select part.id, part.code, part.fiscal_year, part.start_date, part.end_date, year.start_date as year_start
from fiscal_period whole
join fiscal_period year on year.org_id = whole.org_id and year.fiscal_year = whole.fiscal_year and year.kind = 'year'
join fiscal_period part on part.org_id = whole.org_id and part.kind = coalesce(cast(:every as text), whole.kind)
 and part.start_date >= whole.start_date and part.end_date <= whole.end_date
where whole.org_id = :org_id and whole.id = :period
order by part.start_date
"""
_DRAWN = draw_sql(
    taking_part="select * from jsonb_to_recordset(cast(:participants as jsonb)) as"
    " taking(seller_id uuid, plan_id uuid, effective_from date, effective_to date)",
    since="cast(:start_date as date)",
)
_KEPT_BACK = HOLDBACK_SQL.format(plans=TRIED_PLANS)


@dataclass(frozen=True)
class PayPeriod:
    """A part of the period that is paid by itself."""

    id: UUID
    code: str
    year_start: date
    start: date
    end: date
    draw: pa.Table
    holdback: pa.Table


async def pay_periods(
    tx: Tx, period: UUID, every: PeriodKind | None, inputs: Inputs, *others: Inputs
) -> list[PayPeriod]:
    """The pay periods of a period in turn, as the plans of the inputs say; these and `others` are cut alike.

    Nothing is owed, and nothing was kept back, when the first of them begins.
    """
    plans = _plans(inputs)
    timed = await tx.value(_TIMED, plans=sorted({*plans, *(id for other in others for id in _plans(other))}))
    every = every or (PeriodKind.MONTH if timed else None)
    # What is paid less often is paid at once.
    parts = await tx.rows(_PARTS, period=period, every=every) or await tx.rows(_PARTS, period=period, every=None)
    participants = to_json(_taking_part(inputs)).decode() if timed else "[]"
    found = []
    for part in parts:
        facts = {**part, "plans": plans, "participants": participants}
        found.append(
            PayPeriod(
                id=part["id"],
                code=part["code"],
                year_start=part["year_start"],
                start=part["start_date"],
                end=part["end_date"],
                draw=await read_relation(tx, "draw", _DRAWN, facts),
                holdback=await read_relation(tx, "holdback", _KEPT_BACK, facts),
            )
        )
    return found


def told_apart(periods: Sequence[PayPeriod]) -> pa.Table:
    """The relation `settled` with which a calculation tells what each pay period earns by itself."""
    first = periods[0]
    ends = [("", first.start)] if first.start > first.year_start else []
    ends += [(part.code, part.end) for part in periods[:-1]]
    rows = [{"period_code": code, "end_date": end} for code, end in ends]
    return pa.Table.from_pylist(rows, schema=arrow_schema("settled"))


def _plans(inputs: Inputs) -> list[str]:
    return sorted(set(table(inputs.component)["plan_id"].to_pylist()))


def _taking_part(inputs: Inputs) -> list[dict[str, Any]]:
    names = {"seller_id": "seller_id", "plan_id": "plan_id", "valid_from": "effective_from", "valid_to": "effective_to"}
    rows = table(inputs.participant).select(list(names)).to_pylist()
    return [{names[column]: value for column, value in row.items()} for row in rows]


def fingerprint(periods: Sequence[PayPeriod]) -> str:
    """What the periods are known by."""
    return to_json([[part.code, part.draw.to_pylist(), part.holdback.to_pylist()] for part in periods]).decode()
