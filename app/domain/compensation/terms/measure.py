"""What is measured, whose, and which transactions of it count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from app.domain.compensation.terms.choices import NO_TRANSACTIONS, ComponentKind, Measured, Whose
from app.domain.compensation.terms.counted import CountedFields, WeightFields
from app.domain.compensation.terms.words import Words, join, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields

_ACTIVITY = ("visit", "call", "video", "email", "meeting")
NAMES = {
    Measured.REVENUE: Words("credited revenue", "chiffre d'affaires crédité"),
    Measured.BOOKINGS: Words("credited bookings", "commandes créditées"),
    Measured.MARGIN: Words("credited margin", "marge créditée"),
    Measured.UNITS: Words("credited units", "unités créditées"),
    Measured.DEALS: Words("credited deals", "affaires créditées"),
    Measured.CUSTOMERS: Words("customers who bought", "nombre de clients acheteurs"),
    Measured.ACTIVITY: Words("activities done", "activités réalisées"),
    Measured.OBJECTIVE_SCORE: Words("score of the objectives", "score des objectifs"),
    Measured.EARNINGS: Words("earnings", "gains"),
}
KINDS = {
    ComponentKind.COMMISSION: Words("commissions", "commissions"),
    ComponentKind.BONUS: Words("bonuses", "primes"),
    ComponentKind.OBJECTIVE: Words("objectives", "objectifs"),
    ComponentKind.SPIF: Words("spifs", "challenges"),
    ComponentKind.OVERRIDE: Words("overrides", "commissions d'encadrement"),
}
_WHOSE = {
    Whose.OWN: Words("own {what}", "{what} propre"),
    Whose.TEAM: Words("{what} of the team", "{what} de l'équipe"),
    Whose.COLLEAGUES: Words("{what} of all who report to the same manager", "{what} de tous ceux du même responsable"),
    Whose.OVERLAY: Words("{what} from overlays", "{what} en superposition"),
}


class LevelsFields(Fields):
    """Some levels of the team: 0 is the seller, 1 those who report to the seller, 2 those who report to them."""

    nearest: int = Field(ge=0, le=50)
    furthest: int | None = Field(default=None, ge=0, le=50)
    """The last level that counts; absent is everybody below."""

    def words(self) -> Words:
        """`levels 1 to 2 of the team`."""
        if self.furthest is None:
            return say("from level {n} down", "à partir du niveau {n}", n=self.nearest)
        if self.furthest == self.nearest:
            return say("level {n} only", "niveau {n} seulement", n=self.nearest)
        return say("levels {n} to {m}", "niveaux {n} à {m}", n=self.nearest, m=self.furthest)


class MeasureFields(Fields):
    """What is measured and whose."""

    of: Measured
    whose: Whose
    levels: LevelsFields | None = None
    """Of the team, such as its direct reports alone; absent is the seller and everybody below."""
    annualised: bool = False
    """Whether a contract of more than twelve months counts what falls in twelve; of unknown length, all of it."""
    only: CountedFields | None = None
    weights: list[WeightFields] = Field(default_factory=list, max_length=20)
    """For how much of itself a transaction counts: the first that it is like; without any, for all of it."""
    activities: list[Annotated[str, Field(pattern=f"^({'|'.join(_ACTIVITY)})$")]] = Field(
        default_factory=list, max_length=len(_ACTIVITY)
    )
    """Kinds of activity that count, for the measure `activity`; empty counts all."""
    earned_by: ComponentKind | None = None
    """Components of this kind, for the measure `earnings`; absent is all."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`measure_restriction` for what does not belong to the measure."""
        if self.activities and self.of is not Measured.ACTIVITY:
            yield FieldError(f"{pointer}/activities", "measure_restriction", "Only the measure activity has kinds.")
        for name in ("only", "weights", "annualised"):
            if getattr(self, name) and self.of in NO_TRANSACTIONS:
                yield FieldError(f"{pointer}/{name}", "measure_restriction", f"{self.of.value} counts no transactions.")
        if self.levels and self.whose is not Whose.TEAM:
            yield FieldError(f"{pointer}/levels", "measure_restriction", "Only a team has levels.")
        if self.levels and self.levels.furthest is not None and self.levels.furthest < self.levels.nearest:
            yield FieldError(f"{pointer}/levels/furthest", "range_empty", "It is not before nearest.")
        if self.only:
            yield from self.only.findings(f"{pointer}/only")
        for n, weight in enumerate(self.weights):
            yield from weight.range_findings(f"{pointer}/weights/{n}")
        if self.whose in (Whose.OVERLAY, Whose.COLLEAGUES) and self.of in NO_TRANSACTIONS:
            text = f"{self.of.value} counts no transactions: measure what is own, or the team's."
            yield FieldError(f"{pointer}/whose", "measure_restriction", text)
        if self.earned_by and self.of is not Measured.EARNINGS:
            text = "Only earnings are those of some kind of component."
            yield FieldError(f"{pointer}/earned_by", "measure_restriction", text)
        if self.of is Measured.EARNINGS and self.whose is not Whose.TEAM:
            yield FieldError(f"{pointer}/whose", "measure_restriction", "Earnings are measured of a team.")

    def words(self, currency: str) -> Words:
        """`own credited revenue of transactions from 10,000 EUR`."""
        whose = _WHOSE[self.whose]
        said = [say(whose.en, whose.fr, what=NAMES[self.of])]
        said += [self.levels.words()] if self.levels else []
        if self.earned_by:
            said.append(say("by {kind}", "par {kind}", kind=KINDS[self.earned_by]))
        if self.annualised:
            said.append(Words("of longer contracts twelve months", "douze mois des contrats plus longs"))
        if self.only:
            said += self.only.words(currency)
        said += [weight.words() for weight in self.weights]
        if self.activities:
            said.append(Words(", ".join(self.activities), ", ".join(self.activities)))
        return join(said, ", ")
