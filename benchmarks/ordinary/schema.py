"""GraphQL: strawberry types over ORM rows, links through data loaders."""

# Strawberry evaluates annotations, so they are not postponed in this module.

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Optional, TypeVar, cast
from uuid import UUID

import strawberry
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.fastapi import GraphQLRouter
from strawberry.types import Info

from benchmarks.ordinary import commands, queries
from benchmarks.ordinary.actions import period_actions
from benchmarks.ordinary.database import new_session
from benchmarks.ordinary.identity import CallerOf
from benchmarks.ordinary.loaders import Loaders
from benchmarks.ordinary.showing import money, quadrant
from benchmarks.ordinary.tables import Account, ExternalId, FiscalPeriod, Opportunity, Prioritisation, Seller
from benchmarks.ordinary.views import CreateAccount


@strawberry.enum
class Quadrant(Enum):
    PRIORITY = "priority"
    BIG_BET = "big_bet"
    QUICK_WIN = "quick_win"
    DEPRIORITISED = "deprioritised"


@strawberry.enum
class OpportunityStage(Enum):
    PROSPECTING = "prospecting"
    ENGAGING = "engaging"
    PROPOSAL = "proposal"
    WON = "won"
    LOST = "lost"


@strawberry.enum
class PeriodState(Enum):
    OPEN = "open"
    CLOSED = "closed"


@strawberry.enum
class AccountSort(Enum):
    NAME_ASC = "name"


@strawberry.enum
class OpportunitySort(Enum):
    NAME_ASC = "name"


def loaders_of(info: Info) -> Loaders:
    return cast("Loaders", info.context["loaders"])


@strawberry.type(name="Money")
class MoneyType:
    amount: Decimal
    currency: str


def money_type(amount: Decimal | None, currency: str) -> MoneyType | None:
    found = money(amount, currency)
    return None if found is None else MoneyType(amount=found.amount, currency=found.currency)


@strawberry.type(name="AllowedAction")
class AllowedActionType:
    action: str
    allowed: bool
    code: str | None


@strawberry.type(name="ExternalId")
class ExternalIdType:
    source: str
    key: str


@strawberry.type(name="PageInfo")
class PageInfoType:
    has_next_page: bool


@strawberry.type(name="Seller")
class SellerType:
    row: strawberry.Private[Seller]
    id: strawberry.ID
    name: str
    email: str | None
    team: str | None
    job_role: str | None

    @strawberry.field
    async def manager(self, info: Info) -> Optional["SellerType"]:
        position = self.row.position
        if position is None or position.manager_id is None:
            return None
        return seller_type(await loaders_of(info).sellers.load(position.manager_id))


def seller_type(row: Seller | None) -> SellerType | None:
    if row is None:
        return None
    position = row.position
    return SellerType(
        row=row,
        id=strawberry.ID(f"seller:{row.id}"),
        name=row.name,
        email=row.email,
        team=position.team if position else None,
        job_role=position.job_role if position else None,
    )


@strawberry.type(name="Opportunity")
class OpportunityType:
    id: strawberry.ID
    name: str
    stage: OpportunityStage
    amount: MoneyType | None
    closed_on: date | None


def opportunity_type(row: Opportunity) -> OpportunityType:
    return OpportunityType(
        id=strawberry.ID(f"opportunity:{row.id}"),
        name=row.name,
        stage=OpportunityStage(row.stage),
        amount=money_type(row.amount, row.currency),
        closed_on=row.closed_on,
    )


@strawberry.type(name="OpportunityConnection")
class OpportunityConnectionType:
    nodes: list[OpportunityType]


@strawberry.type(name="Account")
class AccountType:
    row: strawberry.Private[Account]
    thresholds: strawberry.Private[Prioritisation | None]
    id: strawberry.ID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    industry: str | None
    country: str | None
    city: str | None
    latitude: Decimal | None
    longitude: Decimal | None
    employees: int | None
    win_probability: Decimal | None
    owner_id: UUID | None
    currency: str

    @strawberry.field
    def annual_revenue(self) -> MoneyType | None:
        return money_type(self.row.annual_revenue, self.row.currency)

    @strawberry.field
    def potential(self) -> MoneyType | None:
        return money_type(self.row.potential, self.row.currency)

    @strawberry.field
    def expected_value(self) -> MoneyType | None:
        return money_type(self.row.expected_value, self.row.currency)

    @strawberry.field
    def quadrant(self) -> Quadrant | None:
        found = quadrant(self.row, self.thresholds)
        return None if found is None else Quadrant(found)

    @strawberry.field
    async def external_ids(self, info: Info) -> list[ExternalIdType]:
        found: list[ExternalId] = await loaders_of(info).external_ids.load(self.row.id)
        return [ExternalIdType(source=id.source, key=id.key) for id in found]

    @strawberry.field
    async def parent(self, info: Info) -> Optional["AccountType"]:
        if self.row.parent_id is None:
            return None
        parent = await loaders_of(info).accounts.load(self.row.parent_id)
        return None if parent is None else account_type(parent, self.thresholds)

    @strawberry.field
    async def owner(self, info: Info) -> SellerType | None:
        if self.row.owner_id is None:
            return None
        return seller_type(await loaders_of(info).sellers.load(self.row.owner_id))

    @strawberry.field
    async def opportunities(
        self, info: Info, first: int = 50, sort: list[OpportunitySort] | None = None
    ) -> OpportunityConnectionType:
        found = await loaders_of(info).opportunities.load((self.row.id, first))
        return OpportunityConnectionType(nodes=[opportunity_type(row) for row in found])


