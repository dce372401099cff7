"""Parts of earnings: which transaction brought which cent of a line."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.domain.kernel.money import Money
from app.domain.kernel.resource import View


class EarningPartView(View):
    """The part of a posted line that one transaction brought.

    What a line earned goes to its credits in order of date, each with what the earned to date rises by, so that the
    deal that crosses a tier shows it. The parts of a line add up to its amount, and over all lines a transaction has
    what it earned by the newest of them.
    """

    id: UUID
    earning_id: UUID
    run_id: UUID
    seller_id: UUID
    component_id: UUID
    component_code: str
    component_name: str
    period_id: UUID
    """The pay period whose statement shows the line."""
    period_code: str
    transaction_id: UUID | None = None
    """Null for the part of the line that no transaction brought, such as an amount paid without credits."""
    credit_date: date | None = None
    credited: Money | None = None
    """What the transaction now counts for the line; zero where it no longer counts and is taken back."""
    amount: Money
