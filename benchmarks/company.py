"""The data of a run: one organisation, made by the product's own commands, the same at every run but for its ids."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from app.domain.accounts.commands.accounts import upsert_accounts
from app.domain.accounts.commands.opportunities import upsert_opportunities
from app.domain.accounts.contract.accounts import CreateAccount
from app.domain.accounts.contract.opportunities import CreateOpportunity, OpportunityStage
from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor
from app.domain.organisation.founding import found_organisation, issue_key_of
from app.domain.quotas.contract.measures import QuotaMeasure
from app.operations import trusted
from app.service import Service

ACCOUNTS, SELLERS, MANAGERS = 20_000, 200, 10
QUOTA_PERIODS = 25
"""Each seller has a quota in each: 5,000 in all."""
FREE_YEARS = (2090, 2091, 2092)
"""Fiscal years that nothing refers to, whose periods open and close under load."""
_CHUNK = 5_000
_CLOSED = (OpportunityStage.WON, OpportunityStage.LOST)
_INDUSTRIES = ("Software", "Retail", "Energy", "Health", "Logistics", "Media")
_PLACES = (("FR", "Lyon"), ("DE", "Hamburg"), ("ES", "Bilbao"), ("IT", "Turin"), ("PL", "Gdańsk"))


@dataclass(frozen=True)
class Company:
    """What the load needs to know of the organisation."""

    org_id: UUID
    key: str
    """API key of a principal who sees every row and may do what is measured."""
    sellers: Sequence[UUID]
    accounts: Sequence[UUID]
    quota_periods: Sequence[UUID]
    free_periods: Sequence[UUID]


async def make_company(service: Service, scale: float) -> Company:
    """Found the organisation and fill it; `scale` shrinks the accounts."""
    maker = _Maker(service, (await found_organisation(service.operations.transaction, "Benchmark", "EUR")).actor)
    key = await maker.key()
    sellers = await maker.sellers()
    accounts = await maker.accounts(max(int(ACCOUNTS * scale), 20 * len(sellers)), sellers)
    await maker.do("set_prioritisation")
    await maker.opportunities(accounts, sellers)
    periods = await maker.periods()
    connection = await asyncpg.connect(service.dsn)
    try:
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
        free = await connection.fetch(
            "select id from fiscal_period where fiscal_year = any($1) order by code", FREE_YEARS
        )
    finally:
        await connection.close()
    return Company(maker.actor.org_id, key, sellers, list(accounts.values()), periods, [row["id"] for row in free])


class _Maker:
    """Gives the product's commands as the administrator of one organisation."""

    def __init__(self, service: Service, actor: Actor) -> None:
        self.service = service
        self.actor = actor
        self.random = random.Random(1)

    async def do(self, command: str, /, **body: Any) -> dict[str, Any]:
        spec = self.service.catalogue.commands[command]
        answer = await self.service.operations.perform(self.actor, trusted(spec, spec.body.model_validate(body)))
        found: dict[str, Any] = json.loads(answer.body)
        return found

    async def key(self) -> str:
        roles = [Role.SALES_OPS, Role.FINANCE]
        principal = await self.do("create_principal", kind="service", name="load", roles=roles)
        transaction, organisation = self.service.operations.transaction, str(self.actor.org_id)
        return await issue_key_of(transaction, organisation, "load", UUID(principal["id"]))

    async def sellers(self) -> list[UUID]:
        managers = await self._hire(range(MANAGERS), "Manager", lambda number: None)
        others = range(MANAGERS, SELLERS)
        return managers + await self._hire(others, "Account executive", lambda number: managers[number % MANAGERS])

    async def _hire(self, numbers: Iterable[int], role: str, manager: Callable[[int], UUID | None]) -> list[UUID]:
        spec = self.service.catalogue.commands["create_seller"]
        bodies: list[BaseModel] = [
            spec.body.model_validate(
                {
                    "name": f"Seller {number:04d}",
                    "email": f"seller{number}@example.com",
                    "employee_number": f"E{number:04d}",
                    "hired_on": date(2024, 1, 1),
                    "position": {"job_role": role, "team": f"Team {number % MANAGERS}", "manager_id": manager(number)},
                }
            )
            for number in numbers
        ]
        asks = [trusted(spec, body) for body in bodies]
        async with self.service.operations.transaction(self.actor) as tx:
            answers = [await self.service.operations.run(tx, ask) for ask in asks]
        return [answer.id for answer in answers if answer.id is not None]

    async def accounts(self, count: int, sellers: Sequence[UUID]) -> dict[str, UUID]:
        ids: dict[str, UUID] = {}
        for numbers in _chunks(range(count)):
            rows = {f"A{number}": self._account(number, sellers) for number in numbers}
            # Every tenth account is the group of the nine after it.
            parents = {f"A{number}": f"A{number - number % 10}" for number in numbers if number % 10}
            ids |= await self._upsert(upsert_accounts, rows, parents)
        return ids

    def _account(self, number: int, sellers: Sequence[UUID]) -> CreateAccount:
        country, city = _PLACES[number % len(_PLACES)]
        return CreateAccount(
            name=f"Account {number:06d}",
            industry=self.random.choice(_INDUSTRIES),
            country=country,
            city=city,
            latitude=Decimal(self.random.randint(40_000, 55_000)) / 1000,
            longitude=Decimal(self.random.randint(-5_000, 20_000)) / 1000,
            employees=self.random.randint(5, 20_000),
            annual_revenue=Decimal(self.random.randint(1, 900_000_000)),
            potential=Decimal(self.random.randint(1, 90_000_000)) / 100,
            win_probability=Decimal(self.random.randint(1, 99)) / 100,
            owner_id=sellers[number % len(sellers)],
        )

    async def opportunities(self, accounts: Mapping[str, UUID], sellers: Sequence[UUID]) -> None:
        for numbers in _chunks(range(2 * len(accounts))):
            rows = {f"O{number}": self._opportunity(number, accounts, sellers) for number in numbers}
            await self._upsert(upsert_opportunities, rows)

    def _opportunity(self, number: int, accounts: Mapping[str, UUID], sellers: Sequence[UUID]) -> CreateOpportunity:
        account = number // 2
        stage = self.random.choice(list(OpportunityStage))
        opened = date(2026, 1, 1) + timedelta(days=self.random.randint(0, 200))
        return CreateOpportunity(
            name=f"Deal {number:06d}",
            account_id=accounts[f"A{account}"],
            seller_id=sellers[account % len(sellers)],
            stage=stage,
            amount=Decimal(self.random.randint(100_000, 90_000_000)) / 100,
            opened_on=opened,
            closed_on=opened + timedelta(days=60) if stage in _CLOSED else None,
        )

    async def _upsert(self, command: Callable[..., Any], *rows: Any) -> dict[str, UUID]:
        async with self.service.operations.transaction(self.actor) as tx:
            return dict((await command(tx, "crm", *rows)).ids)

    async def periods(self) -> list[UUID]:
        """The calendar, and a quota for every seller in `QUOTA_PERIODS` pairs of month and measure."""
        for year in (2026, 2027, *FREE_YEARS):
            await self.do("create_fiscal_year", fiscal_year=year, start_date=date(year, 1, 1))
        async with self.service.operations.transaction(self.actor) as tx:
            found = await tx.rows(
                "select id from fiscal_period where org_id = :org_id and kind = 'month' and fiscal_year < 2090"
                " order by code"
            )
        months = [row["id"] for row in found]
        pairs = list(product(months, (QuotaMeasure.REVENUE, QuotaMeasure.BOOKINGS)))[:QUOTA_PERIODS]
        for place, (month, measure) in enumerate(pairs):
            total = Decimal(2_000_000 + 1_000 * place)
            terms = {"period_id": month, "measure": measure, "total": total, "include_managers": True}
            made = await self.do("allocate_quotas", **terms)
            if place % 3:
                await self.do("propose_quotas", allocation_id=made["id"])
        return list(dict.fromkeys(month for month, _ in pairs))


def _chunks(numbers: range) -> Iterator[range]:
    return (numbers[start : start + _CHUNK] for start in range(0, len(numbers), _CHUNK))
