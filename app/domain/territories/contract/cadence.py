"""What may be asked of how often accounts are to be touched, and what is answered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from app.domain.accounts.contract.activities import ActivityKind
from app.domain.kernel.fields import Command, Fields, Name
from app.domain.kernel.money import Rate, Share
from app.domain.kernel.resource import Stored, View
from app.domain.territories.contract.territories import CoverageMode

Interval = Annotated[int, Field(ge=1, le=1_830, examples=[30])]
Window = Annotated[int, Field(ge=0, le=914, examples=[7])]


class AccountClass(StrEnum):
    """What an account is worth by the published scorecard."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class ChannelShare(View):
    """A channel that counts as a touch, and its share of the touches."""

    channel: ActivityKind
    share: Annotated[Share, Field(gt=0)]
    """Share of the touches that should go through the channel."""


def _whole(mix: list[ChannelShare]) -> list[ChannelShare]:
    if len({part.channel for part in mix}) < len(mix):
        raise ValueError("a channel must not stand twice")
    total = sum((part.share for part in mix), Decimal(0))
    if total != 1:
        raise ValueError(f"the shares must add up to 1, not {total.normalize():f}")
    return mix


ChannelMix = Annotated[list[ChannelShare], Field(min_length=1, max_length=len(ActivityKind)), AfterValidator(_whole)]
VISITS_ONLY = (ChannelShare(channel=ActivityKind.VISIT, share=Decimal(1)),)


class CadencePolicyFields(Fields):
    """Which accounts a policy is for, and how often they are touched."""

    name: Name
    account_class: AccountClass | None = None
    """Class by the published scorecard; null for every account, scored or not."""
    coverage_mode: CoverageMode | None = None
    """How the account's territory is covered; null for every mode, and for accounts in no territory."""
    territory_id: UUID | None = None
    """The account's own territory; null for every territory, and for accounts in none."""
    interval_days: Interval
    """Days from one touch to the next."""
    window_days: Window = 0
    """How many days before or after the due day a touch still keeps it; less than half of the interval."""


class CadencePolicyView(CadencePolicyFields, Stored):
    """How often the accounts of a class, a coverage mode or a territory are to be touched, and how."""

    channel_mix: list[ChannelShare]
    """The channels that count as a touch, with shares that add up to 1."""


class CreateCadencePolicy(CadencePolicyFields, Command):
    """Set how often some accounts are to be touched."""

    channel_mix: ChannelMix = Field(default_factory=lambda: list(VISITS_ONLY))
    """The channels that count as a touch, with shares that add up to 1; visits only when absent."""

    @model_validator(mode="after")
    def _windows_stay_apart(self) -> Self:
        if 2 * self.window_days >= self.interval_days:
            raise ValueError("window_days must be less than half of interval_days")
        return self


class UpdateCadencePolicy(Command):
    """Change a policy; an absent field stays as it is, `channel_mix` is replaced as a whole."""

    name: Name | None = Field(default_factory=lambda: None)
    account_class: AccountClass | None = Field(default_factory=lambda: None)
    coverage_mode: CoverageMode | None = Field(default_factory=lambda: None)
    territory_id: UUID | None = Field(default_factory=lambda: None)
    interval_days: Interval | None = Field(default_factory=lambda: None)
    window_days: Window | None = Field(default_factory=lambda: None)
    channel_mix: ChannelMix | None = Field(default_factory=lambda: None)


class CadenceStatus(StrEnum):
    """Where an account stands in its cadence."""

    ON_TRACK = "on_track"
    """The window of the next touch has not opened yet."""
    DUE = "due"
    """The window of the next touch is open."""
    OVERDUE = "overdue"
    """The window of the next touch has closed."""
    NO_POLICY = "no_policy"
    """No policy is for the account."""


class CadenceDueView(View):
    """When an account is to be touched next, and by which policy."""

    id: UUID
    """The account's id."""
    account_id: UUID
    account_name: str
    seller_id: UUID | None = None
    """The account's owner."""
    territory_id: UUID | None = None
    """Its territory in the model in force on the day."""
    account_class: AccountClass | None = None
    """Its class by the scorecard published last."""
    coverage_mode: CoverageMode | None = None
    """How its territory is covered."""
    policy_id: UUID | None = None
    """The policy that applies; null without any."""
    interval_days: int | None = None
    window_days: int | None = None
    starts_on: date
    """Where the cadence begins without a touch: the first day in a territory in force, else the day it was added."""
    last_touch_on: date | None = None
    """Day of the last touch through a channel of the policy."""
    next_due_on: date | None = None
    """Last touch, else the start, plus the interval."""
    days_overdue: int | None = None
    """Days since it was due, when the window has closed; otherwise 0, and null without a policy."""
    status: CadenceStatus


class AdherenceGroup(StrEnum):
    """What a row of the adherence is about."""

    SELLER = "seller"
    """All accounts a seller owns."""
    TERRITORY = "territory"
    """The accounts a seller owns in one territory."""
    ACCOUNT = "account"
    """One account: what the figures of the others are made of."""


class CadenceAdherenceView(View):
    """How well a cadence was kept: due days that a touch met within their window."""

    id: UUID
    """Of the seller, territory and account."""
    seller_id: UUID | None = None
    """The owner of the accounts; null for those of nobody."""
    seller_name: str | None = None
    territory_id: UUID | None = None
    """The territory; null by seller, and for accounts in none."""
    account_id: UUID | None = None
    """The account; only by account."""
    accounts: int
    """Accounts that a policy is for."""
    due: int
    """Due days that are settled: kept and missed."""
    kept: int
    """Due days with a touch within their window."""
    missed: int
    """Due days whose window closed without a touch."""
    still_open: int
    """Due days that are not kept yet and whose window is not over."""
    adherence: Rate | None = None
    """Kept of due, from 0 to 1; null when nothing was due."""
