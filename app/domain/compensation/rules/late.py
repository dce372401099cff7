"""Transactions that come too late for a period that is closed: recorded, told of, and paid in an open one."""

from __future__ import annotations

from typing import Final

DATE_IN_CLOSED_PERIOD: Final = "date_in_closed_period"
LATE_REMEDY: Final = (
    "%s is closed and stays as it was paid: the difference is paid with the next run of an open period, as a true-up of"
    " that period. Correct the date if it is wrong; reopen the period only if it has to be paid again."
)
"""What is told, with the code of the period in the place of `%s`."""

CLOSED_PERIOD_SQL: Final = """(select p.id from fiscal_period p where p.org_id = :org_id and p.state = 'closed'
  and p.valid @> {day} order by p.end_date - p.start_date, p.id limit 1)"""
"""The shortest closed period of a day; placeholder `{day}`."""
