"""What may be asked of scorecards, ratings and scores, and what is answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Comment, Fields, Name
from app.domain.kernel.money import Figure, Rate, Share
from app.domain.kernel.resource import AllowedAction, Stored, View


class ScorecardState(StrEnum):
    """Where a version of a scorecard stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class CriterionKind(StrEnum):
    """Where the value of a criterion comes from."""

    QUANTITATIVE = "quantitative"
    """A figure that is known of the account."""
    QUALITATIVE = "qualitative"
    """The latest rating somebody gave, from 1 to 5."""


class AccountFigure(StrEnum):
    """What can be measured of an account. Amounts are in the organisation's currency; see `docs/scorecards.md`."""

    POTENTIAL = "potential"
    ANNUAL_REVENUE = "annual_revenue"
    EMPLOYEES = "employees"
    WIN_PROBABILITY = "win_probability"
    EXPECTED_VALUE = "expected_value"
    WON_REVENUE = "won_revenue"
    """Deals won in the last twelve months."""
    WON_REVENUE_GROWTH = "won_revenue_growth"
    """Won revenue against the twelve months before: 0.10 is 10 % more."""
    WIN_RATE = "win_rate"
    """Deals won in the last twelve months over those closed."""
    OPEN_PIPELINE = "open_pipeline"
    """Amounts of open deals."""
    WEIGHTED_PIPELINE = "weighted_pipeline"
    """Amounts of open deals times the probability of their stage."""
    TOUCHES = "touches"
    """Activities done in the last twelve months."""


class ScoringMethod(StrEnum):
    """How a value becomes a sub-score from 0 to 1."""

    BANDS = "bands"
    """The score of the highest band that the value reaches; below the first it is 0."""
    LINEAR = "linear"
    """0 up to `low`, 1 from `high` on, in proportion between."""
    PERCENTILE = "percentile"
    """Share of the group below the value, those with the same value counted half."""


class PercentileGroup(StrEnum):
    """Whom an account is compared with."""

    SEGMENT = "segment"
    """Accounts of its segment; of several that it meets, the first by code."""
    INDUSTRY = "industry"
    COUNTRY = "country"
    ORGANISATION = "organisation"
    """Every account."""


class MissingValue(StrEnum):
    """What becomes of a criterion whose value is not known."""

    ZERO = "zero"
    """It counts with the sub-score 0."""
    LEAVE_OUT = "leave_out"
    """It does not count: the other weights share the whole."""


class MissingReason(StrEnum):
    """Why there is no value."""

    UNKNOWN = "unknown"
    """Nobody filled it in, or there was nothing to compute it from."""
    OTHER_CURRENCY = "other_currency"
    """It is, in whole or in part, in another currency than the organisation's."""
    NOT_RATED = "not_rated"
    """Nobody rated the account on the criterion."""
    NO_GROUP = "no_group"
    """The account is in no group to compare it within."""


class AccountClass(StrEnum):
    """Class of an account by its score."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


Weight = Annotated[Rate, Field(gt=0, description="Weight against the other criteria.", examples=["30"])]
Score = Annotated[Rate, Field(ge=0, le=100, description="Score from 0 to 100.", examples=["75"])]
Rating = Annotated[int, Field(ge=1, le=5, description="From 1, poor, to 5, excellent.", examples=[4])]


class BandFields(Fields):
    """One band of values and its score."""

    from_value: Figure
    """The smallest value of the band; it ends where the next begins."""
    score: Share


class CriterionFields(Fields):
    """One criterion: what is looked at, how it is scored, what it weighs."""

    code: Code
    name: Name
    kind: CriterionKind
    figure: AccountFigure | None = None
    """What is measured; only and always of a quantitative criterion."""
    weight: Weight
    method: ScoringMethod
    bands: list[BandFields] = Field(default_factory=list, max_length=50)
    """Ascending; only and always with the method `bands`."""
    low: Figure | None = None
    """Where the line begins; only and always with the method `linear`."""
    high: Figure | None = None
    """Where the line ends; only and always with the method `linear`."""
    less_is_better: bool = False
    """Turns a line or a percentile round: the sub-score becomes 1 minus itself."""
    within: PercentileGroup | None = None
    """Whom it is compared with; only and always with the method `percentile`."""
    missing: MissingValue


class ClassThresholds(Fields):
    """From which score on an account is of a class; below the last it is D."""

    a: Score
    b: Score
    c: Score


class ScorecardFields(Fields):
    """What a scorecard says."""

    code: Code
    name: Name
    criteria: list[CriterionFields] = Field(min_length=1, max_length=30)
    classes: ClassThresholds


class ScorecardView(ScorecardFields, Stored):
    """A version of a scorecard: weighted criteria that give every account a score and a class."""

    scorecard_version: int
    """Counts the versions that share a code, from 1."""
    state: ScorecardState
    criteria: list[CriterionFields]
    scored_at: datetime | None = None
    """When accounts were scored last with this version; null before."""
    allowed_actions: list[AllowedAction]


class CreateScorecard(ScorecardFields, Command):
    """Define a scorecard; it begins as the draft of its first version."""


class UpdateScorecard(Command):
    """Change a draft; an absent field stays as it is, criteria are replaced as a whole."""

    name: Name | None = Field(default_factory=lambda: None)
    criteria: list[CriterionFields] | None = Field(default_factory=lambda: None, min_length=1, max_length=30)
    classes: ClassThresholds | None = Field(default_factory=lambda: None)


class AccountRatingFields(Fields):
    """A judgement on an account."""

    account_id: UUID
    criterion: Code
    """Code of a qualitative criterion; scorecards that share the code share its ratings."""
    rating: Rating
    comment: Comment | None = None


class AccountRatingView(AccountRatingFields, View):
    """A judgement of a person on an account; the latest of a criterion counts."""

    id: UUID
    rated_at: datetime
    actor_id: UUID
    """The principal who rated it."""
    actor_name: str


class RateAccount(AccountRatingFields, Command):
    """Rate an account on a qualitative criterion; earlier ratings stay in the history."""


class ContributionView(View):
    """What one criterion added to a score. Points add up to the score, but for the rounding of each."""

    criterion: Code
    name: Name
    kind: CriterionKind
    figure: AccountFigure | None = None
    value: Figure | None = None
    """The figure or rating as it was when scored; null when it was missing."""
    sub_score: Share | None = None
    """From 0 to 1; null when it was left out."""
    weight: Weight
    points: Score | None = None
    """100 times weight times sub-score over the weights that count; null when it was left out."""
    missing: MissingReason | None = None
    """Why there was no value; null when there was one."""


class AccountScoreView(View):
    """What an account scored on a scorecard, and what each criterion contributed."""

    id: UUID
    scorecard_id: UUID
    account_id: UUID
    score: Score | None = None
    """100 times the weighted mean of the sub-scores; null when no criterion had a value to count."""
    account_class: AccountClass | None = None
    scored_at: datetime
    """When it was scored; what changed later does not count yet."""
    contributions: list[ContributionView]
