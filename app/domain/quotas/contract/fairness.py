"""How evenly quotas lie on those who get them."""

from __future__ import annotations

from uuid import UUID

from app.domain.kernel.money import Currency, Money, Rate
from app.domain.kernel.resource import View
from app.domain.quotas.contract.measures import QuotaMeasure


class QuotaFairnessView(View):
    """One seller's quota against the potential of its accounts, and how far that is from the middle."""

    id: UUID
    """The quota's id."""
    seller_id: UUID
    period_id: UUID
    measure: QuotaMeasure
    amount: Money
    potential: Money | None = None
    """Potential of the accounts the seller owns, in the quota's currency; null when none is known."""
    currency: Currency
    load: Rate | None = None
    """Quota over potential; null without potential."""
    median_load: Rate | None = None
    """The median over the live quotas of the measure and period."""
    deviation: Rate | None = None
    """Load over median load, minus 1; 0.5 means half as hard again as the middle."""
    outlier: bool
    """Whether the load lies more than 1.5 interquartile ranges outside the quartiles."""
