"""A small catalogue of shops, the people who visit them and what they plan, with its tables and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from pydantic import Field

from app.domain.catalogue import Catalogue
from app.domain.kernel.command import CommandSpec, Kind, command
from app.domain.kernel.errors import refuse
from app.domain.kernel.fields import Command, Name, RequiredComment
from app.domain.kernel.ids import uuid7
from app.domain.kernel.money import Amount, Money, Rate
from app.domain.kernel.permissions import Role
from app.domain.kernel.resource import AllowedAction, Filter, Many, One, Param, Pay, Resource, View, Visible
from app.domain.kernel.scope import Actor
from app.domain.workflow.engine import Guard, Machine, Move
from app.operations import Answer, Ask
from app.reading.engine import Reader
from app.reading.request import Root, Slot


class ShopState(StrEnum):
    """Where a shop stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    OPEN = "open"


class OpeningHours(View):
    """When a shop can be visited."""

    first_hour: int
    last_hour: int
    state: ShopState = ShopState.OPEN


class RepView(View):
    """Somebody who visits shops."""

    id: UUID
    name: str
    manager_id: UUID | None = None
    salary: Annotated[Amount, Pay]


class ShopView(View):
    """A shop."""

    id: UUID
    version: int
    name: str
    """What stands above the door."""
    state: ShopState
    revenue: Money | None = None
    share: Rate | None = None
    hours: tuple[OpeningHours, ...] = ()
    labels: dict[str, Any] | None = None
    opened_on: date | None = None
    created_at: datetime
    open_on_sunday: bool = False
    allowed_actions: list[AllowedAction] = Field(default_factory=list)


class VisitView(View):
    """A visit to a shop."""

    id: UUID
    minutes: int
    visited_on: date
    note: str | None = None


class ShopTotalView(View):
    """How long a shop was visited in a year."""

    shop_id: UUID
    minutes: int


class JobView(View):
    """Work that goes on."""

    id: UUID
    state: ShopState


class Hours(Command):
    """Hours of a day."""

    first_hour: int
    last_hour: int


class CreateShop(Command):
    """A new shop."""

    name: Name
    revenue: Money | None = None
    share: Rate | None = None
    state: ShopState | None = None
    opened_on: date | None = None
    owner_id: UUID | None = None
    weekly_hours: tuple[Hours, ...] = ()
    anything: int | str | None = None


class UpdateShop(Command):
    """Changes to a shop."""

    name: Name | None = None
    opened_on: date | None = None


class IssuedKey(Command):
    """A secret shown once."""

    id: UUID
    secret_text: str
    state: ShopState
    hours: tuple[OpeningHours, ...] = ()


@command(Kind.CREATE, "shop", needs="accounts:write", body=CreateShop, key_required=True)
async def create_shop(tx: Any, body: CreateShop) -> UUID:
    """Create a shop."""
    return uuid7()


@command(Kind.UPDATE, "shop", needs="accounts:write", body=UpdateShop)
async def update_shop(tx: Any, id: UUID, body: UpdateShop) -> None:
    """Change a shop."""


@command(Kind.DELETE, "shop", needs="accounts:write")
async def delete_shop(tx: Any, id: UUID, body: Command) -> None:
    """Delete a shop."""


@command(Kind.COLLECTION, "shop", needs="accounts:write", action="issue-key", result=IssuedKey)
async def issue_shop_key(tx: Any, body: Command) -> IssuedKey:
    """Issue a key."""
    return IssuedKey(id=uuid7(), secret_text="s3", state=ShopState.IN_REVIEW)


MACHINE = Machine(
    "shop",
    ShopState,
    ShopState.DRAFT,
    (
        Move("submit", (ShopState.DRAFT,), ShopState.IN_REVIEW, "accounts:write", "Hand it in."),
        Move(
            "approve",
            (ShopState.IN_REVIEW,),
            ShopState.OPEN,
            "accounts:write",
            "Let it open.",
            body=RequiredComment,
            guards=(Guard("four_eyes", "{row}.owner_id <> {seller}"),),
        ),
    ),
)

REP = Resource(
    "rep",
    "reps",
    RepView,
    "sellers:read",
    "Somebody who visits shops.",
    links={
        "manager": One("rep", "{row}.manager_id", "Who leads."),
        "shops": Many("shop", "{other}.owner_id = {row}.id", "name", "What they own."),
    },
    filters=("name", "salary"),
    sorts=("name",),
    search=("name",),
)
SHOP = Resource(
    "shop",
    "shops",
    ShopView,
    "accounts:read",
    "A shop.",
    links={
        "owner": One("rep", "{row}.owner_id", "Who looks after it."),
        "visits": Many("visit", "{other}.shop_id = {row}.id", "-visited_on", "What happened there."),
    },
    filters=(
        "name",
        "state",
        "revenue",
        "opened_on",
        "created_at",
        "open_on_sunday",
        Filter("owner_id", UUID, "{row}.owner_id = {value}", "Who looks after it."),
    ),
    sorts=("name", "revenue", "opened_on"),
    search=("name",),
    visible=Visible("{row}.owner_id = {seller}"),
    machine="shop",
)
VISIT = Resource(
    "visit",
    "visits",
    VisitView,
    "opportunities:read",
    "A visit to a shop.",
    links={"shop": One("shop", "{row}.shop_id")},
    filters=("minutes", "visited_on", "note"),
    sorts=("visited_on", "minutes"),
    versioned=False,
)
SHOP_TOTAL = Resource(
    "shop_total",
    "shop_totals",
    ShopTotalView,
    "reports:read",
    "Visiting time by shop.",
    source=(
        "(select v.org_id, v.shop_id as id, v.shop_id, sum(v.minutes)::int as minutes from visit v"
        " where v.org_id = {org} and extract(year from v.visited_on) = {year} group by v.org_id, v.shop_id)"
    ),
    links={"shop": One("shop", "{row}.shop_id")},
    sorts=("minutes",),
    params={"year": Param(int, "The calendar year.", required=True)},
    versioned=False,
)

