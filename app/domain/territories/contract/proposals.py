"""What is answered about a model that sellers are asked to accept."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from app.domain.kernel.money import Amount, Money
from app.domain.kernel.resource import View


class ProposalState(StrEnum):
    """How far a seller is with what a model plans for it; the first that fits."""

    DISPUTED = "disputed"
    """It disputes a territory."""
    PROPOSED = "proposed"
    """It has not answered all proposals."""
    PLANNED = "planned"
    """A territory planned for it has not been proposed."""
    ACCEPTED = "accepted"
    """It accepted everything."""
    RELEASED = "released"
    """The model has nothing for it: it gives away what it covers."""


class TerritoryProposalView(View):
    """What a model changes for a seller, against the model it is compared with.

    An account counts in full for every seller of its territory, its potential by the seller's share.
    """

    id: UUID
    """Of the seller."""
    seller_id: UUID
    seller_name: str
    model_id: UUID
    state: ProposalState
    territory_codes: list[str]
    """Territories of the model that it covers, is proposed or is planned for."""
    accounts_before: int
    accounts_after: int
    accounts_kept: int
    accounts_gained: int
    accounts_lost: int
    potential_before: Money
    """Of accounts in the organisation's currency."""
    potential_after: Money
    workload_before: Amount
    """Visits a year that the cadences ask for, by the seller's share."""
    workload_after: Amount
    assignments_planned: int
    """Territories planned for it that were not proposed."""
    assignments_proposed: int
    """Proposals without an answer."""
    assignments_accepted: int
    assignments_disputed: int


class AcceptanceTimeView(View):
    """How fast a manager's team accepts what a model proposes. Days are counted from the first proposal."""

    id: UUID
    """Of the manager; of the model for sellers who report to nobody."""
    manager_id: UUID | None = None
    manager_name: str | None = None
    model_id: UUID
    proposed: int
    """Assignments proposed so far, whatever became of them; withdrawn ones are not counted."""
    accepted: int
    """Those that were accepted, ended ones among them."""
    disputed: int
    """Those that are in dispute now."""
    open: int
    """Those that wait for an answer now."""
    overdue: int
    """Those not accepted for more than `due_days`."""
    median_days: Amount | None = None
    """Median time to acceptance; null before the first."""
    worst_days: Amount | None = None
    """Longest time to acceptance, or that one has been waiting for."""
