"""Decisions on territories: pure."""

from __future__ import annotations

from datetime import date

from app.domain.territories.contract.models import TerritoryModelState


def in_order(start: date, end: date | None) -> bool:
    """Whether a half-open range holds at least one day."""
    return end is None or end > start


def placing_day(state: TerritoryModelState, starts_on: date, asked: date | None, today: date) -> date:
    """First day on which accounts are placed anew.

    Without a day asked for, a design is placed from its first day, and a model in force from today: its past stays as
    it was unless somebody says otherwise. Never before the model's first day.
    """
    chosen = asked or (today if state == TerritoryModelState.ACTIVE else starts_on)
    return max(chosen, starts_on)


def end_when_archived(starts_on: date, ends_on: date | None, today: date) -> date:
    """The exclusive end of a model archived today; its first day if it never was in force."""
    return max(starts_on, min(today, ends_on or today))


def new_territory_codes(count: int) -> tuple[str, ...]:
    """The codes of new territories: T001, T002 and so on, all of one length."""
    digits = max(3, len(str(count)))
    return tuple(f"T{number:0{digits}}" for number in range(1, count + 1))
