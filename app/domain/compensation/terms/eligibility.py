"""Who takes part in a plan, and how what they may earn follows from their salary."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.compensation.terms.words import Words, join, percent, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields
from app.domain.kernel.money import Share, round_half_away
from app.domain.organisation.contract import JobRole, Team


class EligibilityFields(Fields):
    """Who takes part, from day to day; what is left empty does not restrict, and those named always do."""

    job_roles: list[JobRole] = Field(default_factory=list, max_length=50)
    """While a seller has one of these job roles."""
    teams: list[Team] = Field(default_factory=list, max_length=200)
    """While a seller belongs to one of these teams."""
    hired_from: date | None = None
    """Hired on this day or later."""
    hired_before: date | None = None
    """Hired before this day."""
    tenure_months: Annotated[int, Field(ge=1, le=120)] | None = None
    """Only from so many months after being hired."""
    seller_ids: list[UUID] = Field(default_factory=list, max_length=1_000)
    """Named sellers, whatever their role, team and tenure."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`eligibility_empty` for dates between which nobody is hired."""
        if self.hired_from and self.hired_before and self.hired_before <= self.hired_from:
            yield FieldError(f"{pointer}/hired_before", "eligibility_empty", "It lies after hired_from.")

    def words(self) -> Words:
        """`open to Account executive, hired before 2026-07-01`."""
        said = [Words(", ".join(names), ", ".join(names)) for names in (self.job_roles, self.teams) if names]
        if self.hired_from:
            said.append(say("hired from {day} on", "arrivés dès le {day}", day=_day(self.hired_from)))
        if self.hired_before:
            said.append(say("hired before {day}", "arrivés avant le {day}", day=_day(self.hired_before)))
        if self.tenure_months:
            n = self.tenure_months
            said.append(say("after {n} months of service", "après {n} mois d'ancienneté", n=n))
        if self.seller_ids:
            said.append(say("{n} named seller(s)", "{n} commercial(aux) désigné(s)", n=len(self.seller_ids)))
        return say("open to {who}", "ouvert à : {who}", who=join(said) if said else Words("everybody", "tous"))


class PayMixFields(Fields):
    """How pay on target is made up: 0.6 and 0.4 are 60 % salary and 40 % variable."""

    fixed: Annotated[Share, Field(gt=Decimal(0))]
    variable: Annotated[Share, Field(gt=Decimal(0))]

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`pay_mix_sum` unless both are 1 together."""
        if self.fixed + self.variable != 1:
            yield FieldError(pointer, "pay_mix_sum", "fixed and variable add up to 1.")

    def variable_of_salary(self, base_salary: Decimal) -> Decimal:
        """The target incentive that goes with a salary."""
        return round_half_away(base_salary * self.variable / self.fixed, 4)

    def salary_of(self, on_target_earnings: Decimal) -> Decimal:
        """The salary in what is earned on target; the rest is variable."""
        return round_half_away(on_target_earnings * self.fixed, 4)

    def words(self) -> Words:
        """`60 % salary, 40 % variable on target`."""
        return say(
            "{fixed} salary, {variable} variable on target",
            "{fixed} de fixe, {variable} de variable à objectif atteint",
            fixed=percent(self.fixed),
            variable=percent(self.variable),
        )


def _day(day: date) -> Words:
    return Words(day.isoformat(), f"{day:%d/%m/%Y}")
