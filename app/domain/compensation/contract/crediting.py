"""Who is credited: rules in order, overlay assignments, and decisions on single transactions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.compensation.contract.transactions import SplitFields
from app.domain.kernel.fields import Code, Command, Comment, Fields, Name, RequiredComment, ShortText
from app.domain.kernel.money import Share
from app.domain.kernel.resource import Stored


class CreditingRuleKind(StrEnum):
    """How a rule finds out who is credited. Direct rules compete, overlays credit beside them."""

    EXPLICIT_SPLIT = "explicit_split"
    """Direct: whom the transaction itself names."""
    TERRITORY_COVERAGE = "territory_coverage"
    """Direct: who covers the account's territory on the day."""
    ACCOUNT_OWNER = "account_owner"
    """Direct: who owns the account on the day."""
    NAMED_OVERLAY = "named_overlay"
    """Overlay: whom an assignment names for the account or territory."""
    PRODUCT_SPECIALIST = "product_specialist"
    """Overlay: whom an assignment names for the product."""


OVERLAYS = frozenset({CreditingRuleKind.NAMED_OVERLAY, CreditingRuleKind.PRODUCT_SPECIALIST})


class CreditedBy(StrEnum):
    """What credited a seller: a kind of crediting rule, or a decision."""

    MANUAL = "manual"
    """A manual credit."""
    EXPLICIT_SPLIT = "explicit_split"
    TERRITORY_COVERAGE = "territory_coverage"
    ACCOUNT_OWNER = "account_owner"
    NAMED_OVERLAY = "named_overlay"
    PRODUCT_SPECIALIST = "product_specialist"


class CreditRole(StrEnum):
    """What a credit counts as."""

    DIRECT = "direct"
    """Once for the whole of a transaction; rolled up to managers."""
    OVERLAY = "overlay"
    """Beside the direct credit; only for components that measure overlays."""


Precedence = Annotated[
    int, Field(ge=1, le=10_000, description="Of the direct rules that name somebody, the lowest wins.", examples=[10])
]
Products = Annotated[list[UUID], Field(max_length=500)]
Families = Annotated[list[Annotated[ShortText, Field(min_length=1)]], Field(max_length=100)]
Segments = Annotated[list[UUID], Field(max_length=100)]


class CreditingRuleFields(Fields):
    """What a crediting rule is called, and when it holds."""

    code: Code
    name: Name
    kind: CreditingRuleKind
    precedence: Precedence
    """One rule has a precedence at a date."""
    effective_from: date
    """First transaction date on which it holds."""
    effective_to: date | None = None
    """First transaction date on which it no longer holds; null means open."""


class CreditingRuleView(CreditingRuleFields, Stored):
    """A rule that says who is credited for a transaction."""

    products: list[UUID]
    """Only transactions of these products or of `product_families`; both empty for all."""
    product_families: list[str]
    """Only transactions of products of these families."""
    segments: list[UUID]
    """Only transactions of accounts in one of these market segments; empty for all."""


class CreateCreditingRule(CreditingRuleFields, Command):
    """Say who is credited."""

    products: Products = Field(default_factory=list)
    """Only transactions of these products or of `product_families`; both empty for all."""
    product_families: Families = Field(default_factory=list)
    """Only transactions of products of these families."""
    segments: Segments = Field(default_factory=list)
    """Only transactions of accounts in one of these market segments; empty for all."""


class UpdateCreditingRule(Command):
    """Change a rule; an absent field stays as it is. What was posted stays; the difference is paid by the next run."""

    name: Name | None = Field(default_factory=lambda: None)
    precedence: Precedence | None = Field(default_factory=lambda: None)
    effective_from: date | None = Field(default_factory=lambda: None)
    effective_to: date | None = Field(default_factory=lambda: None)
    products: Products | None = Field(default_factory=lambda: None)
    product_families: Families | None = Field(default_factory=lambda: None)
    segments: Segments | None = Field(default_factory=lambda: None)


class OverlayAssignmentFields(Fields):
    """Who is credited as an overlay, and for what."""

    rule_id: UUID
    """The overlay rule it belongs to."""
    seller_id: UUID
    account_id: UUID | None = None
    """For this account only."""
    territory_id: UUID | None = None
    """For the accounts of this territory and of those below it; not together with an account."""
    product_id: UUID | None = None
    """For this product only."""
    product_family: Annotated[ShortText, Field(min_length=1)] | None = None
    """For the products of this family; not together with a product."""
    share: Annotated[Share, Field(gt=Decimal(0))]
    """Of the transaction; overlays are beside the direct credit, so their shares need not add up to anything."""
    effective_from: date
    effective_to: date | None = None
    """First day on which it no longer holds; null means open."""


class OverlayAssignmentView(OverlayAssignmentFields, Stored):
    """A seller who is credited beside those credited directly."""


class CreateOverlayAssignment(OverlayAssignmentFields, Command):
    """Assign a seller as an overlay. One who is named twice by a rule is credited once, by the narrower assignment."""


class UpdateOverlayAssignment(Command):
    """Change how much an overlay is credited, or when; an absent field stays as it is."""

    share: Annotated[Share, Field(gt=Decimal(0))] | None = Field(default_factory=lambda: None)
    effective_from: date | None = Field(default_factory=lambda: None)
    effective_to: date | None = Field(default_factory=lambda: None)


class ManualCreditMode(StrEnum):
    """How a manual credit stands to the rules."""

    INSTEAD = "instead"
    """Takes their place: its shares add up to 1, and whom they name loses."""
    IN_ADDITION = "in_addition"
    """Direct credit beside what the rules say."""
    OVERLAY = "overlay"
    """Overlay credit beside what the rules say."""


class ManualCreditFields(Fields):
    """On which transaction is decided, and why."""

    transaction_id: UUID
    mode: ManualCreditMode
    reason: Comment


class ManualCreditView(ManualCreditFields, Stored):
    """A decision on who is credited for one transaction. It is withdrawn and taken anew, never rewritten."""

    splits: list[SplitFields]
    decided_by: UUID
    decided_at: datetime
    withdrawn_at: datetime | None = None
    """When it ceased to hold."""
    withdrawal_reason: str | None = None


class CreateManualCredit(ManualCreditFields, Command):
    """Decide who is credited for a transaction; follows it when it is corrected."""

    splits: list[SplitFields] = Field(min_length=1, max_length=50)
    """Who is credited with how much of it; instead of the rules they add up to exactly 1."""


class WithdrawManualCredit(RequiredComment):
    """Leave the transaction to the rules again."""
