"""The one statement that scores every account on a scorecard, put together from its criteria.

Criterion number n has its value in column `value_n`, why it is missing in `why_n`, its group in `group_n` and its rank
there in `rank_n` (percentiles only), its sub-score in `sub_n` and what of it counts in `counted_n`. Words and numbers
of the scorecard are bound.

A row of `account_score` keeps three lists in the order of the criteria: what was found, what of it counted and why it
is missing. The rest of a contribution is in the scorecard, which does not change while it has scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, assert_never

from sqlalchemy import RowMapping

from app.domain.accounts.contract.scorecards import (
    ClassThresholds,
    CriterionFields,
    MissingReason,
    MissingValue,
    PercentileGroup,
    ScoringMethod,
)
from app.domain.accounts.figures import FIGURES, SUMS, exact_ratio, exact_ratio_of_counts
from app.domain.accounts.queries import IN_SEGMENT

# Groups are only told apart, so they are compared by their bytes.
_GROUPS = {
    PercentileGroup.SEGMENT: "account.segment",
    PercentileGroup.INDUSTRY: 'account.industry collate "C"',
    PercentileGroup.COUNTRY: 'cast(account.country as text) collate "C"',
    PercentileGroup.ORGANISATION: "true",
}


_SEGMENT_RULE = {
    "industries": "text[]",
    "countries": "text[]",
    "min_employees": "integer",
    "max_employees": "integer",
    "min_annual_revenue": "numeric",
    "max_annual_revenue": "numeric",
    "currency": "text",
}


def score_statement(
    criteria: Sequence[CriterionFields], classes: ClassThresholds, segments: Sequence[RowMapping]
) -> tuple[str, dict[str, Any]]:
    """The statement and what it binds, besides `:scorecard` and what the figures need; see `period`.

    `segments` are the rows of `segment` in the order of their codes: an account is in the first that it belongs to.
    """
    numbers = range(len(criteria))
    ranked = [n for n, criterion in enumerate(criteria) if criterion.method is ScoringMethod.PERCENTILE]
    bound: dict[str, Any] = {f"class_{name}": score for name, score in classes}
    for n, criterion in enumerate(criteria):
        bound |= _bound(n, criterion)
    if not any(criterion.within is PercentileGroup.SEGMENT for criterion in criteria):
        segments = ()
    for n, segment in enumerate(segments):
        bound |= {f"{column}_{n}": segment[column] for column in _SEGMENT_RULE}
    sql = _SCORE.format(
        sums=SUMS,
        segment=_segment(len(segments)),
        measured="".join(f", {text}" for n, criterion in enumerate(criteria) for text in _measured(n, criterion)),
        ratings=" ".join(_rating(n) for n, criterion in enumerate(criteria) if criterion.figure is None),
        ranked="".join(map(_ranked, ranked)),
        ranks="".join(f" left join ranked_{n} using (account_id)" for n in ranked),
        judged="".join(f", {_sub_score(n, criterion)} as sub_{n}" for n, criterion in enumerate(criteria)),
        counted="".join(f", {_counted(n, criterion)} as counted_{n}" for n, criterion in enumerate(criteria)),
        weight=" + ".join(
            f"case when counted_{n} is null then 0 else cast(:weight_{n} as numeric) end" for n in numbers
        ),
        gained=" + ".join(f"coalesce(counted_{n}, 0) * {_weight(n)}" for n in numbers),
        score=exact_ratio("gained * 100", "nullif(weight, 0)"),
        found=", ".join(f"value_{n}" for n in numbers),
        shares=", ".join(f"counted_{n}" for n in numbers),
        reasons=", ".join(f"missing_{n}" for n in numbers),
    )
    return sql, bound


def period(today: date) -> dict[str, date]:
    """The days that bound the last twelve months and the twelve before."""
    return {"today": today, "since": _years_before(today, 1), "before": _years_before(today, 2)}


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def _bound(n: int, criterion: CriterionFields) -> dict[str, Any]:
    bound: dict[str, Any] = {f"weight_{n}": criterion.weight}
    if criterion.figure is None:
        bound[f"code_{n}"] = criterion.code
    if criterion.method is ScoringMethod.LINEAR:
        bound |= {f"low_{n}": criterion.low, f"high_{n}": criterion.high}
    for m, band in enumerate(criterion.bands):
        bound |= {f"from_{n}_{m}": band.from_value, f"score_{n}_{m}": band.score}
    return bound


def _segment(count: int) -> str:
    """The number of the first of so many segments that the account belongs to; null without one."""
    each = (f" when {_rule_of_segment(n)} then {n}" for n in range(count))
    return f"case{''.join(each)} end" if count else "cast(null as integer)"


def _rule_of_segment(n: int) -> str:
    """Its rule of constants, which the server computes with once: nothing is left of what it does not ask for."""
    rule = IN_SEGMENT.format(segment="segment", account="account")
    for column, kind in _SEGMENT_RULE.items():
        rule = rule.replace(f"segment.{column}", f"cast(:{column}_{n} as {kind})")
    return rule


def _weight(n: int) -> str:
    return f"cast(:weight_{n} as numeric)"


def _measured(n: int, criterion: CriterionFields) -> Iterator[str]:
    if criterion.figure is None:
        yield f"rated_{n}.rating as value_{n}, '{MissingReason.NOT_RATED}' as why_{n}"
    else:
        measured = FIGURES[criterion.figure]
        yield f"{measured.value} as value_{n}, {measured.why} as why_{n}"
    if criterion.within is not None:
        yield f"{_GROUPS[criterion.within]} as group_{n}"


def _rating(n: int) -> str:
    return (
        "left join (select distinct on (given.account_id) given.account_id, given.rating from account_rating given"
        f" where given.org_id = :org_id and given.criterion = :code_{n}"
        f" order by given.account_id, given.rated_at desc, given.id desc) rated_{n}"
        f" on rated_{n}.account_id = account.id"
    )


def _sub_score(n: int, criterion: CriterionFields) -> str:
    value = f"value_{n}"
    match criterion.method:
        case ScoringMethod.BANDS:
            reached = "".join(
                f" when {value} >= cast(:from_{n}_{m} as numeric) then cast(:score_{n}_{m} as numeric)"
                for m in reversed(range(len(criterion.bands)))
            )
            return f"case{reached} when {value} is not null then 0 end"
        case ScoringMethod.LINEAR:
            low, high = f"cast(:low_{n} as numeric)", f"cast(:high_{n} as numeric)"
            between = exact_ratio(f"{value} - {low}", f"{high} - {low}")
            share = f"case when {value} <= {low} then 0 when {value} >= {high} then 1 else {between} end"
        case ScoringMethod.PERCENTILE:
            share = f"rank_{n}"
        case _:
            assert_never(criterion.method)
    return f"1 - {share}" if criterion.less_is_better else share


def _ranked(n: int) -> str:
    """The mid-ranks of those with a value and a group, apart from the other columns: less is carried through a sort."""
    group = f"partition by group_{n}"
    # The rank counts who is below, the running count also who is equal: half of their sum is the mid-rank. Whole parts
    # are compared first: sooner, as integers.
    order = f"{group} order by cast(trunc(value_{n}) as bigint), value_{n}"
    rank = exact_ratio_of_counts(f"rank() over ({order}) - 1 + count(*) over ({order})", f"2 * count(*) over ({group})")
    return (
        f", ranked_{n} as materialized (select account_id, {rank} as rank_{n} from measured"
        f" where value_{n} is not null and group_{n} is not null)"
    )


def _counted(n: int, criterion: CriterionFields) -> str:
    missing = f"case when value_{n} is null then why_{n}"
    if criterion.within is not None:
        missing += f" when group_{n} is null then '{MissingReason.NO_GROUP}'"
    counted = f"coalesce(sub_{n}, 0)" if criterion.missing is MissingValue.ZERO else f"sub_{n}"
    return f"{missing} end as missing_{n}, {counted}"


# `offset 0` keeps a step from being merged into the next, which would compute every sub-score once per mention. Scores
# are added in their order, for their index is the largest.
_SCORE = """
with {sums}, placed as (
  select account.*, {segment} as segment from account where account.org_id = :org_id
), measured as materialized (
  select account.id as account_id{measured}
  from placed account
  left join deals on deals.account_id = account.id
  left join touches on touches.account_id = account.id
  {ratings}
){ranked}, judged as (
  select *{judged} from measured{ranks}
), counted as (
  select *{counted} from judged offset 0
), weighed as (
  select *, {weight} as weight, {gained} as gained from counted offset 0
), scored as (
  select *, {score} as score from weighed offset 0
), classed as (
  select account_id, score,
         case when score >= :class_a then 'A' when score >= :class_b then 'B' when score >= :class_c then 'C'
              when score is not null then 'D' end as account_class,
         cast(array[{found}] as numeric[]) as found, cast(array[{shares}] as numeric[]) as counted,
         cast(array[{reasons}] as text[]) as missing
  from scored
), changed as materialized (
  select classed.*, held.id as held_id from classed
  left join account_score held on held.org_id = :org_id and held.account_id = classed.account_id
   and held.scorecard_id = :scorecard
  where (held.account_id, held.score, held.account_class, held.found, held.counted, held.missing) is distinct from
        (classed.account_id, classed.score, classed.account_class, classed.found, classed.counted, classed.missing)
), updated as (
  update account_score held set score = changed.score, account_class = changed.account_class, found = changed.found,
         counted = changed.counted, missing = changed.missing
  from changed where held.org_id = :org_id and held.id = changed.held_id
), added as (
  insert into account_score (org_id, id, scorecard_id, account_id, score, account_class, found, counted, missing)
  select :org_id, uuidv7(), :scorecard, account_id, score, account_class, found, counted, missing
  from changed where held_id is null order by score
)
select (select count(*) from measured) as accounts, (select count(*) from changed) as changed
"""
