"""Transactions: what was sold, and whom the record itself credits."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from app.domain.compensation.contract.plans import InWordsView
from app.domain.compensation.terms.labels import Label
from app.domain.compensation.terms.words import Words
from app.domain.kernel.fields import Command, Comment, Fields, ShortText
from app.domain.kernel.money import Amount, Money, Share
from app.domain.kernel.resource import ExternalId, View


class TransactionKind(StrEnum):
    """What happened."""

    BOOKING = "booking"
    INVOICE = "invoice"
    PAYMENT = "payment"
    RETURN = "return"
    """A negative amount that takes back an earlier one; it counts whichever event the plans pay on."""


class SplitFields(Fields):
    """One seller's share of a transaction."""

    seller_id: UUID
    share: Annotated[Share, Field(gt=Decimal(0))]
    """Shares of one transaction add up to exactly 1; thirds are 0.333333, 0.333333 and 0.333334."""


class TransactionFields(Fields):
    """What happened, with whom, when."""

    kind: TransactionKind
    account_id: UUID | None = None
    product_id: UUID | None = None
    opportunity_id: UUID | None = None
    transaction_date: date
    margin: Amount | None = None
    """The part of the amount that is margin, in its currency; null leaves it to the margin of the product."""
    quantity: Amount | None = None
    """Units sold; negative for those returned."""
    term_months: int | None = Field(default=None, ge=1, le=240)
    """How long the contract runs."""
    renewal: bool = False
    """Whether it prolongs a contract that was there before."""
    discount: Share | None = None
    """The discount given on the list price; 0.2 is 20 %."""
    returns_id: UUID | None = None
    """The transaction that a return takes back, which a clawback is reckoned from."""
    description: ShortText | None = None
    labels: list[Label] = Field(default_factory=list, max_length=20)
    """What plans tell it apart by, in words of the organisation: `self_sourced`, `upsell`, `prepaid`."""


DATE_IN_CLOSED_PERIOD: Final = "date_in_closed_period"
LATE_REMEDY: Final = Words(
    "%s is closed and stays as it was paid: the difference is paid with the next run of an open period, as a"
    " true-up of"
    " that period. Correct the date if it is wrong; reopen the period only if it has to be paid again.",
    "%s est close et reste telle qu'elle a été payée\u202f: la différence est versée avec le prochain calcul"
    " d'une période"
    " ouverte, en régularisation de cette période. Corrigez la date si elle est fausse\u202f; ne rouvrez la"
    " période que"
    " s'il faut la payer à nouveau.",
)
"""What is told, with the code of the period in the place of `%s`."""


class TransactionNotice(View):
    """Something to know about a transaction that was recorded."""

    code: str
    """`date_in_closed_period`: it came too late for a period that was closed when it was recorded."""
    pointer: str
    """The field it is about."""
    period_id: UUID
    period_code: str
    """The shortest closed period of its date."""
    detail: str
    """What it means and what to do, in English."""
    in_words: InWordsView
    """The same in both languages."""


class TransactionView(TransactionFields, View):
    """A transaction; it is never changed, only superseded by a correction."""

    id: UUID
    amount: Money
    splits: list[SplitFields]
    """Whom the transaction itself credits; empty leaves it to the plan's other crediting rules."""
    supersedes_id: UUID | None = None
    """The transaction this one corrects."""
    correction_reason: str | None = None
    superseded: bool
    """Whether a correction took its place: it no longer counts."""
    recorded_at: datetime
    closed_period_id: UUID | None = None
    """The shortest period of its date that was closed when it was recorded: what it changes is paid in the"
    " open one."""
    notices: list[TransactionNotice]
    """What there is to know about how it was recorded; usually nothing."""
    external_ids: list[ExternalId]


class RecordTransaction(TransactionFields, Command):
    """Record a transaction."""

    amount: Money
    splits: list[SplitFields] = Field(default_factory=list, max_length=50)


class CorrectTransaction(Command):
    """Put a corrected transaction in place of this one; an absent field is taken from it."""

    reason: Comment
    transaction_date: date | None = Field(default_factory=lambda: None)
    amount: Money | None = Field(default_factory=lambda: None)
    margin: Amount | None = Field(default_factory=lambda: None)
    quantity: Amount | None = Field(default_factory=lambda: None)
    account_id: UUID | None = Field(default_factory=lambda: None)
    product_id: UUID | None = Field(default_factory=lambda: None)
    labels: list[Label] | None = Field(default_factory=lambda: None, max_length=20)
    splits: list[SplitFields] | None = Field(default_factory=lambda: None, max_length=50)
