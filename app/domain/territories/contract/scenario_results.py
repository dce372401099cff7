"""What may be asked of the results of a scenario, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Name
from app.domain.kernel.money import Amount, Rate
from app.domain.kernel.resource import View
from app.domain.territories.contract.scenarios import DesignMeasure, DesignMethod, DesignStake


class SearchEnd(StrEnum):
    """What ended a search."""

    DONE = "done"
    """There was nothing left to improve."""
    ITERATIONS = "iterations"
    DEADLINE = "deadline"
    CANCELLED = "cancelled"
    """Somebody stopped the job; the best plan so far was kept."""


class PlacementReason(StrEnum):
    """Why an account is where a design puts it."""

    UNCHANGED = "unchanged"
    """It stays in today's territory."""
    BALANCE = "balance"
    """Today's territory would hold too much with it, or the new one too little without."""
    TRAVEL = "travel"
    """The new territory is nearer."""
    CONTIGUITY = "contiguity"
    """It would lie apart from the rest of today's territory."""
    CAPACITY = "capacity"
    """Today's territory would have too many accounts."""
    VACANCY = "vacancy"
    """It had no territory."""
    SKILL = "skill"
    """The sellers of today's territory lack a skill."""
    LOCKED = "locked"
    """The scenario says so."""
    KEPT_TOGETHER = "kept_together"
    """It follows the accounts it has to stay with."""
    PRICE = "price"
    """It is cheaper here for the whole plan, so that others could stay; no single figure shows it."""
    NEW = "new"
    """All territories are new."""


class DesignFigure(View):
    """How evenly a measure is spread over all territories."""

    measure: DesignMeasure
    total: Amount
    """Of all accounts; in the organisation's currency, visits a year, or accounts."""
    tolerance: Rate
    """How far a territory was allowed to be from its target, as a share of the target."""
    deviation: Rate
    """How far the worst territory is from its target, as a share of the target."""
    today: Rate | None = None
    """The same as the accounts are placed today; null for new territories."""


class TerritoryFigure(View):
    """What a territory holds of a measure."""

    measure: DesignMeasure
    load: Amount
    """What its accounts add up to; in the organisation's currency, visits a year, or accounts."""
    target: Amount
    """What it should hold, in the same unit."""
    today: Amount | None = None
    """What it holds today; null for a new territory."""
    deviation: Rate
    """Load less target, as a share of the target; negative when it holds too little."""
    price: Amount
    """Kilometres of yearly travel that 1,000 more of the measure cost in this territory."""


class SellerMatch(View):
    """Why the seller was proposed for the territory."""

    distance: Amount | None = None
    """Kilometres from the seller's home to the middle of the territory; null when the home is not known."""
    missing_skills: int
    """Skills that its accounts need and the seller lacks."""
    kept_stake: Amount
    """Stake of the accounts that are in the seller's territories today already."""


class ScenarioResultView(View):
    """A plan that was found for a scenario, with its figures. It never changes."""

    id: UUID
    scenario_id: UUID
    scenario_name: Name
    job_id: UUID
    """The job that found it."""
    model_id: UUID
    """The model it starts from."""
    method: DesignMethod
    point: int
    """0, or its place on the frontier that was traced."""
    as_of: date
    """The day whose memberships it starts from."""
    stake_basis: DesignStake
    """What counts as stake."""
    account_count: int
    territory_count: int
    measures: list[DesignFigure]
    moved_accounts: int
    """Accounts that leave today's territory; for new territories, that do not go to its successor."""
    stake: Amount
    """Stake of all accounts, in the organisation's currency, or accounts."""
    moved_stake: Amount
    """Stake of the accounts that leave today's territory."""
    disruption: Amount
    """Kilometres of yearly travel that moving 1,000 of the stake weighed in the search."""
    must_move: Amount | None = None
    """At least so much stake must move to keep these tolerances, whoever plans; null where no bound was computed."""
    travel: Amount
    """Kilometres: visits of a year times distance to the middle of the territory, one way."""
    travel_today: Amount | None = None
    """The same for the accounts that have a territory today, as they are placed; null for new territories."""
    touring: Amount
    """An estimate of the kilometres of one tour past all accounts of each territory, added up."""
    pieces: int
    """Connected parts of all territories together: as many as territories when none has an exclave."""
    feasible: bool
    """Whether every tolerance, lock and limit is kept."""
    stopped: SearchEnd
    digest: str
    """SHA-256 over accounts and territories; equal digests are equal plans."""
    seconds: Amount
    """How long the search took."""
    engine: str
    """Versions of the engine's libraries."""
    notes: list[str]
    """What to know about the figures, such as accounts without coordinates."""
    currency: str
    """Currency of amounts of money."""
    created_at: datetime


class ScenarioTerritoryView(View):
    """A territory of a result, with what it holds."""

    id: UUID
    result_id: UUID
    code: Code
    succeeds: Code | None = None
    """The territory of the model whose accounts it takes over most of, or that it is."""
    account_count: int
    latitude: Rate | None = None
    """Degrees north of its middle; null when no account has coordinates."""
    longitude: Rate | None = None
    """Degrees east of its middle."""
    measures: list[TerritoryFigure]
    travel: Amount
    """Kilometres: visits of a year times distance to its middle, one way."""
    touring: Amount
    """An estimate of the kilometres of one tour past all its accounts."""
    pieces: int
    """Connected parts of it."""
    seller_id: UUID | None = None
    """The seller proposed for it."""
    seller_match: SellerMatch | None = None


