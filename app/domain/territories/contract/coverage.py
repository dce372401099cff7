"""What is answered about who covered an account."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.domain.kernel.money import Share
from app.domain.kernel.resource import View
from app.domain.territories.contract.membership import MembershipReason, MembershipSource


class CoveringSeller(View):
    """A seller's part in an account."""

    seller_id: UUID
    name: str
    placeholder: bool
    """Whether it is an open position."""
    share: Share
    since: date
    """First day on which it covers the territory."""
    until: date | None = None
    """First day on which it no longer does; null means open."""


class AccountCoverageView(View):
    """Where an account belongs and who covers it, on the day asked for."""

    id: UUID
    """Of the territory membership."""
    account_id: UUID
    model_id: UUID
    """The model in force on that day."""
    territory_id: UUID
    territory_code: str
    territory_name: str
    since: date
    """First day in the territory while the model is in force."""
    until: date | None = None
    """First day on which it no longer is; null means open."""
    source: MembershipSource
    reason: MembershipReason
    """Why it is in the territory, and which rules lost."""
    sellers: list[CoveringSeller]
    """Who accepted the territory, largest share first; empty where nobody covers it."""
