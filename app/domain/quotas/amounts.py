"""Giving a quota another amount: its months follow, and the change is kept with its reason."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import RowMapping

from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.scope import Tx
from app.domain.quotas.contract.quotas import RevisionAction
from app.domain.quotas.proration import MonthShare, Phased, amended, spread
from app.domain.quotas.rules import digits_of, in_units
from app.domain.quotas.tables.quotas import Quota

define(
    "quota_below_kept",
    Conflict,
    "Part of the quota fell due before it was amended",
    "Une partie du quota était échue avant l'avenant",
    "Ask for no less than `kept`, what the months before the amendment come to.",
)

_MONTHS = """
select part.id, period.start_date, period.end_date, period.state, part.amount, part.kept_amount,
       coalesce(part.seasonal_amount, part.amount) as seasonal
from quota_month part join fiscal_period period on period.org_id = part.org_id and period.id = part.period_id
where part.org_id = :org_id and part.quota_id = :quota order by part.starts_on
"""


async def change_amount(tx: Tx, quota: Quota, amount: Decimal, action: RevisionAction, comment: str | None) -> None:
    """Give a quota another amount: what fell due before an amendment stays, the rest keeps its proportions."""
    months = await _months_of(tx, quota)
    require_kept(amount, months, "/amount")
    digits = digits_of(quota.measure, quota.currency)
    day = quota.amended_from or months[0].start
    kept = [in_units(month.kept, digits) for month in months]
    await _store(tx, quota, months, spread(amount, months, day, kept, digits), action, comment)


async def amend(tx: Tx, quota: Quota, whole: Decimal, day: date | None, comment: str) -> None:
    """Let another amount hold from a day of the period on; the quota becomes what both parts come to."""
    rows = await tx.rows(_MONTHS, quota=quota.id)
    start, end = rows[0]["start_date"], rows[-1]["end_date"]
    day = day or start
    if not start <= day < end:
        raise refuse("invalid_input", f"It must be from {start} on and before {end}.", pointer="/effective_from")
    closed = [row["end_date"] for row in rows if row["end_date"] > day and row["state"] != "open"]
    if closed:
        detail = f"Months until {max(closed)} are closed: amend from then on."
        raise refuse("quota_period_closed", detail, pointer="/effective_from", first_open=max(closed).isoformat())
    months = [_share(row) for row in rows]
    phased = amended(whole, months, day, digits_of(quota.measure, quota.currency))
    quota.amended_from = day
    await _store(tx, quota, months, phased, RevisionAction.AMEND, comment, whole)


async def require_kept_of(tx: Tx, quota: Quota, amount: Decimal, pointer: str) -> None:
    """Refuse an amount that what fell due before an amendment exceeds."""
    require_kept(amount, await _months_of(tx, quota), pointer)


def require_kept(amount: Decimal, months: list[MonthShare], pointer: str) -> None:
    """Refuse an amount that what these months keep exceeds."""
    kept = sum((month.kept for month in months), Decimal(0))
    if amount < kept:
        raise refuse("quota_below_kept", pointer=pointer, kept=str(kept))


async def _months_of(tx: Tx, quota: Quota) -> list[MonthShare]:
    return [_share(row) for row in await tx.rows(_MONTHS, quota=quota.id)]


def _share(row: RowMapping) -> MonthShare:
    return MonthShare(row["id"], row["start_date"], row["end_date"], row["amount"], row["seasonal"], row["kept_amount"])


async def _store(
    tx: Tx,
    quota: Quota,
    months: list[MonthShare],
    phased: Phased,
    action: RevisionAction,
    comment: str | None,
    whole: Decimal | None = None,
) -> None:
    await tx.execute(
        "insert into quota_revision (org_id, quota_id, action, amount_before, amount_after, effective_from,"
        " whole_amount, currency, comment, actor_id, actor_name, occurred_at) values (:org_id, :quota, :action,"
        " :before, :after, cast(:day as date), cast(:whole as numeric), :currency, :comment, :actor, :actor_name,"
        " :now)",
        quota=quota.id,
        action=str(action),
        before=quota.amount,
        after=phased.total,
        day=quota.amended_from if whole is not None else None,
        whole=whole,
        currency=quota.currency,
        comment=comment,
        actor=tx.actor.principal_id,
        actor_name=tx.actor.name,
        now=tx.now,
    )
    quota.amount = phased.total
    await tx.flush()
    await tx.execute(
        "update quota_month set amount = made.amount, kept_amount = made.kept,"
        " seasonal_amount = case when :amends then made.seasonal else seasonal_amount end"
        " from unnest(cast(:ids as uuid[]), cast(:amounts as numeric[]), cast(:kept as numeric[]),"
        " cast(:seasons as numeric[])) as made(id, amount, kept, seasonal)"
        " where quota_month.org_id = :org_id and quota_month.id = made.id",
        ids=[month.id for month in months],
        amounts=phased.amounts,
        kept=phased.kept,
        seasons=[month.seasonal for month in months],
        amends=whole is not None,
    )
