"""How a fiscal year is cut."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.domain.organisation.contract import CalendarPattern, PeriodKind
from app.domain.organisation.rules import fiscal_periods

STARTS = st.dates(date(2000, 1, 1), date(2100, 1, 1)).map(lambda day: day.replace(day=min(day.day, 28)))


@given(start=STARTS, pattern=st.sampled_from(CalendarPattern))
def test_periods_of_a_kind_tile_the_year(start: date, pattern: CalendarPattern) -> None:
    cuts = list(fiscal_periods(2026, start, pattern))
    [year] = [cut for cut in cuts if cut.kind is PeriodKind.YEAR]
    assert year.start == start
    for kind, count in ((PeriodKind.MONTH, 12), (PeriodKind.QUARTER, 4), (PeriodKind.HALF, 2)):
        parts = [cut for cut in cuts if cut.kind is kind]
        assert [part.ordinal for part in parts] == list(range(1, count + 1))
        assert (parts[0].start, parts[-1].end) == (year.start, year.end)
        assert all(one.end == other.start for one, other in pairwise(parts))


@given(start=STARTS)
def test_a_4_4_5_year_has_52_weeks_and_months_of_4_4_and_5(start: date) -> None:
    months = [cut for cut in fiscal_periods(2026, start, CalendarPattern.WEEKS_4_4_5) if cut.kind is PeriodKind.MONTH]
    assert [(cut.end - cut.start) // timedelta(weeks=1) for cut in months] == [4, 4, 5] * 4


def test_codes_name_year_kind_and_place() -> None:
    codes = [cut.code for cut in fiscal_periods(2026, date(2026, 4, 1), CalendarPattern.CALENDAR_MONTHS)]
    assert codes[0] == "2026-M01"
    assert codes[11:13] == ["2026-M12", "2026-Q1"]
    assert codes[-3:] == ["2026-H1", "2026-H2", "2026"]
