"""The named choices that several terms share."""

from enum import StrEnum


class ComponentKind(StrEnum):
    """What the field calls a component; what it pays is said by its terms."""

    COMMISSION = "commission"
    BONUS = "bonus"
    OBJECTIVE = "objective"
    """MBO: pays on the assessed objectives of a seller."""
    SPIF = "spif"
    """An incentive for a short time or a certain product, often within a budget."""
    OVERRIDE = "override"
    """Pays a manager on the results of the team."""


class Trigger(StrEnum):
    """The event that counts, on its date. The others of a deal are recorded and pay nothing."""

    BOOKING = "booking"
    INVOICE = "invoice"
    PAYMENT = "payment"


class Measured(StrEnum):
    """What a component measures."""

    REVENUE = "revenue"
    BOOKINGS = "bookings"
    """Amounts as revenue, held against a bookings quota."""
    MARGIN = "margin"
    """Of the transaction itself, or else by the margin of its product."""
    UNITS = "units"
    """Quantities of the transactions."""
    DEALS = "deals"
    """Transactions, each by the credited share; a return takes one back."""
    CUSTOMERS = "customers"
    """Different customers who bought: what counts of their transactions, less returns, is more than nothing."""
    ACTIVITY = "activity"
    """Activities done."""
    OBJECTIVE_SCORE = "objective_score"
    """Weighted score of the assessed objectives; 1 is fully met."""
    EARNINGS = "earnings"
    """What those below earn by their own components, on whatever plan; what they earn on earnings is left out."""


MONEY = frozenset({Measured.REVENUE, Measured.BOOKINGS, Measured.MARGIN, Measured.EARNINGS})
"""Measures that are amounts in the currency of the plan."""
NO_TRANSACTIONS = frozenset({Measured.ACTIVITY, Measured.OBJECTIVE_SCORE, Measured.EARNINGS})
"""Measures that count no transactions."""

WITHOUT_QUOTAS = frozenset({Measured.DEALS, Measured.CUSTOMERS, Measured.OBJECTIVE_SCORE, Measured.EARNINGS})
"""Measures of which sellers have no quotas."""


class Whose(StrEnum):
    """Whose credits count."""

    OWN = "own"
    TEAM = "team"
    """Own credits and those of everybody below in the reporting line on the day."""
    COLLEAGUES = "colleagues"
    """Own credits and those of everybody else who reports to the same manager on the day."""
    OVERLAY = "overlay"
    """What overlays credit: beside the direct credit, not instead of it."""


class Pays(StrEnum):
    """What a value of a rate means."""

    RATE = "rate"
    """Times the measured amount; 0.05 is 5 %."""
    PER_UNIT = "per_unit"
    """An amount for each unit, deal or activity measured."""
    AMOUNT = "amount"
    """An amount once per window or transaction."""
    TARGET_SHARE = "target_share"
    """A share of the target incentive of the window; 1 is all of it."""
    BASE_RATE = "base_rate"
    """A multiple of target incentive / quota, times the measure; 1.5 is an accelerator of one and a half."""


class InputFigure(StrEnum):
    """What a table is read with, or a gate looks at."""

    MEASURED = "measured"
    """What the component measures."""
    ATTAINMENT = "attainment"
    """Measured / quota; 1 is 100 %."""
    REVENUE = "revenue"
    MARGIN = "margin"
    MARGIN_SHARE = "margin_share"
    """Margin / revenue."""
    UNITS = "units"
    DEALS = "deals"
    QUOTA = "quota"
    """Of the window, on its basis."""
    TARGET = "target"
    """Target incentive of the window."""
    RANK = "rank"
    """Place by the measure among all who take part in the component; 1 is first, equals share a place."""
    ATTAINMENT_RANK = "attainment_rank"
    """Place by attainment; who has none has no place."""
    EVERYBODY = "everybody"
    """The measure of all who take part in the component, added up."""
    EVERYBODY_QUOTA = "everybody_quota"
    """The quotas of all who take part in the component, added up."""
    EVERYBODY_TARGET = "everybody_target"
    """Their target incentives, added up."""
    PARTICIPANTS = "participants"
    """How many take part in the component."""
    TEAM_AT_QUOTA = "team_at_quota"
    """Of those below who have a quota, the share that has reached it by own credits; 1 is all of them."""
    STREAK = "streak"
    """How many windows of the fiscal year in a row, up to this one, have reached their quota."""
    TERM_MONTHS = "term_months"
    """Of a single transaction: how long its contract runs."""
    DISCOUNT = "discount"
    """Of a single transaction: its discount; 0.2 is 20 %."""


OF_A_WINDOW = frozenset(
    {
        InputFigure.ATTAINMENT,
        InputFigure.QUOTA,
        InputFigure.TARGET,
        InputFigure.RANK,
        InputFigure.ATTAINMENT_RANK,
        InputFigure.EVERYBODY,
        InputFigure.EVERYBODY_QUOTA,
        InputFigure.EVERYBODY_TARGET,
        InputFigure.PARTICIPANTS,
        InputFigure.TEAM_AT_QUOTA,
        InputFigure.STREAK,
    }
)
"""Figures that a single transaction does not have."""
OF_A_TRANSACTION = frozenset({InputFigure.TERM_MONTHS, InputFigure.DISCOUNT})
"""Figures that only a single transaction has."""


class Standing(StrEnum):
    """Where a component stood when a deal came, in order of date, then of transaction id."""

    BEFORE_DEAL = "before_deal"
    """What its window had counted before the deal."""
    WITH_DEAL = "with_deal"
    """The same and the deal itself."""


class Earlier(StrEnum):
    """An earlier window of a component, whose figures are looked at."""

    PREVIOUS = "previous"
    """The window before: last month, last quarter, last year."""
    LAST_YEAR = "last_year"
    """The same window a fiscal year before, whole."""
    LAST_YEAR_TO_DATE = "last_year_to_date"
    """The same up to the same month of it: what the year before had come to by now."""


Moment = Standing | Earlier
"""When a figure is looked at, if not now."""

STANDING = frozenset(
    {
        InputFigure.MEASURED,
        InputFigure.ATTAINMENT,
        InputFigure.REVENUE,
        InputFigure.MARGIN,
        InputFigure.MARGIN_SHARE,
        InputFigure.UNITS,
        InputFigure.DEALS,
    }
)
"""Figures that transactions add up to, so that they stand somewhere at each deal."""
EARLIER = STANDING | {InputFigure.QUOTA}
"""Figures that earlier windows have."""
AGAINST_QUOTA = frozenset(
    {
        InputFigure.ATTAINMENT,
        InputFigure.QUOTA,
        InputFigure.ATTAINMENT_RANK,
        InputFigure.EVERYBODY_QUOTA,
        InputFigure.STREAK,
    }
)
"""Figures that need a quota of the seller."""
AIMED = frozenset({InputFigure.TARGET, InputFigure.EVERYBODY_TARGET})
"""Figures that need a target incentive."""


RANKS = frozenset({InputFigure.RANK, InputFigure.ATTAINMENT_RANK})
"""Places, which several sellers may share."""


class Ties(StrEnum):
    """What sellers get who share a place."""

    SHARE = "share"
    """Each the average of what the places are worth that they take together."""
    BETTER = "better"
    """Each what the better place is worth."""


class Boundary(StrEnum):
    """The tier a value exactly on a bound belongs to."""

    LOWER = "lower"
    HIGHER = "higher"
