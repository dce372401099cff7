"""An organisation that begins with nothing but its people, driven over HTTP alone."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx

from app.worker import run_job
from tests.world import World

# Latitude, longitude, and how many accounts are around each city.
CITIES = {
    "Paris": (48.8566, 2.3522, 110),
    "Rouen": (49.4432, 1.0993, 40),
    "Orléans": (47.9030, 1.9093, 25),
    "Reims": (49.2583, 4.0317, 30),
    "Amiens": (49.8941, 2.2958, 20),
    "Lille": (50.6292, 3.0573, 15),
}


class Season:
    """The callers, and what a script around the API would do: upload, follow a job, page through a list."""

    def __init__(self, world: World) -> None:
        self.world = world

    def client(self, who: str) -> httpx.AsyncClient:
        return self.world.client(who)

    async def get(self, who: str, path: str, **params: Any) -> Any:
        return await self.world.get(who, path, **params)

    async def post(self, who: str, path: str, body: Any = None, *, expect: int | None = None) -> Any:
        return await self.world.post(who, path, body, expect=expect, idempotency_key=str(uuid4()))

    async def rows(self, who: str, path: str, **params: Any) -> list[dict[str, Any]]:
        """All items of a list, page by page."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = await self.world.get(who, path, limit=200, **params, **cursor)
            found += page["items"]
            if not page["page"].get("next_cursor"):
                return found
            cursor = {"cursor": page["page"]["next_cursor"]}

    async def work_off(self, job: dict[str, Any]) -> dict[str, Any]:
        """What the worker does, and the result that the job then shows."""
        assert await run_job(self.world.service, self.world.org_id, UUID(job["id"]))
        done = await self.get("sales_ops", f"/v1/jobs/{job['id']}")
        assert done["state"] == "succeeded", done["problem"]
        result: dict[str, Any] = done["result"]
        return result

    async def job(self, who: str, path: str, body: Any = None) -> dict[str, Any]:
        """An action that answers with a job; its result."""
        return await self.work_off(await self.post(who, path, body))

    async def upload(self, entity: str, rows: Sequence[dict[str, Any]]) -> Any:
        """Import rows as CSV; the import as it is afterwards."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        headers = {"content-type": "text/csv", "idempotency-key": str(uuid4())}
        path = f"/v1/imports?entity={entity}&source=crm"
        answer = await self.client("sales_ops").post(path, content=text.getvalue().encode(), headers=headers)
        assert answer.status_code == 202, answer.text
        return await self.get("sales_ops", (await self.work_off(answer.json()))["path"])


def account_rows(owners: Sequence[str]) -> list[dict[str, Any]]:
    """Accounts as a CRM exports them, the same every time."""
    chance = random.Random(11)
    return [
        {
            "external_key": f"{city}-{n:03}",
            "name": f"{city} {n:03}",
            "country": "FR",
            "city": city,
            "latitude": f"{latitude + chance.gauss(0, 0.2):.6f}",
            "longitude": f"{longitude + chance.gauss(0, 0.2):.6f}",
            "industry": chance.choice(["Retail", "Energy", "Health"]),
            "employees": chance.randint(5, 900),
            "potential": f"{chance.lognormvariate(10, 0.5):.2f}",
            "win_probability": f"{chance.randint(5, 90) / 100}",
            "owner_id": owners[n % len(owners)],
        }
        for city, (latitude, longitude, count) in CITIES.items()
        for n in range(count)
    ]
