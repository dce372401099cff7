"""The explanation of a line: from its cents to the rule and assignment that credited each deal."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from app.domain.compensation.contract.crediting import CreditedBy, CreditRole
from app.domain.compensation.contract.plans import InWordsView
from app.domain.compensation.contract.runs import EarningSlice, EarningView
from app.domain.kernel.money import Amount, Currency, Figure, Rate
from app.domain.kernel.resource import View


class ExplainedQuota(View):
    """A quota that the line is held against, as the seller accepted it last."""

    quota_id: UUID
    measure: str
    in_window: Amount
    """What of it falls in the window of the line."""
    to_date: Amount
    """What of that falls before `as_of`."""


class ExplainedCredit(View):
    """Why somebody was credited for a deal."""

    credit_id: UUID
    seller_id: UUID
    seller: str
    role: CreditRole
    rule: CreditedBy
    rule_id: UUID | None = None
    """The crediting rule; null for a manual credit."""
    rule_name: str | None = None
    source_id: UUID
    """The transaction, territory, account, overlay assignment or manual credit that named the seller."""
    source: str | None = None
    """Its name; the reason of a manual credit."""
    share: Rate | None = None
    """Of the split, coverage or overlay; null where the rule gives the whole deal."""
    effective_from: date | None = None
    """First day of the assignment that made the rule name the seller; null where it has none."""
    effective_to: date | None = None
    amount: Amount | None = None
    """Credited, in the currency of the line."""


class FigureUnit(StrEnum):
    """What a figure is."""

    AMOUNT = "amount"
    """In the currency of the line."""
    NUMBER = "number"
    RATIO = "ratio"
    """1 is 100 %."""


FIGURE_UNITS = {
    "money": FigureUnit.AMOUNT,
    "price": FigureUnit.AMOUNT,
    "quantity": FigureUnit.NUMBER,
    "rate": FigureUnit.RATIO,
}
"""By the units of formulas."""


class ExplainedFigure(View):
    """A figure that the formula or the table of the component was read with."""

    name: str
    """As a formula writes it."""
    unit: FigureUnit
    in_words: InWordsView
    value: Figure | None = None
    """Null where it could not be said."""


class ExplainedFormula(View):
    """The formula of a component."""

    text: str
    in_words: InWordsView


class ExplainedWorking(View):
    """How the amount of a window, or of a deal that is paid by itself, came about."""

    window_start: date
    """First day of the window; the day of the deal."""
    figures: list[ExplainedFigure]
    slices: list[EarningSlice]
    """Of a deal that a table pays: the tier, cell or piece of a curve that it earned in, several where tiers cut it."""
    computed: Figure | None = None
    """What the formula came to, before gates, limits and rounding; null where a table pays."""
    earned: Amount | None = None
    """What the window or the deal has earned, after them and after a shared budget."""


class ExplainedDeal(View):
    """A transaction that the line counts or that it takes back."""

    transaction_id: UUID
    credit_date: date
    account: str | None = None
    """Who bought."""
    product: str | None = None
    description: str | None = None
    transaction_amount: Amount
    transaction_currency: Currency
    credited: Amount
    """What it now counts for the line; zero where it no longer counts and is taken back."""
    amount: Amount
    """The cents of the line that it brought."""
    working: ExplainedWorking | None = None
    """How it was paid, of a component that pays each transaction by itself otherwise than at one flat rate."""
    credits: list[ExplainedCredit]
    """Those that the line counts: the seller's own, and for a team those of everybody below."""


class ExplainedParts(View):
    """The line laid on its deals; what all of them brought and what no deal brought add up to it."""

    deals: list[ExplainedDeal]
    """In order of date, as many as asked for with `deals`, after the first `skip`."""
    count: int
    """How many there are."""
    amount: Amount
    """What all of them brought."""
    without_deal: Amount
    """The part of the line that no transaction brought."""


class EarningExplanationView(EarningView):
    """A posted line as one tree: component in words, bands, attainment and quota, deals, rules and assignments."""

    plan_code: str
    plan_version: int
    formula: ExplainedFormula | None = None
    """What the rate says, where it is a formula."""
    workings: list[ExplainedWorking]
    """Where the rate is a formula: each window, with the figures that it read. Of deals see `parts`."""
    quotas: list[ExplainedQuota]
    """They may have been amended since; `quota_window` and `quota_to_date` are what the line was calculated with."""
    parts: ExplainedParts
