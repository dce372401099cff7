"""What may be asked of the penetration cube, product by unit by contact, and what is answered."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.accounts.contract.contacts import DecisionRole
from app.domain.kernel.fields import Command, Fields, Name
from app.domain.kernel.money import Currency, Money, Rate, Share
from app.domain.kernel.resource import Stored, View
from app.domain.market.contract import NotNegative


class HoldingStatus(StrEnum):
    """How a unit, or a person in it, stands to a product."""

    OWNED = "owned"
    """It has it from us."""
    COMPETITOR = "competitor"
    """It has it from somebody else."""
    OPEN = "open"
    """It could use it and has none."""
    PROPOSED = "proposed"
    """We have offered it."""
    NOT_APPLICABLE = "not_applicable"
    """It cannot use it; it counts nowhere."""


class WhitespaceStatus(StrEnum):
    """Why there is something to win."""

    COMPETITOR = "competitor"
    """It has it from somebody else."""
    OPEN = "open"
    """It could use it and has none."""
    PROPOSED = "proposed"
    """We have offered it."""
    UNASSESSED = "unassessed"
    """Nobody has looked: others of its segment have a use for the product, this unit has no cell."""


class HoldingFields(Fields):
    """What a cell says besides its amount."""

    account_id: UUID
    """The unit: an account of the hierarchy."""
    product_id: UUID
    contact_id: UUID | None = None
    """A person of the unit; null for the unit's own cell, which is the one that counts."""
    status: HoldingStatus
    """How it stands to the product."""
    competitor: Name | None = None
    """Who it has it from; only with the status competitor."""
    shown_on: date | None = None
    """Last day on which the product was shown to the person, or to the unit; null for never."""
    since: date | None = None
    """Day since which the status holds, as far as it is known."""


class HoldingView(HoldingFields, Stored):
    """One cell of the penetration cube."""

    potential: Money | None = None
    """Revenue that the product could bring, or brings, here in twelve months; null while nobody estimated it."""
    currency: Currency
    """Currency of the potential."""


class CreateHolding(HoldingFields, Command):
    """Fill a cell that is empty."""

    potential: NotNegative | None = None
    """Revenue that the product could bring, or brings, here in twelve months, in `currency`."""
    currency: Currency | None = None
    """Currency of the potential; the account's when absent."""


class UpdateHolding(Command):
    """Change a cell; an absent field stays as it is."""

    status: HoldingStatus | None = Field(default_factory=lambda: None)
    potential: NotNegative | None = Field(default_factory=lambda: None)
    currency: Currency | None = Field(default_factory=lambda: None)
    competitor: Name | None = Field(default_factory=lambda: None)
    shown_on: date | None = Field(default_factory=lambda: None)
    since: date | None = Field(default_factory=lambda: None)


class SetCells(Command):
    """Fill many cells, or change those that are filled: what a cell does not name stays as it is."""

    cells: Annotated[list[CreateHolding], Field(min_length=1, max_length=1_000)]
    """Each cell once; a new one takes its account's currency unless it names one."""


class CellsSet(View):
    """What became of the cells."""

    created: int
    """Cells that were empty."""
    changed: int
    """Cells that say something else now."""
    unchanged: int
    """Cells that said so already; their version stays."""


class PenetrationView(View):
    """How much of what it could buy an account buys, with every account below it, in one currency."""

    id: UUID
    """Of the account, the product and the currency."""
    account_id: UUID
    account_name: str
    owner_id: UUID | None = None
    """The seller who looks after the account."""
    product_id: UUID | None = None
    """With `by_product` the product; null for all of them."""
    currency: Currency
    """Potential in another currency is in another row."""
    owned: Money
    """Potential of the cells that are owned."""
    applicable: Money
    """Potential of all cells but those not applicable."""
    whitespace: Money
    """What is applicable and not owned: competitor, open, proposed."""
    competitor: Money
    """What of the whitespace competitors have."""
    penetration: Rate | None = None
    """Owned over applicable; null where nothing is applicable."""
    cell_count: int
    """Cells that count: one of a unit, or where it has none those of its contacts."""
    unvalued_count: int
    """Applicable cells among them without potential: what the figures do not know."""


class WhitespaceView(View):
    """One thing to win: a product that a unit could buy and does not buy from us."""

    id: UUID
    """The cell's id; for what is unassessed an id of the unit and the product."""
    account_id: UUID
    account_name: str
    owner_id: UUID | None = None
    """The seller who looks after the account."""
    product_id: UUID
    product_name: str
    contact_id: UUID | None = None
    """The person whose cell counts because the unit has none."""
    status: WhitespaceStatus
    """Why there is something to win."""
    competitor: str | None = None
    """Who the unit has it from."""
    potential: Money | None = None
    """Revenue it could bring in twelve months; null while nobody estimated it."""
    win_probability: Share | None = None
    """The account's probability of being won."""
    expected_value: Money
    """Potential times win probability, by which the list is ranked; zero while one of them is unknown."""
    currency: Currency
    """Currency of the amounts; only amounts of one currency can be compared."""
    shown_on: date | None = None
    """Last day on which the product was shown; null for never."""


class UnitWithoutDecisionMakerView(View):
    """A unit with potential of which we know nobody who decides."""

    id: UUID
    """The account's id."""
    account_id: UUID
    account_name: str
    owner_id: UUID | None = None
    """The seller who looks after the account."""
    potential: Money
    """The account's own potential; zero while it is unknown."""
    applicable: Money
    """Potential of its applicable cells in the account's currency."""
    currency: Currency
    """Currency of the amounts."""
    contact_count: int
    """Active contacts in other parts than that of the decision maker."""


class ContactNotShownView(View):
    """A person who was not shown a product, or not lately."""

    id: UUID
    """Of the person and the product."""
    contact_id: UUID
    contact_name: str | None = None
    decision_role: DecisionRole | None = None
    """Part in the decision to buy; null while it is not known."""
    account_id: UUID
    owner_id: UUID | None = None
    """The seller who looks after the account."""
    product_id: UUID
    product_name: str
    status: WhitespaceStatus
    """By the person's own cell, else by the unit's."""
    shown_on: date | None = None
    """Last day on which the person was shown it; null for never."""
    days_since: int | None = None
    """Days from then until today."""
