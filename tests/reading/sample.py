"""Three small resources with every kind of field, link, rule and guard that the engine knows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import asyncpg

from app.domain.catalogue import Catalogue
from app.domain.kernel.money import Amount, Money, Rate
from app.domain.kernel.permissions import Role
from app.domain.kernel.resource import AllowedAction, Filter, Many, One, Param, Pay, Resource, View, Visible
from app.domain.kernel.scope import Actor
from app.domain.workflow.engine import Guard, Machine, Move

ORG = UUID("01900000-0000-7000-8000-000000000001")
OTHER_ORG = UUID("01900000-0000-7000-8000-000000000002")
PRINCIPAL = UUID("01900000-0000-7000-8000-0000000000aa")


def uid(number: int) -> UUID:
    """The n-th identifier; they sort as their numbers do."""
    return UUID(int=0x01900000_0000_7000_9000_000000000000 + number)


class Stage(StrEnum):
    OPEN = "open"
    BIG_BET = "big_bet"
    WON = "won"


class StepView(View):
    name: str
    stage: Stage
    due_on: date | None = None
    cost: Money | None = None


class TeamView(View):
    id: UUID
    name: str


class RepView(View):
    id: UUID
    name: str
    team_id: UUID | None
    salary: Annotated[Amount | None, Pay]
    bonus: Annotated[Money | None, Pay]
    currency: str


class DealView(View):
    id: UUID
    version: int
    name: str
    state: Stage
    amount: Money
    share: Rate | None
    rank: int | None
    signed_on: date | None
    hot: bool | None
    rep_id: UUID
    steps: list[StepView]
    extra: dict[str, str] | None
    tags: list[str]
    stages: list[Stage]
    first_step: StepView | None
    label: str
    created_at: datetime
    allowed_actions: list[AllowedAction]


class TotalView(View):
    id: UUID
    deals: int
    amount: Amount


MACHINE = Machine(
    "sample_deal",
    Stage,
    Stage.OPEN,
    (
        Move("win", (Stage.OPEN, Stage.BIG_BET), Stage.WON, "accounts:write", "Win it.", guards=(
            Guard("comment_required", "{row}.rank > 1"),
            Guard("not_concerned", "{row}.rep_id = {seller}"),
        )),
        Move("dare", (Stage.OPEN,), Stage.BIG_BET, "pay:read", "Dare."),
        Move("expire", (Stage.OPEN,), Stage.WON, "accounts:write", "The service only.", internal=True),
    ),
)  # fmt: skip

TEAM = Resource(
    "sample_team",
    "sample_teams",
    TeamView,
    "territories:read",
    "Teams.",
    links={
        "reps": Many("sample_rep", "{other}.team_id = {row}.id", "name"),
        "deals": Many("sample_deal", "{other}.rep_id in (select r.id from sample_rep r where r.team_id = {row}.id)"),
    },
    filters=("name",),
    sorts=("name",),
    versioned=False,
)
REP = Resource(
    "sample_rep",
    "sample_reps",
    RepView,
    "sellers:read",
    "Reps.",
    links={
        "team": One("sample_team", "{row}.team_id"),
        "deals": Many("sample_deal", "{other}.rep_id = {row}.id", "-amount"),
        "audit": Many("sample_secret", "{other}.id = {row}.id"),
        "secret": One("sample_secret", "{row}.id"),
    },
    filters=("name", "salary"),
    sorts=("name", "salary"),
    sort="name",
    pay=Visible("{row}.id = {seller}"),
    versioned=False,
)
DEAL = Resource(
    "sample_deal",
    "sample_deals",
    DealView,
    "accounts:read",
    "Deals.",
    columns={"label": "{row}.name || coalesce(' on ' || {row}.signed_on, '')"},
    links={"rep": One("sample_rep", "{row}.rep_id")},
    filters=(
        "name",
        "state",
        "amount",
        "share",
        "rank",
        "signed_on",
        "hot",
        "rep_id",
        "created_at",
        Filter(
            "team_id",
            UUID,
            "{row}.rep_id in (select r.id from sample_rep r where r.org_id = {org} and r.team_id = {value})",
            "Of a team.",
        ),
        Filter("named", str, "{row}.name = any({value})", "By one of several names."),
    ),
    sorts=("name", "amount", "share", "rank", "signed_on", "created_at"),
    search=("name",),
    visible=Visible("{row}.rep_id = {seller}"),
    machine="sample_deal",
)
SECRET = Resource(
    "sample_secret",
    "sample_secrets",
    TeamView,
    "audit:read",
    "Not for everybody.",
    source="sample_team",
    versioned=False,
)
TOTAL = Resource(
    "sample_total",
    "sample_totals",
    TotalView,
    "reports:read",
    "Deals per rep.",
    source="(select d.rep_id id, count(*) deals, sum(d.amount) amount from sample_deal d where d.org_id = {org}"
    " and d.amount >= coalesce({least}, 0) and d.created_at >= {since} group by 1)",
    params={
        "least": Param(Decimal | None, "Only deals of at least this amount."),
        "since": Param(date, "Only deals from this day on.", required=True),
    },
    sorts=("amount",),
    versioned=False,
)
CATALOGUE = Catalogue(
    {resource.name: resource for resource in (TEAM, REP, DEAL, SECRET, TOTAL)}, {}, {MACHINE.name: MACHINE}, {}
)

TABLES = """
create table sample_team (org_id uuid, id uuid, name text, primary key (org_id, id));
create table sample_rep (org_id uuid, id uuid, name text not null, team_id uuid, salary numeric(18,4),
  bonus numeric(18,4), currency char(3) not null default 'EUR', primary key (org_id, id));
create table sample_deal (org_id uuid, id uuid, version int not null default 1, name text not null,
  state text not null default 'open', amount numeric(18,4) not null default 0, currency char(3) not null default 'EUR',
  share numeric(9,6), rank int, signed_on date, hot boolean, rep_id uuid not null, steps jsonb not null default '[]',
  extra jsonb, tags text[] not null default '{}', stages text[] not null default '{}', first_step jsonb,
  created_at timestamptz not null default '2026-01-02T03:04:05Z', primary key (org_id, id));
select tenant_table('sample_team'), tenant_table('sample_rep'), tenant_table('sample_deal');
"""


def actor(role: Role, seller: UUID | None = None, org: UUID = ORG) -> Actor:
    return Actor(org, PRINCIPAL, "Somebody", frozenset({role}), seller)


async def create_tables(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(TABLES)
    await connection.close()


async def clear(connection: asyncpg.Connection) -> None:
    for table in ("sample_team", "sample_rep", "sample_deal"):
        await connection.execute(f"delete from {table}")


async def insert(connection: asyncpg.Connection, table: str, *, org: UUID = ORG, **columns: object) -> None:
    names = ",".join(("org_id", *columns))
    marks = ",".join(f"${n + 1}" for n in range(len(columns) + 1))
    await connection.execute(f"insert into sample_{table} ({names}) values ({marks})", org, *columns.values())
