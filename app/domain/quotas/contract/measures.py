"""What a quota counts, and in what currency."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.domain.kernel.money import Amount

NotNegative = Annotated[Amount, Field(ge=0)]


NO_CURRENCY = "XXX"
"""ISO 4217's code where no currency is involved: quotas counted in units or activities."""


class QuotaMeasure(StrEnum):
    """What is promised."""

    REVENUE = "revenue"
    MARGIN = "margin"
    BOOKINGS = "bookings"
    UNITS = "units"
    """A whole number of units, in the currency XXX (none)."""
    ACTIVITY = "activity"
    """A whole number of activities, in the currency XXX (none)."""


COUNTED = frozenset({QuotaMeasure.UNITS, QuotaMeasure.ACTIVITY})
"""Measures that are numbers of things, not money."""
