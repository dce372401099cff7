"""What is answered about the coverage of market segments."""

from __future__ import annotations

from uuid import UUID

from app.domain.kernel.money import Money
from app.domain.kernel.resource import View


class SegmentCoverageView(View):
    """What the accounts of a segment add up to, against its total addressable market."""

    id: UUID
    """The segment's id."""
    code: str
    name: str
    account_count: int
    """Accounts that match the rule now."""
    other_currency_count: int
    """Matching accounts in another currency than the segment's; their potential is left out."""
    potential: Money
    """Sum of the potential of matching accounts in the segment's currency."""
    tam: Money | None = None
    """Total addressable market over twelve months."""
