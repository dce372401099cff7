"""What is measured, whose, and which transactions of it count."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.compensation.terms.choices import Measured, Whose
from app.domain.compensation.terms.words import Words, join, money, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields, ShortText
from app.domain.kernel.money import Amount

_ACTIVITY = ("visit", "call", "video", "email", "meeting")
NAMES = {
    Measured.REVENUE: Words("credited revenue", "chiffre d'affaires crédité"),
    Measured.BOOKINGS: Words("credited bookings", "commandes créditées"),
    Measured.MARGIN: Words("credited margin", "marge créditée"),
    Measured.UNITS: Words("credited units", "unités créditées"),
    Measured.DEALS: Words("credited deals", "affaires créditées"),
    Measured.ACTIVITY: Words("activities done", "activités réalisées"),
    Measured.OBJECTIVE_SCORE: Words("score of the objectives", "score des objectifs"),
}
_WHOSE = {
    Whose.OWN: Words("own {what}", "{what} propre"),
    Whose.TEAM: Words("{what} of the team", "{what} de l'équipe"),
    Whose.OVERLAY: Words("{what} from overlays", "{what} en superposition"),
}


class CountedFields(Fields):
    """Which transactions count; what is left empty does not restrict."""

    products: list[UUID] = Field(default_factory=list, max_length=200)
    product_families: list[Annotated[ShortText, Field(min_length=1)]] = Field(default_factory=list, max_length=50)
    segments: list[UUID] = Field(default_factory=list, max_length=50)
    """Market segments one of which the account belongs to."""
    minimum_deal: Annotated[Amount, Field(gt=Decimal(0))] | None = None
    """The smallest whole transaction that counts, in the plan's currency; a return counts from this size too."""


class MeasureFields(Fields):
    """What is measured and whose."""

    of: Measured
    whose: Whose
    only: CountedFields | None = None
    activities: list[Annotated[str, Field(pattern=f"^({'|'.join(_ACTIVITY)})$")]] = Field(
        default_factory=list, max_length=len(_ACTIVITY)
    )
    """Kinds of activity that count, for the measure `activity`; empty counts all."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`measure_restriction` for what does not belong to the measure."""
        if self.activities and self.of is not Measured.ACTIVITY:
            yield FieldError(f"{pointer}/activities", "measure_restriction", "Only the measure activity has kinds.")
        if self.only and self.of in (Measured.ACTIVITY, Measured.OBJECTIVE_SCORE):
            yield FieldError(f"{pointer}/only", "measure_restriction", f"{self.of.value} counts no transactions.")
        if self.whose is Whose.OVERLAY and self.of in (Measured.ACTIVITY, Measured.OBJECTIVE_SCORE):
            yield FieldError(f"{pointer}/whose", "measure_restriction", "Overlays credit transactions only.")

    def words(self, currency: str) -> Words:
        """`own credited revenue of transactions from 10,000 EUR`."""
        whose = _WHOSE[self.whose]
        said = [say(whose.en, whose.fr, what=NAMES[self.of])]
        if self.only and self.only.minimum_deal is not None:
            least = money(self.only.minimum_deal, currency)
            said.append(say("transactions from {least} on", "transactions à partir de {least}", least=least))
        if self.only and self.only.product_families:
            named = ", ".join(self.only.product_families)
            said.append(say("product families {named}", "familles de produits {named}", named=named))
        if self.only and self.only.products:
            n = len(self.only.products)
            said.append(say("{n} named product(s)", "{n} produit(s) désigné(s)", n=n))
        if self.only and self.only.segments:
            n = len(self.only.segments)
            said.append(say("{n} named segment(s)", "{n} segment(s) désigné(s)", n=n))
        if self.activities:
            said.append(Words(", ".join(self.activities), ", ".join(self.activities)))
        return join(said, ", ")
