"""Fiscal years and quotas brought to any state by the people who would do it."""

from collections import deque
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from app.domain.quotas.contract.quotas import QuotaState
from app.domain.quotas.workflow import QUOTA

PEOPLE = {
    "propose": "ada",
    "accept": "bob",
    "dispute": "bob",
    "investigate": "ada",
    "revise": "ada",
    "uphold": "ada",
    "withdraw": "bob",
    "lock": "finance",
    "amend": "ops",
    "cancel": "ops",
}

BODIES: dict[str, dict[str, Any]] = {
    "dispute": {"counter_amount": "90000.00", "comment": "A key account left."},
    "revise": {"amount": "95000.01", "comment": "Half of it is right."},
    "uphold": {"comment": "It was known."},
    "amend": {"amount": "80000.00", "comment": "Half a year of leave."},
}


@dataclass
class Desk:
    """Shorthands over the organisation's commands."""

    company: Any
    periods: dict[str, UUID]

    async def draft(
        self, seller: str = "bob", amount: str = "100000.00", period: str = "2026", who: str = "ops", **more: Any
    ) -> UUID:
        body = {"seller_id": self.company.sellers[seller], "amount": amount, "period_id": self.periods[period]}
        made: UUID = await self.company.do(who, "create_quota", **{**body, **more})
        return made

    async def take(self, quota: UUID, *actions: str) -> None:
        for action in actions:
            await self.company.do(PEOPLE[action], f"{action}_quota", quota, **BODIES.get(action, {}))

    async def in_state(self, state: QuotaState, period: str = "2026") -> UUID:
        """A quota of Bob's brought to a state by the shortest way."""
        quota = await self.draft(period=period)
        await self.take(quota, *way_to(state))
        return quota

    async def show(self, quota: UUID, who: str = "ops", **parameters: str) -> Any:
        return await self.company.one(who, "quota", quota, **parameters)

    async def allocate(self, who: str = "ops", **more: Any) -> Any:
        """An allocation as its reader gets it."""
        allocation = await self.company.do(who, "allocate_quotas", **self.asked(**more))
        return await self.company.one(who, "allocation", allocation)

    async def preview(self, who: str = "ops", **more: Any) -> Any:
        preview = await self.company.do(who, "preview_allocation", **self.asked(**more))
        return preview.model_dump(mode="json")

    def asked(self, period: str = "2026", total: str = "100000.00", **more: Any) -> dict[str, Any]:
        return {"period_id": self.periods[period], "total": total, **more}

    async def won(self, seller: str, amount: str, day: str, stage: str = "won", **more: Any) -> None:
        seller_id = self.company.sellers[seller]
        await self.company.do(
            "ops",
            "create_opportunity",
            name="Deal",
            seller_id=seller_id,
            amount=amount,
            stage=stage,
            closed_on=day,
            **more,
        )

    async def owns(self, seller: str, potential: str | None, **more: Any) -> None:
        owner = self.company.sellers[seller]
        await self.company.do("ops", "create_account", name="Acme", owner_id=owner, potential=potential, **more)

    def by_name(self, shares: Any) -> dict[str, Any]:
        """The shares of an allocation by the name of the seller."""
        names = {str(id): name for name, id in self.company.sellers.items()}
        return {names[share["seller_id"]]: share for share in shares}


def way_to(state: QuotaState) -> list[str]:
    """The fewest moves from the initial state."""
    ways: dict[Any, list[str]] = {QUOTA.initial: []}
    queue = deque([QUOTA.initial])
    while queue:
        here = queue.popleft()
        for move in QUOTA.leaving(here):
            if move.target and move.target not in ways:
                ways[move.target] = [*ways[here], move.action]
                queue.append(move.target)
    return ways[state]


@pytest.fixture
async def desk(company: Any) -> Desk:
    for year in (2025, 2026):
        await company.do("finance", "create_fiscal_year", fiscal_year=year, start_date=f"{year}-01-01")
    found = await company.page("finance", "fiscal_period", ("limit", "200"))
    return Desk(company, {period["code"]: UUID(period["id"]) for period in found})
