"""Over what time a measure is added up, and when it is paid."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from pydantic import Field

from app.domain.compensation.terms.words import Words, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields


class WindowLength(StrEnum):
    """What is added up before the rate applies."""

    TRANSACTION = "transaction"
    """Nothing: each transaction by itself."""
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    """Year to date while the year runs."""
    ROLLING = "rolling"
    """Each month is paid; the table is read with the last `months` months, those of the year before among them."""


class QuotaBasis(StrEnum):
    """The quota, and the target incentive, that belong to a window."""

    WINDOW = "window"
    """Those of the whole window."""
    TO_DATE = "to_date"
    """Those of its months begun before the end of the period being paid."""


class WhenPaid(StrEnum):
    """When a window is paid."""

    EACH_PERIOD = "each_period"
    """Each period pays what the window has earned beyond what was paid."""
    AT_END = "at_end"
    """Nothing until the window is over."""
    NEVER = "never"
    """It pays nothing by itself: others look at its figures, or multiply what its table says."""


_OVER = {
    WindowLength.TRANSACTION: Words("by each transaction", "par transaction"),
    WindowLength.MONTH: Words("by month", "par mois"),
    WindowLength.QUARTER: Words("by quarter", "par trimestre"),
    WindowLength.HALF_YEAR: Words("by half-year", "par semestre"),
    WindowLength.YEAR: Words("over the fiscal year to date", "sur l'exercice en cumul"),
}


class WindowFields(Fields):
    """Over what time, against which quota, paid when."""

    over: WindowLength
    months: int | None = Field(default=None, ge=2, le=12)
    """How many months a rolling window looks back over, its own included."""
    quota: QuotaBasis | None = None
    """Which quota attainment is held against; absent when the component needs none."""
    paid: WhenPaid

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`window_months`, `window_quota` or `window_paid` for what does not belong to the length."""
        if (self.over is WindowLength.ROLLING) != (self.months is not None):
            yield FieldError(f"{pointer}/months", "window_months", "A rolling window, and no other, has months.")
        if self.over is WindowLength.TRANSACTION and self.quota:
            yield FieldError(f"{pointer}/quota", "window_quota", "A single transaction has no quota.")
        if self.over is WindowLength.TRANSACTION and self.paid is WhenPaid.AT_END:
            yield FieldError(f"{pointer}/paid", "window_paid", "A transaction is paid with its period.")
        if self.over is WindowLength.TRANSACTION and self.paid is WhenPaid.NEVER:
            text = "Others cannot look at single transactions: use a longer window."
            yield FieldError(f"{pointer}/paid", "window_paid", text)

    def words(self) -> Words:
        """`by quarter, paid when it is over`."""
        if self.over is WindowLength.ROLLING:
            over = say("by month, on the last {n} months", "par mois, sur les {n} derniers mois", n=self.months or 0)
        else:
            over = _OVER[self.over]
        if self.quota is QuotaBasis.TO_DATE:
            over = say("{over} against the quota to date", "{over} face au quota à date", over=over)
        elif self.quota is QuotaBasis.WINDOW:
            over = say("{over} against its whole quota", "{over} face à son quota entier", over=over)
        if self.paid is WhenPaid.NEVER:
            return say(
                "{over}, paid only through other components",
                "{over}, versé seulement par d'autres composantes",
                over=over,
            )
        if self.paid is WhenPaid.AT_END:
            return say("{over}, paid when it is over", "{over}, versé à son terme", over=over)
        return say("{over}, paid each period", "{over}, versé à chaque période", over=over)
