"""A pay desk in a small organisation: a published plan, quotas, sales and runs, all through the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import app.domain.compensation.run_job  # noqa: F401 - declares the job
from app.worker import run_job as work_off
from tests.world import World

TIERS = [{"lower": "0", "upper": "1", "value": "0.05"}, {"lower": "1", "value": "0.10"}]
COMMISSION: dict[str, Any] = {
    "kind": "commission",
    "code": "REVENUE",
    "name": "Commission on revenue",
    "trigger": "booking",
    "measure": {"of": "revenue", "whose": "own"},
    "window": {"over": "year", "quota": "window", "paid": "each_period"},
    "rate": {
        "tiers": {
            "method": "marginal",
            "input": {"figure": "attainment"},
            "boundary": "higher",
            "pays": "rate",
            "tiers": TIERS,
        }
    },
    "limits": [{"kind": "floor", "per": "year", "amount": "0"}],
    "proration": {"quota": "months", "target": "months"},
}
"""5 % up to quota and 10 % above, over the year; nobody ever owes."""


class Desk:
    """Sam and Sue are paid 5 % up to their quota of 120,000 a year and 10 % above."""

    def __init__(self, world: World, periods: dict[str, str]) -> None:
        self.world = world
        self.periods = periods
        self.plan = ""
        self.rules: dict[str, str] = {}

    async def credit_by(self, *kinds: str, since: str = "2026-01-01", **more: Any) -> dict[str, str]:
        """Crediting rules of these kinds in their order; their ids by kind."""
        rules = {}
        for place, kind in enumerate(kinds, 1):
            code = f"{kind.upper()}-{since}"
            body = {"code": code, "name": kind, "kind": kind, "precedence": 10 * place, "effective_from": since}
            rules[kind] = (await self.world.post("comp_admin", "/v1/crediting-rules", {**body, **more}))["id"]
        return rules

    async def change(self, who: str, path: str, **body: Any) -> Any:
        """Change something as it is now."""
        client = self.world.client(who)
        tag = (await client.get(path)).headers["etag"]
        answer = await client.patch(path, json=body, headers={"if-match": tag})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def remove(self, who: str, path: str) -> None:
        """Delete something as it is now."""
        client = self.world.client(who)
        tag = (await client.get(path)).headers["etag"]
        answer = await client.delete(path, headers={"if-match": tag})
        assert answer.status_code == 204, answer.text

    async def publish(
        self,
        code: str = "AE-2026",
        *,
        components: Sequence[dict[str, Any]] = (COMMISSION,),
        takes_part: tuple[str, ...] = ("sam", "sue"),
        starting: str = "2026-01-01",
        target: str | None = None,
        **more: Any,
    ) -> str:
        """A published plan; the first brings the usual crediting rules with it."""
        self.rules = self.rules or await self.credit_by("explicit_split", "territory_coverage", "account_owner")
        body = {
            "code": code,
            "name": "Account executives",
            "fiscal_year": 2026,
            "currency": "EUR",
            "components": list(components),
            **more,
        }
        plan = str((await self.world.post("comp_admin", "/v1/compensation-plans", body))["id"])
        sellers = [self.world.sellers[name] for name in takes_part]
        path = f"/v1/compensation-plans/{plan}"
        enrolment = {"seller_ids": sellers, "effective_from": starting, "target_incentive": target}
        await self.world.post("comp_admin", f"{path}/enrol", enrolment)
        await self.put_in_force(plan)
        self.plan = self.plan or plan
        return plan

    async def put_in_force(self, plan: str) -> None:
        """Bring a draft plan to be published."""
        for who, action in (
            ("comp_admin", "submit"),
            ("admin", "review"),
            ("finance", "approve"),
            ("comp_admin", "publish"),
        ):
            await self.world.post(who, f"/v1/compensation-plans/{plan}/{action}")

    async def quota(self, seller: str, amount: str, year: str = "2026") -> None:
        """An accepted revenue quota of the year."""
        body = {"seller_id": self.world.sellers[seller], "period_id": self.periods[year], "amount": amount}
        quota = (await self.world.post("sales_ops", "/v1/quotas", body))["id"]
        await self.world.post("sales_ops", f"/v1/quotas/{quota}/propose")
        await self.world.post(seller, f"/v1/quotas/{quota}/accept")

    async def sell(
        self,
        day: str,
        amount: str,
        *sellers: str,
        shares: tuple[str, ...] = ("1",),
        kind: str = "booking",
        **more: Any,
    ) -> str:
        """A transaction credited to the sellers."""
        splits = [
            {"seller_id": self.world.sellers[name], "share": share} for name, share in zip(sellers, shares, strict=True)
        ]
        body = {
            "kind": kind,
            "transaction_date": day,
            "amount": {"amount": amount, "currency": "EUR"},
            "splits": splits,
            **more,
        }
        return str((await self.world.post("comp_admin", "/v1/transactions", body))["id"])

    async def ask(self, period: str, kind: str = "official", *, expect: int | None = None, **more: Any) -> Any:
        """Ask for a run without working it off."""
        body = {"period_id": self.periods[period], "kind": kind, **more}
        return await self.world.post(
            "comp_admin", "/v1/compensation-runs", body, expect=expect, idempotency_key=str(uuid4())
        )

    async def work(self, run: Any) -> Any:
        """Work off a run's job; the run as it is then."""
        await work_off(self.world.service, self.world.org_id, UUID(run["job_id"]))
        return await self.world.get("finance", f"/v1/compensation-runs/{run['id']}")

    async def calculate(self, period: str, kind: str = "official", **more: Any) -> Any:
        run = await self.work(await self.ask(period, kind, **more))
        assert run["state"] == "calculated", await self.world.get("comp_admin", f"/v1/jobs/{run['job_id']}")
        return run

    async def take(self, run: Any, *actions: str) -> Any:
        """Finance takes moves one after the other; the run after the last."""
        for action in actions:
            run = await self.world.post("finance", f"/v1/compensation-runs/{run['id']}/{action}")
        return run

    async def posted(self, period: str) -> Any:
        return await self.take(await self.calculate(period), "review", "approve", "post")

    async def items(self, who: str, path: str, **params: Any) -> list[Any]:
        found: list[Any] = (await self.world.get(who, path, limit=200, **params))["items"]
        return found

    async def statement(self, who: str, run: Any, seller: str) -> Any:
        (found,) = await self.items(who, "/v1/statements", run_id=run["id"], seller_id=self.world.sellers[seller])
        return found
