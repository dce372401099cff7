"""What is answered about territories that wait for somebody."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.domain.kernel.money import Money, Share
from app.domain.kernel.resource import View
from app.domain.territories.contract.assignments import TerritoryAssignmentState


class VacancyView(View):
    """What an open position holds of a territory. Its figures are those of today, or of the model's nearest day."""

    id: UUID
    """Of the open position's assignment: `fill` it."""
    seller_id: UUID
    """The open position."""
    territory_id: UUID
    territory_code: str
    territory_name: str
    model_id: UUID
    share: Share
    """Share of the territory's results credited to the open position."""
    vacant_from: date
    vacant_to: date | None = None
    """First day on which it is no longer vacant; null means open."""
    days_vacant: int
    """Days since `vacant_from`; 0 before."""
    former_seller_id: UUID | None = None
    """The seller who left it; null when that one never came to cover it."""
    account_count: int
    """Accounts in the territory."""
    potential: Money
    """Sum of the accounts' potential, of those in the organisation's currency."""
    proposed_to_id: UUID | None = None
    """The seller it was last proposed to."""
    proposal_state: TerritoryAssignmentState | None = None
    """How far that proposal has come."""