def account_type(row: Account, thresholds: Prioritisation | None) -> AccountType:
    return AccountType(
        row=row,
        thresholds=thresholds,
        id=strawberry.ID(f"account:{row.id}"),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        name=row.name,
        industry=row.industry,
        country=row.country,
        city=row.city,
        latitude=row.latitude,
        longitude=row.longitude,
        employees=row.employees,
        win_probability=row.win_probability,
        owner_id=row.owner_id,
        currency=row.currency,
    )


@strawberry.type(name="AccountConnection")
class AccountConnectionType:
    nodes: list[AccountType]
    page_info: PageInfoType


@strawberry.input(name="NullableUUIDFilter")
class UuidFilter:
    eq: UUID


@strawberry.input(name="AccountFilter")
class AccountFilter:
    owner_id: UuidFilter


@strawberry.type(name="FiscalPeriod")
class PeriodType:
    id: strawberry.ID
    version: int
    code: str
    state: PeriodState
    allowed_actions: list[AllowedActionType]


@strawberry.input(name="CreateAccountInput")
class CreateAccountInput:
    name: str
    industry: str | None = None
    country: str | None = None
    city: str | None = None
    employees: int | None = None
    potential: Decimal | None = None
    win_probability: Decimal | None = None
    owner_id: UUID | None = None


@strawberry.input(name="CloseFiscalPeriodInput")
class ClosePeriodInput:
    id: strawberry.ID
    if_match: str
    comment: str | None = None


@strawberry.input(name="ReopenFiscalPeriodInput")
class ReopenPeriodInput:
    id: strawberry.ID
    if_match: str
    comment: str


Filter = Annotated[AccountFilter, strawberry.argument(name="filter")]
Given = TypeVar("Given")
Input = Annotated[Given, strawberry.argument(name="input")]


@strawberry.type
class Query:
    @strawberry.field
    async def account(self, info: Info, id: strawberry.ID) -> AccountType | None:
        org_id = info.context["caller"].org_id
        async with new_session() as session:
            row = (await session.exec(queries.plain_account(org_id, _uuid(id)))).first()
            return None if row is None else account_type(row, await queries.thresholds_of(session, org_id))

    @strawberry.field
    async def accounts(
        self,
        info: Info,
        wanted: Filter,
        first: int = 50,
        sort: list[AccountSort] | None = None,
    ) -> AccountConnectionType:
        org_id = info.context["caller"].org_id
        async with new_session() as session:
            rows = (await session.exec(queries.owned_accounts(org_id, wanted.owner_id.eq, first))).all()
            thresholds = await queries.thresholds_of(session, org_id)
        nodes = [account_type(row, thresholds) for row in rows[:first]]
        return AccountConnectionType(nodes=nodes, page_info=PageInfoType(has_next_page=len(rows) > first))


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def create_account(self, info: Info, given: Input[CreateAccountInput]) -> AccountType | None:
        caller = info.context["caller"]
        async with new_session() as session:
            row = await commands.create_account(session, caller, CreateAccount(**vars(given)))
            return account_type(row, await queries.thresholds_of(session, caller.org_id))

    @strawberry.mutation
    async def close_fiscal_period(self, info: Info, given: Input[ClosePeriodInput]) -> PeriodType | None:
        return await _moved(info, "close", given)

    @strawberry.mutation
    async def reopen_fiscal_period(self, info: Info, given: Input[ReopenPeriodInput]) -> PeriodType | None:
        return await _moved(info, "reopen", given)


async def _moved(info: Info, action: str, given: ClosePeriodInput | ReopenPeriodInput) -> PeriodType:
    caller = info.context["caller"]
    async with new_session() as session:
        version = int(given.if_match)
        row = await commands.move_period(session, caller, _uuid(given.id), action, version, given.comment)
    return _period_type(row, caller)


def _period_type(row: FiscalPeriod, caller: CallerOf) -> PeriodType:
    actions = [AllowedActionType(**action.model_dump()) for action in period_actions(row, caller)]
    return PeriodType(
        id=strawberry.ID(f"fiscal_period:{row.id}"),
        version=row.version,
        code=row.code,
        state=PeriodState(row.state),
        allowed_actions=actions,
    )


def _uuid(id: str) -> UUID:
    return UUID(id.rpartition(":")[2])


async def _context(caller: CallerOf) -> dict[str, Any]:
    return {"caller": caller, "loaders": Loaders(caller.org_id)}


schema = strawberry.Schema(Query, Mutation, extensions=[ParserCache, ValidationCache])
graphql_router = GraphQLRouter[Any, Any](schema, path="/graphql", context_getter=_context)
