"""What must hold of an opportunity at its stage: pure decisions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Protocol

from app.domain.accounts.contract.opportunities import CLOSED, OpportunityStage
from app.domain.kernel.errors import FieldError


class Deal(Protocol):
    """What of an opportunity the rules look at."""

    stage: OpportunityStage
    amount: Decimal | None
    opened_on: date | None
    closed_on: date | None


def findings(deal: Deal, at: str = "") -> Iterator[FieldError]:
    """What is missing or contradictory in a deal; `at` is put before each pointer."""
    closed = deal.stage in CLOSED
    if closed and deal.closed_on is None:
        yield FieldError(
            f"{at}/closed_on", "opportunity_incomplete", f"A {deal.stage} opportunity needs its closing day."
        )
    if not closed and deal.closed_on is not None:
        yield FieldError(f"{at}/closed_on", "opportunity_incomplete", "An open opportunity has no closing day.")
    if deal.stage == OpportunityStage.WON and deal.amount is None:
        yield FieldError(f"{at}/amount", "opportunity_incomplete", "A won opportunity needs its amount.")
    if deal.closed_on and deal.opened_on and deal.closed_on < deal.opened_on:
        yield FieldError(f"{at}/closed_on", "opportunity_incomplete", "It cannot close before it opened.")


def reopens(before: OpportunityStage, after: OpportunityStage) -> bool:
    """Whether the change takes back a decision: it leaves a closed stage."""
    return before in CLOSED and after != before
