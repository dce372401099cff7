"""Which transactions count, and for how much of themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.compensation.terms.labels import Label
from app.domain.compensation.terms.words import Words, join, money, number, percent, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields, ShortText
from app.domain.kernel.money import Amount, Rate, Share


class TermFields(Fields):
    """Contracts by their length in months; one of unknown length is outside every range."""

    at_least: Annotated[int, Field(ge=1, le=240)] | None = None
    below: Annotated[int, Field(ge=2, le=241)] | None = None


class DiscountFields(Fields):
    """Sales by their discount, 0.2 is 20 %; one of unknown discount is outside every range."""

    at_least: Share | None = None
    below: Share | None = None


Labels = Annotated[list[Label], Field(default_factory=list, max_length=20)]


class TraitFields(Fields):
    """What a transaction is like; what is left empty does not restrict."""

    products: list[UUID] = Field(default_factory=list, max_length=200)
    product_families: list[Annotated[ShortText, Field(min_length=1)]] = Field(default_factory=list, max_length=50)
    renewal: bool | None = None
    """True for renewals alone, false for everything else alone."""
    term_months: TermFields | None = None
    discount: DiscountFields | None = None
    labels: Labels
    """Labels of the transaction, at least one of which it has, such as self_sourced."""
    without_labels: Labels
    """Labels of which it has none."""

    @property
    def of_products(self) -> bool:
        """Whether it names products."""
        return bool(self.products or self.product_families)

    def range_findings(self, pointer: str) -> Iterator[FieldError]:
        """`range_empty` for a range that nothing is in, `label_twice` for one that is wanted and is not."""
        for n, label in enumerate(self.without_labels):
            if label in self.labels:
                text = "It is asked for already: nothing can have it and not have it."
                yield FieldError(f"{pointer}/without_labels/{n}", "label_twice", text)
        for name in ("term_months", "discount"):
            range_ = getattr(self, name)
            if range_ is None:
                continue
            if range_.at_least is None and range_.below is None:
                yield FieldError(f"{pointer}/{name}", "range_empty", "Give at_least, below or both.")
            elif range_.at_least is not None and range_.below is not None and range_.below <= range_.at_least:
                yield FieldError(f"{pointer}/{name}/below", "range_empty", "It lies above at_least.")

    def trait_words(self) -> Iterator[Words]:
        """`renewals`, `contracts of 24 to 36 months`."""
        if self.product_families:
            named = ", ".join(self.product_families)
            yield say("product families {named}", "familles de produits {named}", named=named)
        if self.products:
            yield say("{n} named product(s)", "{n} produit(s) désigné(s)", n=len(self.products))
        if self.renewal is not None:
            yield Words("renewals", "renouvellements") if self.renewal else Words("no renewals", "hors renouvellements")
        if self.term_months:
            yield _range(
                Words("contract months", "mois de contrat"), self.term_months.at_least, self.term_months.below, _count
            )
        if self.discount:
            yield _range(Words("discount", "remise"), self.discount.at_least, self.discount.below, percent)
        if self.labels:
            named = ", ".join(self.labels)
            yield say("transactions labelled {named}", "transactions étiquetées {named}", named=named)
        if self.without_labels:
            named = ", ".join(self.without_labels)
            yield say("not labelled {named}", "non étiquetées {named}", named=named)


class CountedFields(TraitFields):
    """Which transactions count; what is left empty does not restrict."""

    segments: list[UUID] = Field(default_factory=list, max_length=50)
    """Market segments one of which the account belongs to."""
    minimum_deal: Annotated[Amount, Field(gt=Decimal(0))] | None = None
    """The smallest whole transaction that counts, in the plan's currency; a return counts from this size too."""
    effective_from: date | None = None
    """First day whose transactions count, such as that of a SPIF."""
    effective_to: date | None = None
    """First day whose transactions no longer count."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`range_empty` for ranges and dates that nothing is in."""
        yield from self.range_findings(pointer)
        if self.effective_from and self.effective_to and self.effective_to <= self.effective_from:
            yield FieldError(f"{pointer}/effective_to", "range_empty", "It lies after effective_from.")

    def words(self, currency: str) -> Iterator[Words]:
        """`transactions from 10,000 EUR on`."""
        if self.minimum_deal is not None:
            least = money(self.minimum_deal, currency)
            yield say("transactions from {least} on", "transactions à partir de {least}", least=least)
        yield from self.trait_words()
        if self.segments:
            yield say("{n} named segment(s)", "{n} segment(s) désigné(s)", n=len(self.segments))
        if self.effective_from:
            yield say("from {day} on", "à partir du {day}", day=_day(self.effective_from))
        if self.effective_to:
            yield say("before {day}", "avant le {day}", day=_day(self.effective_to))


class WeightFields(TraitFields):
    """How much transactions of a kind count, of their amount, margin, units and as deals."""

    factor: Annotated[Rate, Field(ge=Decimal(0))]
    """1.25 counts a quarter more, 0.5 half."""

    def words(self) -> Words:
        """`renewals count by 50 %`."""
        traits = join(self.trait_words(), ", ")
        share = percent(self.factor)
        if not traits.en:
            return say("everything else counts by {share}", "tout le reste compte à {share}", share=share)
        return say("{traits} count by {share}", "{traits} comptent à {share}", traits=traits, share=share)


def _count(value: int) -> Words:
    return number(Decimal(value))


def _day(day: date) -> Words:
    return Words(day.isoformat(), f"{day:%d/%m/%Y}")


def _range(what: Words, low: object, high: object, said: Callable[..., Words]) -> Words:
    if low is None:
        return say("{what} below {high}", "{what} : moins de {high}", what=what, high=said(high))
    if high is None:
        return say("{what} from {low} on", "{what} : dès {low}", what=what, low=said(low))
    return say(
        "{what} from {low} to below {high}",
        "{what} : de {low} à moins de {high}",
        what=what,
        low=said(low),
        high=said(high),
    )
