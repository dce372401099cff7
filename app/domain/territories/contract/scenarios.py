"""What may be asked of design scenarios: what a design has to reach, and what it has to respect."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Country, Fields, Name
from app.domain.kernel.money import Amount, Rate, Share
from app.domain.kernel.resource import Stored, View
from app.domain.market.contract import Industry, NotNegative


class DesignMethod(StrEnum):
    """How a design is found."""

    REBALANCE = "rebalance"
    """Keep the territories there are and move as little as it takes to bring them into balance."""
    CREATE = "create"
    """Draw new territories, compact and in balance."""


class DesignMeasure(StrEnum):
    """What territories are balanced by."""

    POTENTIAL = "potential"
    """Potential revenue of twelve months, in the organisation's currency."""
    WORKLOAD = "workload"
    """Visits that the accounts should get in a year."""
    ACCOUNTS = "accounts"
    """Number of accounts."""
    ANNUAL_REVENUE = "annual_revenue"
    """What the accounts themselves earn in twelve months, in the organisation's currency."""
    EXPECTED_VALUE = "expected_value"
    """Potential times win probability, in the organisation's currency."""


class DesignContiguity(StrEnum):
    """Whether the accounts of a territory have to lie beside one another."""

    NONE = "none"
    SOFT = "soft"
    """Preferred, but an exclave is allowed."""
    HARD = "hard"
    """Every territory is one piece."""


class DesignStake(StrEnum):
    """What is at stake when an account changes its territory."""

    WON_REVENUE = "won_revenue"
    """Won opportunities of the twelve months before, in the organisation's currency."""
    POTENTIAL = "potential"
    """Potential revenue of twelve months, in the organisation's currency."""
    ACCOUNTS = "accounts"
    """One for each account."""


Tolerance = Annotated[Share, Field(gt=0)]
Portion = Annotated[Rate, Field(gt=0, le=100)]
Skill = Annotated[Name, Field(description="Skill, as in the sellers' skills.", examples=["german"])]


class MeasureGoal(View):
    """How evenly a measure is to be spread."""

    measure: DesignMeasure
    """What territories are balanced by."""
    tolerance: Tolerance = Decimal("0.05")
    """How far a territory may be from its target, as a share of the target; 0.05 is 5 %."""


class TerritoryGoal(View):
    """A territory that should hold more or less than the others."""

    territory_code: Code
    portion: Portion = Decimal("1.00")
    """Its target relative to a territory that is not named here; 1 is as much, 0.5 is half."""
    ramping: bool = False
    """Its seller is new and still ramping up: half of the portion."""


class ScenarioLock(View):
    """An account that has to be in a territory."""

    account_id: UUID
    territory_code: Code


class AccountGroup(View):
    """Accounts that have to be in one territory."""

    account_ids: list[UUID] = Field(min_length=2, max_length=1_000)
    """The accounts, whichever territory that is."""


class SkillNeed(View):
    """A skill that sellers of certain accounts need: those named, and those that meet all conditions that are given."""

    skill: Skill
    level: Annotated[int, Field(ge=1, le=5)] = 1
    """Least level, from 1 to 5."""
    countries: list[Country] = Field(default_factory=list, max_length=250)
    """Accounts of any of these countries."""
    industries: list[Industry] = Field(default_factory=list, max_length=200)
    """Accounts of any of these industries."""
    account_ids: list[UUID] = Field(default_factory=list, max_length=1_000)
    """Accounts named one by one."""
    required: bool = False
    """Whether only territories with such a seller may hold them; otherwise missing it costs `distance`."""
    distance: Annotated[Amount, Field(ge=0, le=10_000)] = Decimal("50.00")
    """Kilometres further that an account seems from a territory whose sellers lack the skill."""


