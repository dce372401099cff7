"""What a seller gives back when a deal is returned, cancelled or lost again."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise

from pydantic import Field

from app.domain.compensation.terms.words import Words, join, percent, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields
from app.domain.kernel.money import Share


class ClawbackMethod(StrEnum):
    """How much is taken back, never more than was paid for the deal."""

    FULL = "full"
    """All of it within the days."""
    PRO_RATA = "pro_rata"
    """The part of the days that was not served."""
    SCHEDULE = "schedule"
    """By the age of the deal."""


class ClawbackStepFields(Fields):
    """Up to which age what share is taken back."""

    until_day: int = Field(ge=1, le=1_500)
    """The last day after the deal on which the share applies."""
    share: Share


class ClawbackFields(Fields):
    """What is taken back for a returned deal, by its age in days."""

    method: ClawbackMethod
    days: int | None = Field(default=None, ge=1, le=1_500)
    """For `full` and `pro_rata`: from this age on nothing is taken back."""
    schedule: list[ClawbackStepFields] = Field(default_factory=list, max_length=20)
    """For `schedule`, in order of age; after the last nothing is taken back."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`clawback_days`, `clawback_schedule` where they do not belong to the method or are out of order."""
        scheduled = self.method is ClawbackMethod.SCHEDULE
        if scheduled == (self.days is not None):
            yield FieldError(f"{pointer}/days", "clawback_days", "full and pro_rata, and no other, have days.")
        if scheduled != bool(self.schedule):
            text = "The method schedule, and no other, has a schedule."
            yield FieldError(f"{pointer}/schedule", "clawback_schedule", text)
        for n, (before, step) in enumerate(pairwise(self.schedule), 1):
            if step.until_day <= before.until_day:
                text = "Each step ends later than the one before."
                yield FieldError(f"{pointer}/schedule/{n}/until_day", "clawback_schedule", text)

    def words(self) -> Words:
        """`a deal returned within 90 days is taken back in full`."""
        if self.method is ClawbackMethod.SCHEDULE:
            steps = join(
                say(
                    "until day {n}: {share}", "jusqu'au jour {n} : {share}", n=step.until_day, share=percent(step.share)
                )
                for step in self.schedule
            )
            return say(
                "of a returned deal is taken back {steps}", "d'une affaire annulée est repris {steps}", steps=steps
            )
        said = {
            ClawbackMethod.FULL: Words(
                "a deal returned within {n} days is taken back in full",
                "une affaire annulée sous {n} jours est reprise en entier",
            ),
            ClawbackMethod.PRO_RATA: Words(
                "a deal returned within {n} days is taken back for the days not served",
                "une affaire annulée sous {n} jours est reprise pour les jours restants",
            ),
        }[self.method]
        return say(said.en, said.fr, n=self.days or 0)
