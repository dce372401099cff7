"""Pure decisions on dates."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.territories.contract.models import TerritoryModelState
from app.domain.territories.contract.territories import TerritoryRule
from app.domain.territories.rules import end_when_archived, in_order, placing_day

DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
JANUARY, MAY, JUNE = date(2026, 1, 1), date(2026, 5, 1), date(2026, 6, 1)


def test_a_design_is_placed_from_its_first_day_and_a_model_in_force_from_today() -> None:
    assert placing_day(TerritoryModelState.DRAFT, JANUARY, None, JUNE) == JANUARY
    assert placing_day(TerritoryModelState.ACTIVE, JANUARY, None, JUNE) == JUNE
    assert placing_day(TerritoryModelState.ACTIVE, JANUARY, MAY, JUNE) == MAY


@given(st.sampled_from(TerritoryModelState), DAYS, st.none() | DAYS, DAYS)
def test_nothing_is_placed_before_the_model_begins(
    state: TerritoryModelState, starts_on: date, asked: date | None, today: date
) -> None:
    assert placing_day(state, starts_on, asked, today) >= starts_on


@given(DAYS, st.none() | DAYS, DAYS)
def test_archiving_never_lengthens_a_model_and_never_ends_it_before_its_start(
    starts_on: date, ends_on: date | None, today: date
) -> None:
    end = end_when_archived(starts_on, ends_on, today)
    assert end >= starts_on
    if in_order(starts_on, ends_on):
        assert ends_on is None or end <= ends_on
        assert end <= max(today, starts_on)


def test_an_empty_range_is_out_of_order() -> None:
    assert not in_order(JANUARY, JANUARY)
    assert in_order(JANUARY, None)


def test_a_rule_with_reversed_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="min_employees"):
        TerritoryRule(min_employees=10, max_employees=9)
