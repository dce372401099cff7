"""Proration of amendments: by days, exact, and nothing before the day is touched."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from app.domain.quotas.proration import MonthShare, amended, spread
from app.domain.quotas.rules import in_units, phase

STARTS = [date(2026, month, 1) for month in range(1, 13)] + [date(2027, 1, 1)]
AMOUNTS = st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100)
WEIGHTS = st.lists(st.integers(0, 50), min_size=12, max_size=12)
DAYS = st.integers(0, 364).map(lambda days: date(2026, 1, 1) + timedelta(days))


def year(amount: Decimal, weights: list[int]) -> list[MonthShare]:
    parts = phase(amount, [Fraction(weight) for weight in weights], 2)
    spans = zip(STARTS, STARTS[1:], parts, strict=False)
    return [MonthShare(uuid4(), start, end, part, part) for start, end, part in spans]


def days_left(month: MonthShare, day: date) -> Fraction:
    return Fraction(
        sum(month.start + timedelta(n) >= day for n in range((month.end - month.start).days)),
        (month.end - month.start).days,
    )


@given(AMOUNTS, AMOUNTS, WEIGHTS, DAYS)
def test_months_before_stay_later_ones_follow_and_all_add_up(
    old: Decimal, whole: Decimal, weights: list[int], day: date
) -> None:
    months = year(old, weights)
    made = amended(whole, months, day, 2)
    season = sum((Fraction(month.seasonal) for month in months), Fraction(0))
    exact = Fraction(0)
    for month, kept, amount in zip(months, made.kept, made.amounts, strict=True):
        left = days_left(month, day)
        part = Fraction(month.seasonal) / season if season else Fraction(1, 12)
        mine = Fraction(month.amount) * (1 - left) + Fraction(whole) * part * left
        exact += mine
        assert abs(Fraction(amount) - mine) <= Fraction(2, 100)
        assert kept <= amount
        if month.end <= day:
            assert (kept, amount) == (month.amount, month.amount)
    assert made.total == sum(made.amounts)
    assert abs(Fraction(made.total) - exact) <= Fraction(1, 200)


@given(AMOUNTS.filter(bool), WEIGHTS.filter(any), DAYS)
def test_the_same_amount_from_any_day_changes_nothing(amount: Decimal, weights: list[int], day: date) -> None:
    months = year(amount, weights)
    assert amended(amount, months, day, 2).amounts == [month.amount for month in months]


@given(AMOUNTS, AMOUNTS, AMOUNTS, WEIGHTS, DAYS)
def test_another_total_after_an_amendment_leaves_what_was_kept(
    old: Decimal, whole: Decimal, more: Decimal, weights: list[int], day: date
) -> None:
    months = year(old, weights)
    first = amended(whole, months, day, 2)
    kept = [in_units(part, 2) for part in first.kept]
    again = spread(sum(first.kept, Decimal(0)) + more, months, day, kept, 2)
    assert again.kept == first.kept
    assert again.total == sum(first.kept) + more
    for month, before, after in zip(months, first.amounts, again.amounts, strict=True):
        if month.end <= day:
            assert after == before
