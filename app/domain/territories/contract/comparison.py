"""What is answered about two territory models side by side."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from app.domain.kernel.money import Amount, Money, Rate
from app.domain.kernel.resource import View
from app.domain.territories.contract.models import TerritoryModelState


class Side(StrEnum):
    """Which of the two models."""

    MODEL = "model"
    """The one looked at."""
    WITH = "with"
    """The one it is compared with."""


class BalancedMeasure(StrEnum):
    """What territories are compared by; amounts are in the organisation's currency."""

    ACCOUNTS = "accounts"
    POTENTIAL = "potential"
    EXPECTED_VALUE = "expected_value"
    ANNUAL_REVENUE = "annual_revenue"
    WORKLOAD = "workload"
    """Visits a year that the cadences ask for."""


class MeasureBalance(View):
    """How evenly a measure is spread over the territories that have no sub-territories."""

    measure: BalancedMeasure
    total: Amount
    mean: Amount
    """Mean of a territory."""
    smallest: Amount
    largest: Amount
    max_deviation: Rate | None = None
    """Largest distance of a territory from the mean, as a share of it; null when all are empty."""
    mean_deviation: Rate | None = None
    """Mean distance of the territories from the mean, as a share of it."""
    gini: Rate | None = None
    """Gini coefficient: 0 when all hold the same, towards 1 when one holds everything."""


class TerritoryModelComparisonView(View):
    """The figures of one of two models, on its day nearest to today."""

    id: UUID
    """Of the model."""
    side: Side
    code: str
    name: str
    model_version: int
    state: TerritoryModelState
    day: date
    """The day the figures are of."""
    territory_count: int
    """Territories that have no sub-territories."""
    seller_count: int
    """Sellers who cover, are proposed or are planned for a territory; open positions are not counted."""
    accounts_placed: int
    accounts_unplaced: int
    """Accounts that are in no territory of the model."""
    potential: Money
    """Sum of the placed accounts' potential, of those in the organisation's currency."""
    accounts_in_other_currencies: int
    """Placed accounts whose potential is in another currency and hence in no sum."""
    balance: list[MeasureBalance]


class TerritoryComparisonView(View):
    """A territory in two models that call it by the same code."""

    id: UUID
    """Of the territory in the model looked at, else of the one it is compared with."""
    code: str
    name: str
    territory_id: UUID | None = None
    """The territory in the model looked at; null when it is no more."""
    with_territory_id: UUID | None = None
    """The territory in the other model; null when it is new."""
    accounts_before: int
    """Accounts in the model it is compared with."""
    accounts_after: int
    """Accounts in the model looked at."""
    accounts_kept: int
    accounts_gained: int
    accounts_lost: int
    potential_before: Money
    """Of accounts in the organisation's currency."""
    potential_after: Money


class TerritoryMoveView(View):
    """An account that is in another territory, or with another seller, than in the model compared with."""

    id: UUID
    """Of the account."""
    account_id: UUID
    account_name: str
    from_territory_id: UUID | None = None
    """Null when it was in none."""
    from_code: str | None = None
    to_territory_id: UUID | None = None
    """Null when it is in none."""
    to_code: str | None = None
    territory_changes: bool
    """Whether the codes of the territories differ."""
    from_seller_id: UUID | None = None
    """Who covers most of the former territory, or else was proposed it or planned for it."""
    to_seller_id: UUID | None = None
    seller_changes: bool
    potential: Money | None = None
