"""Territory models of the small organisation: designed, agreed on and in force."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest


@dataclass
class Design:
    """Shorthands for designing with the organisation's people; each step is the command itself."""

    company: Any
    accounts: dict[str, UUID] = field(default_factory=dict)
    case: int = 0

    def next_case(self) -> int:
        """A number that keeps the examples of one property apart in the organisation they share."""
        self.case += 1
        return self.case

    async def model(self, code: str = "WORLD", starts_on: str = "2026-01-01", **more: Any) -> UUID:
        made: UUID = await self.company.do(
            "ops", "create_territory_model", code=code, name=code, starts_on=starts_on, **more
        )
        return made

    async def territory(self, model: UUID, code: str, **more: Any) -> UUID:
        made: UUID = await self.company.do("ops", "create_territory", model_id=model, code=code, name=code, **more)
        return made

    async def account(self, name: str, **more: Any) -> UUID:
        self.accounts[name] = await self.company.do("ops", "create_account", name=name, **more)
        return self.accounts[name]

    async def approve(self, model: UUID) -> None:
        await self.company.do("ops", "submit_territory_model", model)
        await self.company.do("admin", "review_territory_model", model)
        await self.company.do("finance", "approve_territory_model", model)

    async def activate(self, model: UUID, **more: Any) -> None:
        await self.approve(model)
        await self.company.do("ops", "activate_territory_model", model, **more)

    async def apply(self, model: UUID, **more: Any) -> dict[str, int]:
        outcome = await self.company.do("ops", "apply_territory_rules", model, **more)
        return dict(outcome.model_dump())

    async def propose(
        self, territory: UUID, seller: str, share: str = "1", start: str = "2026-01-01", **more: Any
    ) -> UUID:
        made: UUID = await self.company.do(
            "ops",
            "propose_territory_assignment",
            territory_id=territory,
            seller_id=self.company.sellers[seller],
            share=share,
            effective_from=start,
            **more,
        )
        return made

    async def cover(
        self, territory: UUID, seller: str, share: str = "1", start: str = "2026-01-01", **more: Any
    ) -> UUID:
        made = await self.propose(territory, seller, share, start, **more)
        await self.company.do(seller, "accept_territory_assignment", made)
        return made

    async def places(self, model: UUID) -> set[tuple[str, str, str, str, str | None]]:
        """(account, territory, source, from, to) of the model."""
        rows = await self.company.page(
            "ops", "territory_membership", ("model_id", str(model)), ("include", "account,territory"), ("limit", "200")
        )
        return {
            (
                row["account"]["name"],
                row["territory"]["code"],
                row["source"],
                row["effective_from"],
                row["effective_to"],
            )
            for row in rows
        }


@pytest.fixture
def design(company: Any) -> Design:
    return Design(company)
