"""What a scorecard can measure of an account: each figure one SQL text, and why it may be missing.

The texts speak of the row `account` and of the sums `deals` and `touches` beside it, which are null for an account
without any. `:currency` is the organisation's; `:today`, `:since` (a year before) and `:before` (two years) bound the
months: a day belongs to the last twelve when it is after `:since` and not after `:today`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.accounts.contract.opportunities import STAGE_PROBABILITY
from app.domain.accounts.contract.scorecards import AccountFigure, MissingReason


def exact_ratio(dividend: str, divisor: str) -> str:
    """SQL of a quotient to 6 digits, half away from zero, for a dividend from 0 on and a divisor above 0.

    In whole numbers, so that no digit beyond the last can be lost before it is rounded.
    """
    return f"div(({dividend}) * 2000000 + ({divisor}), ({divisor}) * 2) * 0.000001"


def exact_ratio_of_counts(dividend: str, divisor: str) -> str:
    """The same of two counts (bigint), which is several times as fast."""
    return f"cast((({dividend}) * 2000000 + ({divisor})) / (({divisor}) * 2) as numeric) * 0.000001"


@dataclass(frozen=True)
class Measured:
    """The SQL of a figure, and of the reason why it is null where it is."""

    value: str
    why: str = f"'{MissingReason.UNKNOWN}'"


def _amount(column: str) -> Measured:
    return Measured(
        f"case when account.currency = :currency then account.{column} end",
        f"case when account.currency <> :currency then '{MissingReason.OTHER_CURRENCY}'"
        f" else '{MissingReason.UNKNOWN}' end",
    )


def _sum(column: str, foreign: str) -> Measured:
    """A sum of deals; without any it is 0, and with one in another currency it is not known."""
    return Measured(
        f"case when deals.{foreign} is not true then coalesce(deals.{column}, 0) end",
        f"'{MissingReason.OTHER_CURRENCY}'",
    )


FIGURES: Mapping[AccountFigure, Measured] = {
    AccountFigure.POTENTIAL: _amount("potential"),
    AccountFigure.ANNUAL_REVENUE: _amount("annual_revenue"),
    AccountFigure.EMPLOYEES: Measured("account.employees"),
    AccountFigure.WIN_PROBABILITY: Measured("account.win_probability"),
    AccountFigure.EXPECTED_VALUE: _amount("expected_value"),
    AccountFigure.WON_REVENUE: _sum("won", "won_foreign"),
    AccountFigure.WON_REVENUE_GROWTH: Measured(
        "case when (deals.won_foreign or deals.earlier_foreign) is not true and deals.earlier > 0"
        f" then {exact_ratio('coalesce(deals.won, 0)', 'deals.earlier')} - 1 end",
        f"case when deals.won_foreign or deals.earlier_foreign then '{MissingReason.OTHER_CURRENCY}'"
        f" else '{MissingReason.UNKNOWN}' end",
    ),
    AccountFigure.WIN_RATE: Measured(
        f"case when deals.closed_count > 0 then {exact_ratio_of_counts('deals.won_count', 'deals.closed_count')} end"
    ),
    AccountFigure.OPEN_PIPELINE: _sum("pipeline", "pipeline_foreign"),
    AccountFigure.WEIGHTED_PIPELINE: _sum("weighted", "pipeline_foreign"),
    AccountFigure.TOUCHES: Measured("coalesce(touches.done, 0)"),
}

_CHANCE = " ".join(f"when '{stage}' then {chance}" for stage, chance in STAGE_PROBABILITY.items())
_WON = "stage = 'won' and closed_on > :since and closed_on <= :today"
_EARLIER = "stage = 'won' and closed_on > :before and closed_on <= :since"

SUMS = f"""
deals as (
  select account_id,
         sum(amount) filter (where {_WON}) as won,
         bool_or(currency <> :currency) filter (where {_WON}) as won_foreign,
         sum(amount) filter (where {_EARLIER}) as earlier,
         bool_or(currency <> :currency) filter (where {_EARLIER}) as earlier_foreign,
         count(*) filter (where {_WON}) as won_count,
         count(*) filter (where closed_on > :since and closed_on <= :today) as closed_count,
         sum(amount) filter (where closed_on is null) as pipeline,
         round(sum(amount * case stage {_CHANCE} end) filter (where closed_on is null), 4) as weighted,
         bool_or(currency <> :currency) filter (where closed_on is null and amount is not null) as pipeline_foreign
  from opportunity where org_id = :org_id and account_id is not null group by account_id
), touches as (
  select account_id, count(*) as done from activity
  where org_id = :org_id and state = 'done' and done_on > :since and done_on <= :today group by account_id
)
"""
"""The common table expressions that the figures read beside the account."""
