"""What may be asked of disputed quotas, and what is answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import NO_NUL, Command, Comment, Name, RequiredComment
from app.domain.kernel.money import Amount, Currency, Money, Rate
from app.domain.kernel.resource import Stored, View
from app.domain.quotas.contract.measures import NotNegative

MOST_EVIDENCE = 20
"""Pieces of evidence a dispute can have."""

Link = Annotated[
    str,
    Field(max_length=2_000, pattern=r"^https?://[^\s]+$", description="Where it is.", examples=["https://example.com"]),
    NO_NUL,
]


class Evidence(View):
    """A note, a link or both that speak for the counter-amount."""

    title: Name
    note: Comment | None = None
    """What it says, in words."""
    url: Link | None = None
    """Where it is kept; the service never opens it."""


class DisputeQuota(RequiredComment):
    """Ask for another amount, saying why."""

    counter_amount: NotNegative
    """What the seller would accept, in the quota's currency."""
    evidence: list[Evidence] = Field(default_factory=list, max_length=MOST_EVIDENCE)


class AddEvidence(Command):
    """Add to one's dispute while it is open."""

    evidence: list[Evidence] = Field(min_length=1, max_length=MOST_EVIDENCE)


class DisputeOutcome(StrEnum):
    """How a dispute ended."""

    GRANTED = "granted"
    """The seller got the amount it asked for."""
    REVISED = "revised"
    """The quota got another amount."""
    UPHELD = "upheld"
    """The quota stayed as it was."""
    WITHDRAWN = "withdrawn"
    """The seller gave it up."""
    CANCELLED = "cancelled"
    """The quota was cancelled."""


class QuotaDisputeView(Stored):
    """A seller's counter-proposal to a quota, and what became of it."""

    quota_id: UUID
    amount: Money
    """What was proposed."""
    counter_amount: Money
    """What the seller would accept."""
    currency: Currency
    reason: str
    """Why the seller disputes it, in words."""
    evidence: list[Evidence]
    opened_by: UUID
    """Principal who disputed it."""
    opened_at: datetime
    investigated_by: UUID | None = None
    """Principal who looks into it."""
    investigated_at: datetime | None = None
    outcome: DisputeOutcome | None = None
    """Null while it is open."""
    decided_amount: Money | None = None
    """The quota when the dispute ended."""
    decision: str | None = None
    """Why it was decided so, in words."""
    closed_by: UUID | None = None
    closed_at: datetime | None = None


class PreviewDecision(Command):
    """The amount a quota might get."""

    amount: NotNegative
    """In the quota's currency; upholding is the amount it has."""


class SumOfQuotas(View):
    """What a group of quotas adds up to, against what they are to bring together."""

    target: Amount | None = None
    """What they are to bring together; null when nobody said so."""
    before: Amount
    """Their sum as it is."""
    after: Amount
    """Their sum with the amount asked about."""
    over_assignment_before: Rate | None = None
    """Sum over target, minus 1; 0.05 is 5 % more than the target, below 0 is a shortfall."""
    over_assignment_after: Rate | None = None
    within_policy: bool | None = None
    """Whether they then bring the target and no more than the organisation's `quota_over_assignment` above it."""


class Sibling(View):
    """The quota of somebody who reports to the same manager."""

    quota_id: UUID
    seller_id: UUID
    seller_name: str
    amount: Amount
    share_before: Rate | None = None
    """Its part of the manager's sum."""
    share_after: Rate | None = None
    amount_to_keep_sum: Amount
    """What it would be if the siblings bore the difference in proportion to their quotas, so that the sum stays."""


class DecisionPreview(View):
    """What deciding a dispute would do to others; nothing is stored."""

    currency: Currency
    amount_before: Amount
    amount_after: Amount
    manager_id: UUID | None = None
    """Who the seller reports to at the end of the period, or today before that."""
    team: SumOfQuotas
    """The quotas of everybody who reports to the manager; the target is the manager's own quota."""
    allocation: SumOfQuotas | None = None
    """The quotas of the allocation that made it, if one did."""
    siblings: list[Sibling]
    """The others who report to the manager, by name."""


class QuotaComparableView(View):
    """A quota of the same measure, period and job role as another one, in the same team."""

    id: UUID
    """Of the pair; it leads nowhere where the name is hidden."""
    quota_id: UUID
    """The quota it is compared with."""
    own: bool
    """Whether it is that quota itself."""
    seller_id: UUID | None = None
    """Null where you may not see the seller."""
    seller_name: str | None = None
    """Null where you may not see the seller."""
    amount: Money
    potential: Money | None = None
    """Potential of the accounts the seller owns, in the quota's currency; null when none is known."""
    history: Money | None = None
    """Won in the twelve months before the period, in the quota's currency; null without any."""
    currency: Currency
    load: Rate | None = None
    """Quota over potential."""
    growth: Rate | None = None
    """Quota over history, minus 1."""


class RemindQuotas(Command):
    """Remind of quotas that wait for an answer."""

    period_id: UUID | None = None
    """Only quotas of this fiscal period."""
    due_days: int = Field(default=14, ge=0, le=365)
    """Days after which an answer is overdue."""


class RemindedQuotas(View):
    """Who was reminded."""

    sellers: int
    """Proposals that wait for their seller."""
    deciders: int
    """Disputes that wait for a decision."""


class QuotaAcceptanceTimeView(View):
    """How fast a manager's team accepts its quotas of a period. Days are counted from the first proposal."""

    id: UUID
    """Of the manager; of the period for sellers who report to nobody."""
    manager_id: UUID | None = None
    manager_name: str | None = None
    period_id: UUID
    period_code: str
    proposed: int
    """Quotas proposed so far, whatever became of them; cancelled ones are not counted."""
    accepted: int
    """Those that are accepted, locked ones among them."""
    disputed: int
    """Those that are in dispute now."""
    open: int
    """Those that wait for their seller now."""
    overdue: int
    """Those not accepted for more than `due_days`."""
    disputes: int
    """Disputes so far, several of a quota included."""
    median_days: Amount | None = None
    """Median time to acceptance; null before the first."""
    worst_days: Amount | None = None
    """Longest time to acceptance, or that one has been waiting for."""
