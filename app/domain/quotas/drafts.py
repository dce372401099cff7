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
class Draft:
    """A seller's quota to store."""

    seller_id: UUID
    amount: Decimal
    weights: Sequence[Fraction]
    """Weight of each month of the period."""
    computed: Decimal | None = None
    """What the allocation gave before somebody set the amount by hand."""
    reason: str | None = None
    """Why somebody set the amount by hand; null when nobody did."""


@dataclass(frozen=True)
class Drafts:
    """Quotas to store: what they have in common, and those of the sellers."""

    period: Period
    measure: QuotaMeasure
    currency: str
    each: Sequence[Draft]
    action: RevisionAction
    territory_id: UUID | None = None
    allocation_id: UUID | None = None
    comment: str | None = None


async def store(tx: Tx, drafts: Drafts) -> list[UUID]:
    """Store draft quotas in a fixed number of statements; refuses with `quota_exists`. Returns their ids in order."""
    await _require_room(tx, drafts)
    sellers = [draft.seller_id for draft in drafts.each]
    amounts = [draft.amount for draft in drafts.each]
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
    await _store_months(tx, drafts, ids)
    await _begun(tx, drafts, ids)
    await begin_many(tx, QUOTA, ids)
    return ids


async def _require_room(tx: Tx, drafts: Drafts) -> None:
    taken = await tx.rows(
        "select seller_id from quota where org_id = :org_id and seller_id = any(cast(:sellers as uuid[]))"
        " and measure = :measure and state <> 'cancelled' and valid && daterange(:start, :end)"
        " and territory_id is not distinct from cast(:territory as uuid) order by seller_id",
        sellers=[draft.seller_id for draft in drafts.each],
        measure=str(drafts.measure),
        start=drafts.period.start,
        end=drafts.period.end,
        territory=drafts.territory_id,
    )
    if taken:
        named = [str(row["seller_id"]) for row in taken[:_NAMED]]
        detail = f"{len(taken)} of the sellers have a live {drafts.measure} quota in this time."
        raise refuse("quota_exists", detail, pointer="/period_id", sellers=named)


async def _store_months(tx: Tx, drafts: Drafts, ids: Sequence[UUID]) -> None:
    digits, months = digits_of(drafts.measure, drafts.currency), drafts.period.months
    phased = [part for draft in drafts.each for part in phase(draft.amount, draft.weights, digits)]
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


@dataclass(frozen=True)
class Revision:
    """One change of a quota's amount, to be written down."""

    quota_id: UUID
    action: RevisionAction
    before: Decimal | None
    after: Decimal
    comment: str | None


async def _begun(tx: Tx, drafts: Drafts, ids: Sequence[UUID]) -> None:
    """The first revision of each quota; where the amount was set by hand, the computed one comes first."""
    computed = [
        Revision(id, drafts.action, None, amount, drafts.comment)
        for id, draft in zip(ids, drafts.each, strict=True)
        if (amount := draft.amount if draft.reason is None else draft.computed) is not None
    ]
    by_hand = [
        Revision(id, RevisionAction.UPDATE, draft.computed, draft.amount, draft.reason)
        for id, draft in zip(ids, drafts.each, strict=True)
        if draft.reason is not None
    ]
    await _revised(tx, drafts.currency, [*computed, *by_hand])


async def _revised(tx: Tx, currency: str, revisions: Sequence[Revision]) -> None:
    await tx.execute(
        "insert into quota_revision (org_id, id, quota_id, action, amount_before, amount_after, currency, comment,"
        " actor_id, actor_name, occurred_at) select :org_id, made.id, made.quota_id, made.action, made.before,"
        " made.after, :currency, made.comment, :actor, :actor_name, :now"
        " from unnest(cast(:ids as uuid[]), cast(:quotas as uuid[]), cast(:actions as text[]),"
        " cast(:before as numeric[]), cast(:after as numeric[]), cast(:comments as text[]))"
        " as made(id, quota_id, action, before, after, comment)",
        # Of one instant, the id keeps what was computed before what was set by hand.
        ids=sorted(tx.new_id() for _ in revisions),
        quotas=[revision.quota_id for revision in revisions],
        actions=[str(revision.action) for revision in revisions],
        before=[revision.before for revision in revisions],
        after=[revision.after for revision in revisions],
        comments=[revision.comment for revision in revisions],
        currency=currency,
        actor=tx.actor.principal_id,
        actor_name=tx.actor.name,
        now=tx.now,
    )
