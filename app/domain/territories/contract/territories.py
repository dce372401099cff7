"""What may be asked of territories, and what is answered."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Fields, Name
from app.domain.kernel.money import Money, Share
from app.domain.kernel.resource import Stored
from app.domain.market.contract import NotNegative, SegmentRule

City = Annotated[Name, Field(description="City, as in the accounts.", examples=["Lyon"])]
Priority = Annotated[int, Field(ge=0, le=10_000)]


class CoverageMode(StrEnum):
    """How sellers work a territory."""

    FIELD = "field"
    """On the road."""
    REMOTE = "remote"
    """By call, video and e-mail."""
    HYBRID = "hybrid"
    """Both."""


class TerritoryRule(SegmentRule):
    """Which accounts belong to a territory: those it names, and those that meet all conditions that are given.

    A rule without any condition matches only the accounts it names. An unknown fact meets no condition.
    """

    cities: list[City] = Field(default_factory=list, max_length=1_000)
    """Any of these; empty means every city."""
    min_annual_revenue: NotNegative | None = None
    """At least this annual revenue, in the organisation's currency; accounts in another currency do not match."""
    max_annual_revenue: NotNegative | None = None
    """At most this annual revenue, in the organisation's currency; accounts in another currency do not match."""
    segment_id: UUID | None = None
    """A market segment whose own rule has to be met too."""
    account_ids: list[UUID] = Field(default_factory=list, max_length=10_000)
    """Accounts named one by one; they need to meet no condition."""


class TerritoryFields(Fields):
    """Name, place in the tree and priority of a territory."""

    code: Code
    name: Name
    parent_id: UUID | None = None
    """The territory of the same model it is part of; null at the top."""
    priority: Priority = 100
    """Which territory gets an account that several rules match: the lower number, then the deeper territory."""
    coverage_mode: CoverageMode = CoverageMode.FIELD
    """How sellers work it; cadences may differ by it."""


class TerritoryView(TerritoryFields, Stored):
    """A part of a territory model. Its figures are those of today, or of the model's nearest day."""

    model_id: UUID
    rule: TerritoryRule
    account_count: int
    """Accounts in the territory itself, not in those below it."""
    potential: Money
    """Sum of the accounts' potential, of those in the organisation's currency."""
    accounts_in_other_currencies: int
    """Accounts whose potential is in another currency and hence not in `potential`."""
    assigned_share: Share
    """Share of the territory that sellers have accepted."""


class CreateTerritory(TerritoryFields, Command):
    """Add a territory to a draft model."""

    model_id: UUID
    rule: TerritoryRule = Field(default_factory=TerritoryRule)


class UpdateTerritory(Command):
    """Change a territory of a draft model; an absent field stays as it is, `rule` is replaced as a whole."""

    code: Code | None = Field(default_factory=lambda: None)
    name: Name | None = Field(default_factory=lambda: None)
    parent_id: UUID | None = Field(default_factory=lambda: None)
    priority: Priority | None = Field(default_factory=lambda: None)
    coverage_mode: CoverageMode | None = Field(default_factory=lambda: None)
    rule: TerritoryRule | None = Field(default_factory=lambda: None)
