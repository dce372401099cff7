"""What may be asked of the market, and what it answers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.domain.kernel.fields import Code, Command, Country, Fields, Name
from app.domain.kernel.money import Amount, Currency, Money, Rate
from app.domain.kernel.resource import ExternalId, Stored, View

Industry = Annotated[Name, Field(description="Industry, as the organisation calls it.", examples=["Software"])]
Headcount = Annotated[int, Field(ge=0, le=100_000_000)]
NotNegative = Annotated[Amount, Field(ge=0)]
Margin = Annotated[Rate, Field(ge=-1, le=1)]


class SegmentRule(View):
    """Which accounts belong to a segment: all conditions that are given must hold, on facts that are known."""

    industries: list[Industry] = Field(default_factory=list, max_length=200)
    """Any of these; empty means every industry."""
    countries: list[Country] = Field(default_factory=list, max_length=250)
    """Any of these; empty means every country."""
    min_employees: Headcount | None = None
    """At least so many employees."""
    max_employees: Headcount | None = None
    """At most so many employees."""
    min_annual_revenue: NotNegative | None = None
    """At least this annual revenue, in the segment's currency; accounts in another currency do not match."""
    max_annual_revenue: NotNegative | None = None
    """At most this annual revenue, in the segment's currency; accounts in another currency do not match."""

    @model_validator(mode="after")
    def _ranges_hold_something(self) -> Self:
        if _reversed(self.min_employees, self.max_employees):
            raise ValueError("min_employees must not exceed max_employees")
        if _reversed(self.min_annual_revenue, self.max_annual_revenue):
            raise ValueError("min_annual_revenue must not exceed max_annual_revenue")
        return self


def _reversed(low: Decimal | int | None, high: Decimal | int | None) -> bool:
    return low is not None and high is not None and low > high


class SegmentFields(Fields):
    """What a segment is called."""

    code: Code
    name: Name


class SegmentView(SegmentFields, Stored):
    """A market segment: a rule, and the size of the market it describes."""

    rule: SegmentRule
    tam: Money | None = None
    """Total addressable market over twelve months."""
    currency: Currency
    """Currency of the amounts."""
    external_ids: list[ExternalId]


class CreateSegment(SegmentFields, Command):
    """Describe a market segment."""

    rule: SegmentRule = Field(default_factory=SegmentRule)
    tam: NotNegative | None = None
    """Total addressable market over twelve months, in `currency`."""
    currency: Currency | None = None
    """Currency of the amounts; the organisation's when absent."""


class UpdateSegment(Command):
    """Change a segment; an absent field stays as it is, a rule is replaced as a whole."""

    code: Code | None = Field(default_factory=lambda: None)
    name: Name | None = Field(default_factory=lambda: None)
    rule: SegmentRule | None = Field(default_factory=lambda: None)
    tam: NotNegative | None = Field(default_factory=lambda: None)
    currency: Currency | None = Field(default_factory=lambda: None)


class ProductFields(Fields):
    """What a product is called, and when it is sold."""

    code: Code
    name: Name
    family: Name | None = None
    """Product family or series."""
    effective_from: date
    """First day on which it is sold."""
    effective_to: date | None = None
    """First day on which it is no longer sold; null means open."""


class ProductView(ProductFields, Stored):
    """A product of the catalogue."""

    list_price: Money | None = None
    """Price of one unit before any discount."""
    margin: Margin | None = None
    """Share of the list price that remains after direct cost; 0.40 is 40 %."""
    currency: Currency
    """Currency of the amounts."""
    external_ids: list[ExternalId]


class CreateProduct(ProductFields, Command):
    """Add a product to the catalogue."""

    list_price: NotNegative | None = None
    """Price of one unit before any discount, in `currency`."""
    margin: Margin | None = None
    """Share of the list price that remains after direct cost; 0.40 is 40 %."""
    currency: Currency | None = None
    """Currency of the amounts; the organisation's when absent."""


class UpdateProduct(Command):
    """Change a product; an absent field stays as it is."""

    code: Code | None = Field(default_factory=lambda: None)
    name: Name | None = Field(default_factory=lambda: None)
    family: Name | None = Field(default_factory=lambda: None)
    list_price: NotNegative | None = Field(default_factory=lambda: None)
    margin: Margin | None = Field(default_factory=lambda: None)
    currency: Currency | None = Field(default_factory=lambda: None)
    effective_from: date | None = Field(default_factory=lambda: None)
    effective_to: date | None = Field(default_factory=lambda: None)
