"""How a fiscal year is cut: pure calendar arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.organisation.contract import CalendarPattern, PeriodKind

_SPANS = (
    (PeriodKind.MONTH, 1, "M"),
    (PeriodKind.QUARTER, 3, "Q"),
    (PeriodKind.HALF, 6, "H"),
    (PeriodKind.YEAR, 12, ""),
)


@dataclass(frozen=True)
class Cut:
    """One period of a fiscal year, half open."""

    code: str
    kind: PeriodKind
    ordinal: int
    start: date
    end: date


def fiscal_periods(year: int, start: date, pattern: CalendarPattern) -> Iterator[Cut]:
    """The months of a fiscal year, then its quarters, halves and the year itself.

    Codes are `2026-M01`, `2026-Q1`, `2026-H1` and `2026`. A 4-4-5 year has 52 weeks in months of 4, 4 and 5.
    """
    bounds = _month_starts(start, pattern)
    for kind, months, letter in _SPANS:
        for ordinal in range(1, 12 // months + 1):
            code = (
                f"{year}"
                if not letter
                else f"{year}-{letter}{ordinal:02d}"
                if letter == "M"
                else f"{year}-{letter}{ordinal}"
            )
            yield Cut(code, kind, ordinal, bounds[(ordinal - 1) * months], bounds[ordinal * months])


def _month_starts(start: date, pattern: CalendarPattern) -> list[date]:
    if pattern is CalendarPattern.WEEKS_4_4_5:
        weeks = [4, 4, 5] * 4
        return [start + timedelta(weeks=sum(weeks[:n])) for n in range(13)]
    return [_months_later(start, n) for n in range(13)]


def _months_later(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, day.day)
