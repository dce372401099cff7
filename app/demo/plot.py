"""What the generator decides: plain values without ids, referring to each other by number, code or key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Calendar:
    """The fiscal year that today lies in, always in its last quarter: three are over, one is running."""

    year: int
    """The year in which it ends."""
    start: date
    end: date
    today: date

    def code(self, part: str = "") -> str:
        """The code of a period of the year, such as `code("Q1")`."""
        return f"{self.year}-{part}" if part else str(self.year)


@dataclass(frozen=True)
class Seller:
    """Somebody in the reporting line."""

    number: str
    name: str
    email: str
    job_role: str
    team: str
    manager: str | None
    hired_on: date
    level: int
    """0 at the top, 3 for those who sell."""
    strength: float
    """How well it sells; 1 is as expected."""
    home: tuple[Decimal, Decimal] | None = None
    """Degrees north and east of where it sets out from."""
    skills: tuple[tuple[str, int], ...] = ()
    """What it masters, and how well."""


@dataclass(frozen=True)
class City:
    """A real place."""

    name: str
    country: str
    latitude: Decimal
    longitude: Decimal
    population: int


@dataclass(frozen=True)
class Account:
    """A customer or prospect."""

    key: str
    name: str
    parent: str | None
    industry: str
    city: City
    latitude: Decimal
    longitude: Decimal
    employees: int
    annual_revenue: Decimal
    potential: Decimal
    win_probability: Decimal


@dataclass(frozen=True)
class Area:
    """A territory: a node of the tree without a rule, or a leaf with one and with those who cover it."""

    code: str
    name: str
    parent: str | None
    country: str | None = None
    cities: tuple[str, ...] = ()
    min_employees: int | None = None
    max_employees: int | None = None
    priority: int = 100
    named: tuple[str, ...] = ()
    """Keys of accounts it names one by one."""
    accounts: tuple[str, ...] = ()
    """Keys of the accounts that its rule places in it."""
    coverage: tuple[tuple[str, Decimal], ...] = ()
    """Numbers of the sellers who cover it, with their shares."""


@dataclass(frozen=True)
class Opportunity:
    """A deal."""

    key: str
    name: str
    account: str
    seller: str
    product: str
    stage: str
    amount: Decimal
    opened_on: date
    expected_close_on: date
    closed_on: date | None


@dataclass(frozen=True)
class Transaction:
    """Something sold."""

    key: str
    kind: str
    day: date
    amount: Decimal
    currency: str
    account: str | None
    product: str
    splits: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class Contact:
    """A person at an account."""

    key: str
    account: str
    name: str
    email: str
    post: tuple[str, str, str]
    """Job title, function, part in decisions."""
    strength: int
    owner: str


@dataclass(frozen=True)
class Relation:
    """How one contact relates to another."""

    one: str
    other: str
    kind: str
    strength: int


@dataclass(frozen=True)
class Cell:
    """How an account, or a person there, stands to a product."""

    account: str
    product: str
    contact: str | None
    status: str
    potential: Decimal | None
    competitor: str | None
    shown_on: date | None


@dataclass(frozen=True)
class Reference:
    """A customer asked to speak for the company, and how it answered."""

    kind: str
    account: str
    contact: str
    subject: str
    target: str
    """The account that it is used for, or that it introduces to."""
    fate: str


@dataclass(frozen=True)
class Lead:
    """Somebody who may become a customer, and what comes of it."""

    name: str
    email: str
    company: str
    city: str
    country: str
    job_function: str
    industry: str
    employees: int
    source: str
    score: int
    owner: str
    fate: str


@dataclass(frozen=True)
class Activity:
    """A visit, a call or the like: planned, done or called off."""

    account: str
    seller: str
    kind: str
    planned_on: date | None
    done_on: date | None
    cancelled: bool
    minutes: int
    distance_km: Decimal | None
    outcome: str | None


@dataclass(frozen=True)
class Company:
    """The whole plot."""

    domain: str
    calendar: Calendar
    sellers: tuple[Seller, ...]
    accounts: tuple[Account, ...]
    areas: tuple[Area, ...]
    """Parents before children."""
    opportunities: tuple[Opportunity, ...]
    transactions: tuple[Transaction, ...]
    contacts: tuple[Contact, ...]
    relations: tuple[Relation, ...]
    cells: tuple[Cell, ...]
    references: tuple[Reference, ...]
    leads: tuple[Lead, ...]
    activities: tuple[Activity, ...]
    quota_total: Decimal
    """What all sellers together are to bring in the fiscal year, in the reporting currency."""
    owner: dict[str, str]
    """Number of the seller who looks after an account, by the account's key."""
