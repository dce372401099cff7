"""A planning desk: 300 accounts around five cities, five unequal territories, and scenarios worked off in process."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.service import job_modules
from app.worker import run_job
from tests.world import World

CITIES = {
    "PARIS": (48.8566, 2.3522, 110),
    "LYON": (45.7640, 4.8357, 70),
    "MARSEILLE": (43.2965, 5.3698, 50),
    "LILLE": (50.6292, 3.0573, 40),
    "NANTES": (47.2184, -1.5536, 30),
}
"""Latitude, longitude, and how many accounts are around it."""

MEASURES = [{"measure": "potential", "tolerance": "0.05"}, {"measure": "accounts", "tolerance": "0.10"}]


class Desk:
    """`model` is a draft whose rules placed every account in the territory of its city."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.model = ""
        self.territories: dict[str, str] = {}
        self.accounts: dict[str, dict[str, Any]] = {}

    async def set_up(self) -> None:
        """The accounts and the model."""
        chance = random.Random(7)
        bodies = [
            {
                "name": f"{city} {n:03}",
                "country": "FR",
                "city": city,
                "latitude": f"{latitude + chance.gauss(0, 0.3):.6f}",
                "longitude": f"{longitude + chance.gauss(0, 0.3):.6f}",
                "potential": f"{chance.lognormvariate(10, 0.6):.2f}",
            }
            for city, (latitude, longitude, count) in CITIES.items()
            for n in range(count)
        ]
        for begin in range(0, len(bodies), 100):
            body: dict[str, Any] = {"items": bodies[begin : begin + 100], "mode": "atomic"}
            await self.world.post("sales_ops", "/v1/accounts:batch", body)
        self.accounts = {row["id"]: row for row in await self.rows("/v1/accounts")}
        year = {"code": "FIELD", "name": "Field", "starts_on": "2026-01-01"}
        self.model = (await self.world.post("sales_ops", "/v1/territory-models", year))["id"]
        for city in CITIES:
            terms = {"model_id": self.model, "code": city, "name": city.title(), "rule": {"cities": [city]}}
            self.territories[city] = (await self.world.post("sales_ops", "/v1/territories", terms))["id"]
        await self.world.post("sales_ops", f"/v1/territory-models/{self.model}/apply-rules")

    async def rows(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """All items of a list, page by page."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = await self.world.get("sales_ops", path, limit=200, **params, **cursor)
            found += page["items"]
            if not page["page"].get("next_cursor"):
                return found
            cursor = {"cursor": page["page"]["next_cursor"]}

    async def scenario(self, *, expect: int | None = None, **terms: Any) -> Any:
        """Describe a scenario; by default potential and accounts are balanced with little effort."""
        body = {
            "name": "Even",
            "model_id": self.model,
            "measures": MEASURES,
            "stake": "potential",
            "iterations": 200_000,
            "deadline_seconds": 8,
            **terms,
        }
        return await self.world.post("sales_ops", "/v1/territory-scenarios", body, expect=expect)

    async def ask(self, scenario: str, action: str, **body: Any) -> dict[str, Any]:
        """Run the job that an action of a scenario starts; the job when it is over."""
        job_modules()
        job = await self.world.post("sales_ops", f"/v1/territory-scenarios/{scenario}/{action}", body)
        return await self.work(job["id"])

    async def work(self, job: str) -> dict[str, Any]:
        """Run a job in this process, as the worker does."""
        assert await run_job(self.world.service, self.world.org_id, UUID(job))
        done: dict[str, Any] = await self.world.get("sales_ops", f"/v1/jobs/{job}")
        return done

    async def solved(self, **terms: Any) -> dict[str, Any]:
        """The result of a scenario."""
        job = await self.ask((await self.scenario(**terms))["id"], "solve")
        assert job["state"] == "succeeded", job["problem"]
        result: dict[str, Any] = await self.world.get("sales_ops", job["result"]["results"][0]["path"])
        return result

    async def placed(self, result: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The placements of a result by account."""
        rows = await self.rows("/v1/scenario-placements", result_id=result["id"])
        return {row["account_id"]: row for row in rows}

    def deviations(self, placed: dict[str, str], territories: list[str]) -> tuple[Decimal, Decimal]:
        """Largest share by which a territory is off an equal part of potential and of accounts, from the accounts."""
        potential = dict.fromkeys(territories, Decimal(0))
        count = dict.fromkeys(territories, 0)
        for account, code in placed.items():
            potential[code] += Decimal(self.accounts[account]["potential"]["amount"])
            count[code] += 1
        even = sum(potential.values(), Decimal(0)) / len(territories)
        equal = Decimal(len(placed)) / len(territories)
        return (
            max(abs(held - even) / even for held in potential.values()),
            max(abs(held - equal) / equal for held in count.values()),
        )
