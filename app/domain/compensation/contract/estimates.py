"""What a transaction would pay if it happened."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from app.domain.compensation.contract.crediting import CreditedBy, CreditRole
from app.domain.compensation.contract.transactions import SplitFields, TransactionFields
from app.domain.kernel.fields import Command
from app.domain.kernel.money import Money
from app.domain.kernel.resource import View


class EstimateTransaction(TransactionFields, Command):
    """A transaction that did not happen, or not yet. Nothing of it is kept."""

    amount: Money
    splits: list[SplitFields] = Field(default_factory=list, max_length=50)
    """Whom the transaction itself would credit."""
    period_id: UUID | None = None
    """The fiscal period whose pay is asked for; absent is the whole fiscal year of the transaction."""


class EstimatedCredit(View):
    """Who would be credited."""

    seller_id: UUID
    role: CreditRole
    rule: CreditedBy
    amount: Money | None = None
    """In the plan's currency; null when no exchange rate of the date leads there."""


class EstimatedLoss(View):
    """Who would be named and not credited."""

    seller_id: UUID
    rule: CreditedBy
    reason: str


class EstimatedEarning(View):
    """What a seller would earn with a component, without and with the transaction, and hence by it."""

    seller_id: UUID
    component_id: UUID
    component_code: str
    component_name: str
    without: Money | None = None
    """Null where it cannot be said, as is `by_it` then."""
    including: Money | None = None
    by_it: Money | None = None
    code: str | None = None
    """Why it cannot be said, such as `no_quota`."""


class Estimate(View):
    """What a transaction would pay to those whose pay the asker may see."""

    period_id: UUID
    credits: list[EstimatedCredit]
    losses: list[EstimatedLoss]
    uncredited: str | None = None
    """Why it would not be credited, or not for the whole of it."""
    earnings: list[EstimatedEarning]
