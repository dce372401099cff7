"""Storing quotas: many at once with months, first revision and history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.scope import Tx
from app.domain.quotas.contract.measures import QuotaMeasure
from app.domain.quotas.contract.quotas import RevisionAction
from app.domain.quotas.inputs import Period
from app.domain.quotas.rules import digits_of, phase
from app.domain.quotas.workflow import QUOTA
from app.domain.workflow.history import begin_many

define(
    "quota_exists",
    Conflict,
    "A seller has a live quota for the measure in this time",
    "Un commercial a déjà un quota en cours pour cette mesure et cette période",
    "Amend the quota it has, or cancel it first; `sellers` names who.",
)

_NAMED = 20


@dataclass(frozen=True)
class Drafts:
    """Quotas to store: what they have in common, and per seller the amount and its months."""

    period: Period
    measure: QuotaMeasure
    currency: str
    amounts: Sequence[tuple[UUID, Decimal]]
    """Seller and amount."""
    weights: Sequence[Fraction]
    """Weight of each month of the period."""
    action: RevisionAction
    territory_id: UUID | None = None
    allocation_id: UUID | None = None
    comment: str | None = None


async def store(tx: Tx, drafts: Drafts) -> list[UUID]:
    """Store draft quotas in a fixed number of statements; refuses with `quota_exists`. Returns their ids in order."""
    await _require_room(tx, drafts)
    sellers = [seller for seller, _ in drafts.amounts]
    amounts = [amount for _, amount in drafts.amounts]
    ids = [tx.new_id() for _ in sellers]
    await tx.execute(
        "insert into quota (org_id, id, seller_id, territory_id, measure, period_id, valid, amount, currency,"
        " allocation_id, state) select :org_id, made.id, made.seller_id, cast(:territory as uuid), :measure, :period,"
        " daterange(:start, :end), made.amount, :currency, cast(:allocation as uuid), 'draft'"
        " from unnest(cast(:ids as uuid[]), cast(:sellers as uuid[]), cast(:amounts as numeric[]))"
        " as made(id, seller_id, amount)",
        ids=ids,
        sellers=sellers,
        amounts=amounts,
        territory=drafts.territory_id,
        measure=str(drafts.measure),
        period=drafts.period.id,
        start=drafts.period.start,
        end=drafts.period.end,
        currency=drafts.currency,
        allocation=drafts.allocation_id,
    )
    await _store_months(tx, drafts, ids, amounts)
    await _revised(tx, ids, [None] * len(ids), amounts, drafts.currency, drafts.action, drafts.comment)
    await begin_many(tx, QUOTA, ids)
    return ids


async def _require_room(tx: Tx, drafts: Drafts) -> None:
    taken = await tx.rows(
        "select seller_id from quota where org_id = :org_id and seller_id = any(cast(:sellers as uuid[]))"
        " and measure = :measure and state <> 'cancelled' and valid && daterange(:start, :end)"
        " and territory_id is not distinct from cast(:territory as uuid) order by seller_id",
        sellers=[seller for seller, _ in drafts.amounts],
        measure=str(drafts.measure),
        start=drafts.period.start,
        end=drafts.period.end,
        territory=drafts.territory_id,
    )
    if taken:
        named = [str(row["seller_id"]) for row in taken[:_NAMED]]
        detail = f"{len(taken)} of the sellers have a live {drafts.measure} quota in this time."
        raise refuse("quota_exists", detail, pointer="/period_id", sellers=named)


async def _store_months(tx: Tx, drafts: Drafts, ids: Sequence[UUID], amounts: Sequence[Decimal]) -> None:
    digits, months = digits_of(drafts.measure, drafts.currency), drafts.period.months
    phased = [part for amount in amounts for part in phase(amount, drafts.weights, digits)]
    await tx.execute(
        "insert into quota_month (org_id, quota_id, period_id, starts_on, amount, currency)"
        " select :org_id, part.quota_id, part.period_id, part.starts_on, part.amount, :currency"
        " from unnest(cast(:quotas as uuid[]), cast(:periods as uuid[]), cast(:starts as date[]),"
        " cast(:amounts as numeric[])) as part(quota_id, period_id, starts_on, amount)",
        quotas=[id for id in ids for _ in months],
        periods=[month[0] for month in months] * len(ids),
        starts=[month[3] for month in months] * len(ids),
        amounts=phased,
        currency=drafts.currency,
    )


async def _revised(
    tx: Tx,
    ids: Sequence[UUID],
    before: Sequence[Decimal | None],
    after: Sequence[Decimal],
    currency: str,
    action: RevisionAction,
    comment: str | None,
) -> None:
    await tx.execute(
        "insert into quota_revision (org_id, quota_id, action, amount_before, amount_after, currency, comment,"
        " actor_id, actor_name, occurred_at) select :org_id, made.quota_id, :action, made.before, made.after,"
        " :currency, :comment, :actor, :actor_name, :now"
        " from unnest(cast(:ids as uuid[]), cast(:before as numeric[]), cast(:after as numeric[]))"
        " as made(quota_id, before, after)",
        ids=ids,
        before=before,
        after=after,
        currency=currency,
        action=str(action),
        comment=comment,
        actor=tx.actor.principal_id,
        actor_name=tx.actor.name,
        now=tx.now,
    )