class ScenarioPlacementView(View):
    """Where a result puts an account."""

    id: UUID
    result_id: UUID
    account_id: UUID
    territory_code: Code
    from_code: Code | None = None
    """Today's territory; null when it has none."""
    moved: bool
    """Whether it leaves today's territory; for new territories, whether it does not go to its successor."""
    locked: bool
    """Whether a lock or a pin holds it."""
    reason: PlacementReason
    visits: Amount
    """Visits it should get in a year."""
    stake: Amount
    """What is at stake when it changes hands."""
    loads: list[Amount]
    """What it adds to each measure, in the order of the result's measures."""
    keeping_cost: Amount | None = None
    """Kilometres of yearly travel more if it stayed, less when negative; null when it stays."""
    keeping_deviation: Rate | None = None
    """How far the worst of the two territories would be from its target if it stayed; null when it stays."""
    alternative_code: Code | None = None
    """The next best territory."""
    alternative_cost: Amount | None = None
    """What the next best territory costs more, in kilometres of yearly travel: see `explain`."""


class ScenarioComparisonView(View):
    """A result beside another one."""

    id: UUID
    """Of the first result."""
    with_id: UUID
    """Of the second result."""
    scenario_name: Name
    with_scenario_name: Name
    differing_accounts: int
    """Accounts that the two results put into territories with different codes, or that only one of them has."""
    moved_accounts: int
    with_moved_accounts: int
    moved_stake: Amount
    with_moved_stake: Amount
    must_move: Amount | None = None
    with_must_move: Amount | None = None
    travel: Amount
    """Kilometres a year."""
    with_travel: Amount
    touring: Amount
    with_touring: Amount
    measures: list[DesignFigure]
    with_measures: list[DesignFigure]
    feasible: bool
    with_feasible: bool
    currency: str


class ScenarioMove(View):
    """An account to be put elsewhere."""

    account_id: UUID
    territory_code: Code


class TryMoves(Command):
    """Moves to be tried on a result; nothing is stored."""

    moves: list[ScenarioMove] = Field(min_length=1, max_length=100)
    """The moves, all at once; each account once."""


class MoveIssue(View):
    """A rule of the scenario that the moves would break."""

    code: str
    """`locked`, `kept_together` or `too_many_accounts`."""
    detail: str
    account_id: UUID | None = None
    territory_code: Code | None = None


class TerritoryChange(View):
    """What the moves do to a measure of a territory."""

    territory_code: Code
    measure: DesignMeasure
    before: Amount
    """What it holds, in the measure's unit."""
    after: Amount
    """What it would hold."""
    deviation_before: Rate
    """Load less target, as a share of the target."""
    deviation_after: Rate
    within: bool
    """Whether it would be within the tolerance."""


class MovesOutcome(View):
    """What moves would do to a result: exact sums, with the territories' middles where they are."""

    moved_stake_before: Amount
    moved_stake_after: Amount
    moved_accounts_before: int
    moved_accounts_after: int
    travel_before: Amount
    """Kilometres a year."""
    travel_after: Amount
    measures_before: list[DesignFigure]
    measures_after: list[DesignFigure]
    territories: list[TerritoryChange]
    """Of each territory that loses or gains, and each measure."""
    issues: list[MoveIssue]
    """Rules of the scenario that the moves break."""
    feasible: bool
    """Whether every tolerance, lock and limit would be kept."""


class ExplainAccounts(Command):
    """Accounts whose place is to be explained."""

    account_ids: list[UUID] = Field(min_length=1, max_length=50)


class TerritoryOption(View):
    """A territory that an account could be in, and what that costs."""

    territory_code: Code
    cost: Amount
    """Kilometres of yearly travel that count: those to the territory's middle, its price of the account's loads, and
    what leaving today's territory weighs; less what the chosen territory comes to, so 0 is as good."""
    travel: Amount
    """Kilometres a year to its middle."""
    balance: Amount
    """Price of the account's loads in kilometres, of all measures; negative where the territory is short of them."""
    disruption: Amount
    """What leaving today's territory weighs, in kilometres."""
    worst_deviation: Rate
    """How far the territory would be from its targets with the account, in its worst measure."""


class AccountExplanation(View):
    """Why an account is where it is."""

    account_id: UUID
    territory_code: Code
    from_code: Code | None = None
    """Today's territory."""
    reason: PlacementReason
    locked: bool
    chosen: TerritoryOption
    """The territory it is in."""
    keeping: TerritoryOption | None = None
    """Today's territory, where it leaves one."""
    alternatives: list[TerritoryOption]
    """The next best territories, best first; at most three."""


class Explanations(View):
    """Why accounts are where they are."""

    accounts: list[AccountExplanation]


class AdoptScenarioResult(Command):
    """Make a draft territory model of a result."""

    code: Code | None = None
    """Code of the draft; by default that of the model the result starts from, of which it becomes the next version."""
    name: Name | None = None
    """Name of the draft; by default that of the scenario."""
    starts_on: date
    """First day of the draft, and of the accounts' places in it."""
    ends_on: date | None = None
    """First day on which it is no longer in force; null means open."""
