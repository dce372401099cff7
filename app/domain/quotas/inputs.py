"""What quotas rest on: their period, their currency, and whom the actor sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.scope import Tx
from app.domain.organisation.queries import reporting_currency
from app.domain.quotas.contract.measures import COUNTED, NO_CURRENCY, QuotaMeasure
from app.domain.quotas.rules import digits_of, in_units

define(
    "quota_period_closed",
    Conflict,
    "The period of the quota is closed",
    "La période du quota est close",
    "Use an open period, or have the period reopened.",
)
SEES = (
    "(cast(:all_rows as boolean) or {column} in (select line.descendant_id from reporting_closure line"
    " where line.org_id = :org_id and line.ancestor_id = cast(:me as uuid)"
    " and line.valid_from <= :today and line.valid_to > :today))"
)
"""Whether the actor sees the seller `{column}`; with the values of `sight`."""


@dataclass(frozen=True)
class Period:
    """A fiscal period with its months in order."""

    id: UUID
    kind: str
    start: date
    end: date
    months: tuple[tuple[UUID, str, int, date], ...]
    """Id, code, place in the fiscal year, first day."""


async def load_period(tx: Tx, id: UUID) -> Period:
    """The open period quotas are for; refused with `quota_period_closed` when it is closed."""
    await tx.visible("fiscal_period", id, pointer="/period_id")
    (own,) = await tx.rows(
        "select kind, state, start_date, end_date from fiscal_period where org_id = :org_id and id = :id", id=id
    )
    months = await tx.rows(
        "select id, code, ordinal, start_date from fiscal_period where org_id = :org_id and kind = 'month'"
        " and start_date >= :start and end_date <= :end order by start_date",
        start=own["start_date"],
        end=own["end_date"],
    )
    if own["state"] != "open":
        raise refuse("quota_period_closed", pointer="/period_id")
    found = tuple((month["id"], month["code"], month["ordinal"], month["start_date"]) for month in months)
    return Period(id, own["kind"], own["start_date"], own["end_date"], found)


async def currency_for(tx: Tx, measure: QuotaMeasure, asked: str | None) -> str:
    """The currency of a quota: none for numbers of things, else as asked, else the organisation's."""
    if measure not in COUNTED:
        return asked or await reporting_currency(tx)
    if asked not in (None, NO_CURRENCY):
        raise refuse("invalid_input", f"{measure} is counted, not paid: leave the currency out.", pointer="/currency")
    return NO_CURRENCY


def require_units(amount: Decimal, measure: QuotaMeasure, currency: str, pointer: str) -> None:
    """Refuse an amount with more digits than its currency has."""
    digits = digits_of(measure, currency)
    if in_units(amount, digits) != amount.scaleb(digits):
        raise refuse("invalid_input", f"It must have at most {digits} digits after the point.", pointer=pointer)


def sight(tx: Tx) -> dict[str, Any]:
    """The values of `SEES`."""
    return {"all_rows": tx.actor.sees_all_rows, "me": tx.actor.seller_id, "today": tx.today}
