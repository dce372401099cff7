"""Costs to obtain a contract, capitalised and amortised (ASC 606 / ASC 340-40, IFRS 15)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.compensation.terms.choices import ComponentKind
from app.domain.kernel.fields import Command, Comment, Fields
from app.domain.kernel.money import Currency, Money
from app.domain.kernel.resource import View

Months = Annotated[int, Field(ge=1, le=240)]


class CostPolicyFields(Fields):
    """Which pay is the cost of obtaining a contract, and over how long it is used up. Nothing has a silent default."""

    effective_from: date
    """Contracts of this day and later follow it, until a later policy."""
    kinds: list[ComponentKind] = Field(min_length=1, max_length=10)
    """Components that are paid only because a contract was won; others stay an expense."""
    default_term_months: Months
    """The term of a contract whose transaction names none."""
    customer_life_months: Months
    """How long a customer is expected to stay."""
    renewals_commensurate: bool
    """Whether a renewal pays as much as a new contract. If not, the cost of a new one serves the renewals too."""
    expense_within_a_year: bool
    """The practical expedient: what would be used up within 12 months is not capitalised."""


class CostPolicyView(CostPolicyFields, View):
    """The accounting policy from a day on; it is never changed, a later one takes its place."""

    id: UUID
    recorded_at: datetime


class CreateCostPolicy(CostPolicyFields, Command):
    """Set the accounting policy from a day on."""


class ContractCostView(View):
    """What was paid to a seller to win a contract, as an asset."""

    id: UUID
    run_id: UUID
    policy_id: UUID
    seller_id: UUID
    transaction_id: UUID
    amount: Money
    """Capitalised."""
    starts_on: date
    """The month of this day is the first that bears a part."""
    months: int
    """Over how many it is used up, in equal parts."""
    months_charged: int
    amortised: Money
    impaired: Money
    carrying: Money
    """Capitalised less amortised and impaired."""


class ContractCostChargeView(View):
    """A part of a capitalised cost that became an expense."""

    id: UUID
    contract_cost_id: UUID
    journal_id: UUID
    period_id: UUID
    kind: str = Field(pattern="^(amortisation|impairment)$")
    amount: Money
    months: int
    """How many months it is for; 0 for an impairment."""
    reason: str | None = None


class AmortiseCosts(Command):
    """Charge every capitalised cost with its months up to the end of a period."""

    period_id: UUID
    """An open period; what earlier ones left uncharged is charged here."""


class ImpairCost(Command):
    """Charge what is left of a cost at once, such as when the customer is lost."""

    period_id: UUID
    """The open period that bears it."""
    reason: Comment


class CostRollForwardView(View):
    """How capitalised costs moved in a period, as it is disclosed."""

    id: UUID
    period_id: UUID
    currency: Currency
    opening: Money
    capitalised: Money
    amortised: Money
    impaired: Money
    closing: Money
    """Opening plus capitalised less amortised and impaired."""