class TerritoryScenarioFields(Fields):
    """What a design starts from, and how it is searched."""

    name: Name
    model_id: UUID
    """The territory model it starts from: its lowest territories, and which accounts belong to them."""
    method: DesignMethod = DesignMethod.REBALANCE
    territory_count: Annotated[int, Field(ge=1, le=2_000)] | None = None
    """How many new territories to draw, called T001, T002 and so on; for `create` only."""
    include_unplaced: bool = True
    """Whether accounts that are in none of the territories get one too."""
    keep_pins: bool = True
    """Whether accounts that are pinned in the model stay where they are; for `rebalance` only."""
    keep_families: bool = False
    """Whether subsidiaries stay with the account at the top of their hierarchy."""
    max_accounts: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Most accounts of a territory; null means any number."""
    contiguity: DesignContiguity = DesignContiguity.NONE
    centred_at_account: bool = False
    """Whether travel is from one of the territory's accounts, where somebody could be based, and not from wherever it
    is least; for `create` only."""
    stake: DesignStake = DesignStake.WON_REVENUE
    disruption: Annotated[NotNegative, Field(le=1_000_000)] | None = None
    """Kilometres of yearly travel that are worth moving 1,000 less of the stake.

    Null lets a re-balance move as little as it can before it looks at travel, and new territories look at travel only.
    """
    match_sellers: bool = True
    """Whether sellers are proposed for the territories: near, with the skills, with as few new faces as possible."""
    seed: Annotated[int, Field(ge=0, le=2_147_483_647)] = 1
    """The same seed and iterations give the same plan."""
    iterations: Annotated[int, Field(ge=1_000, le=100_000_000)] = 1_000_000
    """Moves that the search tries."""
    deadline_seconds: Annotated[int, Field(ge=1, le=3_600)] = 300
    """After so many seconds the best plan so far is the result."""


class DesignTerms(Fields):
    """What a design has to reach and to respect."""

    measures: list[MeasureGoal] = Field(min_length=1, max_length=5)
    """What is balanced, and how evenly; each measure once."""
    targets: list[TerritoryGoal] = Field(default_factory=list, max_length=2_000)
    """Territories that should hold more or less than the others."""
    locks: list[ScenarioLock] = Field(default_factory=list, max_length=10_000)
    """Accounts that have to be in a certain territory."""
    keep_together: list[AccountGroup] = Field(default_factory=list, max_length=2_000)
    """Accounts that have to be in one territory."""
    skills: list[SkillNeed] = Field(default_factory=list, max_length=50)
    """Skills that some accounts need of their sellers."""


class ScenarioTerms(TerritoryScenarioFields, DesignTerms):
    """A whole scenario, as its results keep it."""

    as_of: date
    """The day whose memberships it starts from."""


class TerritoryScenarioView(ScenarioTerms, Stored):
    """A question to the design engine: what to balance, from where, and within which limits."""


class CreateTerritoryScenario(TerritoryScenarioFields, DesignTerms, Command):
    """Describe a design to be found."""

    as_of: date | None = None
    """The day whose memberships it starts from; by default the model's first day, or today when it is in force."""


class UpdateTerritoryScenario(Command):
    """Change a scenario; an absent field stays as it is, a list is replaced as a whole. Results stay as they are."""

    name: Name | None = Field(default_factory=lambda: None)
    as_of: date | None = Field(default_factory=lambda: None)
    method: DesignMethod | None = Field(default_factory=lambda: None)
    territory_count: Annotated[int, Field(ge=1, le=2_000)] | None = Field(default_factory=lambda: None)
    include_unplaced: bool | None = Field(default_factory=lambda: None)
    keep_pins: bool | None = Field(default_factory=lambda: None)
    keep_families: bool | None = Field(default_factory=lambda: None)
    max_accounts: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(default_factory=lambda: None)
    contiguity: DesignContiguity | None = Field(default_factory=lambda: None)
    centred_at_account: bool | None = Field(default_factory=lambda: None)
    stake: DesignStake | None = Field(default_factory=lambda: None)
    disruption: Annotated[NotNegative, Field(le=1_000_000)] | None = Field(default_factory=lambda: None)
    match_sellers: bool | None = Field(default_factory=lambda: None)
    seed: Annotated[int, Field(ge=0, le=2_147_483_647)] | None = Field(default_factory=lambda: None)
    iterations: Annotated[int, Field(ge=1_000, le=100_000_000)] | None = Field(default_factory=lambda: None)
    deadline_seconds: Annotated[int, Field(ge=1, le=3_600)] | None = Field(default_factory=lambda: None)
    measures: list[MeasureGoal] | None = Field(default_factory=lambda: None, min_length=1, max_length=5)
    targets: list[TerritoryGoal] | None = Field(default_factory=lambda: None, max_length=2_000)
    locks: list[ScenarioLock] | None = Field(default_factory=lambda: None, max_length=10_000)
    keep_together: list[AccountGroup] | None = Field(default_factory=lambda: None, max_length=2_000)
    skills: list[SkillNeed] | None = Field(default_factory=lambda: None, max_length=50)


class TraceFrontier(Command):
    """How finely the trade-off between disruption, balance and travel is traced."""

    steps: Annotated[int, Field(ge=2, le=10)] = 4
    """So many weights of disruption, each with so many tolerances, are searched: 4 are 16 plans.

    Those that another plan beats in every respect are left out.
    """