JOB = Resource(
    "job",
    "jobs",
    JobView,
    "jobs:read",
    "Work that goes on.",
    source="(select s.org_id, s.id, s.state, s.version from shop s where s.org_id = {org})",
    versioned=False,
)

TABLES = """
create table rep (org_id uuid, id uuid, name text, manager_id uuid, salary numeric(18,4), version int default 1);
create table shop (org_id uuid, id uuid, version int default 1, name text, state text, revenue numeric(18,4),
    currency text default 'EUR', share numeric(9,6), hours jsonb default '[]', labels jsonb, opened_on date,
    created_at timestamptz default '2026-01-01T00:00:00Z', open_on_sunday boolean default false, owner_id uuid);
create table visit (org_id uuid, id uuid, shop_id uuid, minutes int, visited_on date, note text);
"""


def _action(action: str, body: type[Command]) -> CommandSpec:
    async def handle(tx: Any, id: UUID, body: Any) -> UUID:
        return id

    return CommandSpec(
        f"{action}_shop", Kind.ACTION, "shop", "accounts:write", body, handle, action.title(), action, "shop"
    )


def catalogue() -> Catalogue:
    """The declarations above, collected as the real ones are."""
    specs = (create_shop, update_shop, delete_shop, issue_shop_key)
    commands = {spec.name: spec for spec in specs}
    commands |= {f"{move.action}_shop": _action(move.action, move.body) for move in MACHINE.moves}  # type: ignore[arg-type]
    resources = {resource.name: resource for resource in (REP, SHOP, VISIT, SHOP_TOTAL, JOB)}
    return Catalogue(resources, commands, {"shop": MACHINE}, dict.fromkeys(resources, "shops"))


ORG = UUID(int=1)
ADA, BOB = UUID(int=0xA), UUID(int=0xB)
SHOPS = [UUID(int=0x100 + n) for n in range(7)]


def actor(*roles: Role, seller: UUID | None = None, org: UUID = ORG) -> Actor:
    """Somebody of the organisation."""
    return Actor(org, UUID(int=0xF), "Ada Lovelace", frozenset(roles or (Role.ADMIN,)), seller)


async def fill(connection: asyncpg.Connection[Any]) -> None:
    """Two reps, seven shops (ties, nulls, awkward texts), four visits."""
    await connection.execute(TABLES)
    await connection.executemany(
        "insert into rep (org_id, id, name, manager_id, salary) values ($1, $2, $3, $4, 1000)",
        [(ORG, BOB, "Bob", None), (ORG, ADA, "Ada", BOB)],
    )
    names = ["Äpfel & Söhne", 'O"Neil\\', "line\nbreak", "Dup", "Dup", "100%_sure", "Zoë 🙂"]
    states = ["draft", "in_review", "open", "draft", "open", "open", "in_review"]
    for n, shop in enumerate(SHOPS):
        await connection.execute(
            "insert into shop (org_id, id, name, state, revenue, share, hours, labels, opened_on, owner_id)"
            " values ($1,$2,$3,$4,$5::numeric,$6::numeric,$7::jsonb,$8::jsonb,$9::date,$10)",
            ORG, shop, names[n], states[n], None if n % 3 == 0 else 1000 * n, None if n % 2 else 0,
            '[{"first_hour": 8, "last_hour": 18, "state": "in_review"}]' if n % 2 else "[]",
            '{"some_key": {"inner_key": [1, null]}}' if n == 1 else None,
            None if n == 2 else date(2026, 1, 1 + n), ADA if n % 2 else BOB,
        )  # fmt: skip
    await connection.executemany(
        "insert into visit values ($1, $2, $3, $4, $5, $6)",
        [(ORG, UUID(int=0x200 + n), SHOPS[n % 2], 10 * n, date(2026, 2, 1 + n), None) for n in range(1, 5)],
    )


class OnePool:
    """One connection in place of a pool; counts the statements."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self.connection = connection
        self.statements: list[str] = []

    async def row(self, org_id: UUID, sql: str, arguments: Sequence[Any]) -> Sequence[Any] | None:
        """Run one statement."""
        self.statements.append(sql)
        row: Sequence[Any] | None = await self.connection.fetchrow(sql, *arguments)
        return row


@dataclass
class Operations:
    """Performs nothing, but remembers what was asked, and answers with the first shop or a refusal."""

    reader: Reader
    asked: list[Ask] = field(default_factory=list)
    refusal: Exception | None = None
    replayed: bool = False

    async def perform(self, actor: Actor, ask: Ask) -> Answer:
        """Remember the call."""
        self.asked.append(ask)
        actor.require(ask.spec.needs)
        if ask.spec.key_required and not ask.idempotency_key:
            raise refuse("idempotency_key_required")
        if self.refusal:
            raise self.refusal
        if ask.spec.name == "issue_shop_key":
            key = await issue_shop_key(None, ask.body)
            return Answer(200, key.model_dump_json().encode())
        subject = ask.id or SHOPS[0]
        if ask.spec.kind is Kind.DELETE:
            return Answer(204, b"", subject)
        if self.replayed:
            return Answer(200, b'{"id": "kept"}', subject, 1, replayed=True)
        assert ask.selection is not None
        compiled = self.reader.compiled(
            (Root("answer", "shop", ask.selection, id=Slot(0)),), ask.dialect, actor, bare=True
        )
        body = await self.reader.run(compiled, actor, [subject])
        return Answer(200, body or b"null", subject, 1)
