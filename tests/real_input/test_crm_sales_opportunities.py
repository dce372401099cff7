"""A sales year on real input, over HTTP alone: a CRM's files become rows, quotas, runs and statements, to the cent.

Needs the data set `crm-sales-opportunities`, which is not part of this repository: PALIER_REAL_INPUT names its folder.
"""

from __future__ import annotations

import csv
import os
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.domain.organisation.founding import found_organisation, issue_key_of
from app.main import create_app
from app.service import Service, job_modules
from app.settings import Settings
from app.worker import run_job

BESIDE = Path(__file__).parents[3] / "shared" / "data" / "crm-sales-opportunities"
DATA = Path(os.environ.get("PALIER_REAL_INPUT", BESIDE))
MAPPING = "crm-sales-opportunities"
DESKS = ("sales_ops", "finance", "comp_admin", "viewer")
ANNUAL_TOTAL = Decimal(8_000_000)
TIERS = [("0", "0.50", "0.04"), ("0.50", "1", "0.06"), ("1", None, "0.09")]
MONTHS = {"2017-Q1": "03", "2017-Q2": "06", "2017-Q3": "09", "2017-Q4": "12"}
"""Last month of each quarter."""

pytestmark = pytest.mark.skipif(not (DATA / "sales_pipeline.csv").is_file(), reason=f"{DATA} is not there")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def files() -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("files", (path.name, path.read_bytes(), "text/csv")) for path in sorted(DATA.glob("*.csv"))]


@dataclass
class Company:
    """The organisation whose data it is, seen over HTTP."""

    service: Service
    app: Any
    keys: dict[str, str] = field(default_factory=dict)
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def client(self, who: str) -> httpx.AsyncClient:
        if who not in self.clients:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            headers = {"authorization": f"Bearer {self.keys[who]}"}
            self.clients[who] = httpx.AsyncClient(transport=transport, base_url="http://palier.test", headers=headers)
        return self.clients[who]

    async def get(self, who: str, path: str, **params: Any) -> Any:
        answer = await self.client(who).get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def all(self, who: str, path: str, **params: Any) -> list[Any]:
        found, cursor = [], None
        while True:
            page = await self.get(who, path, limit=200, **params, **({"cursor": cursor} if cursor else {}))
            found += page["items"]
            if not (cursor := page["page"]["next_cursor"]):
                return found

    async def post(self, who: str, path: str, body: Any = None) -> Any:
        """A command or, on an object, an action upon its present version."""
        headers = {"idempotency-key": str(uuid4())}
        parts = path.split("/")
        if len(parts) == 5:
            headers["if-match"] = (await self.client(who).get("/".join(parts[:4]))).headers.get("etag", "*")
        answer = await self.client(who).post(path, json=body or {}, headers=headers)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    async def employ(self, name: str, role: str, seller_id: str | None = None) -> None:
        """Let somebody in with a key of its own."""
        body = {"kind": "person", "name": name, "roles": [role], "seller_id": seller_id}
        principal = await self.post("admin", "/v1/principals", body)
        organisation = (await self.get("admin", "/v1/organisations"))["items"][0]["id"]
        # Nobody issues a key that may do more than themselves, so it is the operator's to give.
        transaction = self.service.operations.transaction
        self.keys[name] = await issue_key_of(transaction, organisation, name, UUID(principal["id"]))

    async def work_off(self, job: Any) -> Any:
        """What the worker does, and the job as it is afterwards."""
        org_id = UUID((await self.get("admin", "/v1/organisations"))["items"][0]["id"])
        assert await run_job(self.service, org_id, UUID(job["id"]))
        done = await self.get("admin", f"/v1/jobs/{job['id']}")
        assert done["state"] == "succeeded", done["problem"]
        return done

    async def import_files(self) -> Any:
        """Send the files as they are; the import that came of it."""
        answer = await self.client("sales_ops").post(
            "/v1/imports", data={"mapping": MAPPING}, files=files(), headers={"idempotency-key": str(uuid4())}
        )
        assert answer.status_code == 202, answer.text
        job = await self.work_off(answer.json())
        assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
        return await self.get("sales_ops", job["result"]["path"])


@pytest.fixture
async def company(database: str, tmp_path: Path) -> AsyncIterator[Company]:
    job_modules()
    service = Service(Settings(data_dir=tmp_path, rate_limit=0), database)
    founded = await found_organisation(service.operations.transaction, "Sales team", "USD")
    made = Company(service, create_app(service), {"admin": founded.key})
    for role in DESKS:
        await made.employ(role, role)
    yield made
    for client in made.clients.values():
        await client.aclose()
    await service.close()


def by_step(report: Any) -> dict[tuple[str, str], Any]:
    return {(step["file"], step["entity"]): step for step in report["steps"]}


async def test_every_row_is_accounted_for_and_every_cleaning_reported(company: Company) -> None:
    report = await company.import_files()
    for step in report["steps"]:
        ends = ("created", "changed", "unchanged", "rejected", "excluded", "repeated")
        assert step["read"] == sum(step[end] for end in ends), step
        assert (step["rejected"], step["changed"], step["unchanged"]) == (0, 0, 0), step
    assert [(step["entity"], step["read"], step["created"]) for step in report["steps"]] == [
        ("seller", 35, 6),
        ("seller", 35, 35),
        ("product", 7, 7),
        ("account", 85, 85),
        ("opportunity", 8_800, 8_800),
        ("transaction", 8_800, 4_238),
    ]
    transactions = by_step(report)["sales_pipeline.csv", "transaction"]
    assert transactions["excluded_because"] == {"Only won deals are transactions.": 4_562}

    cleaned = await company.all("sales_ops", "/v1/import-findings", import_id=report["id"], severity="cleaned")
    told = Counter((f["file"], f["entity"], f["column"], f["before"], f["after"]) for f in cleaned)
    misspelt = sum(row["product"] == "GTXPro" for row in rows("sales_pipeline.csv"))
    won = sum(row["product"] == "GTXPro" and row["deal_stage"] == "Won" for row in rows("sales_pipeline.csv"))
    sectors = sum(row["sector"] == "technolgy" for row in rows("accounts.csv"))
    assert told == {
        ("accounts.csv", "account", "sector", "technolgy", "technology"): sectors,
        ("accounts.csv", "account", "office_location", "Philipines", "Philippines"): 1,
        ("sales_pipeline.csv", "opportunity", "product", "GTXPro", "GTX Pro"): misspelt,
        ("sales_pipeline.csv", "transaction", "product", "GTXPro", "GTX Pro"): won,
    }
    # Each names the row of the file as a spreadsheet counts, its header being row 1.
    numbered = {n for n, row in enumerate(rows("accounts.csv"), 2) if row["sector"] == "technolgy"}
    assert {finding["row"] for finding in cleaned if finding["column"] == "sector"} == numbered
    ignored = await company.all("sales_ops", "/v1/import-findings", import_id=report["id"], severity="ignored")
    assert {(f["file"], f["column"]) for f in ignored} == {
        ("data_dictionary.csv", None),
        ("accounts.csv", "year_established"),
    }
    assert all(finding["detail"] for finding in ignored)

    download = await company.client("sales_ops").get(f"/v1/imports/{report['id']}/findings.csv")
    told_again = list(csv.DictReader(download.text.splitlines()))
    assert sum(finding["severity"] == "cleaned" for finding in told_again) == len(cleaned)


async def test_the_rows_say_what_the_files_say(company: Company) -> None:
    await company.import_files()
    accounts = {a["id"]: a for a in await company.all("sales_ops", "/v1/accounts")}
    names = {id: account["name"] for id, account in accounts.items()}
    for row in rows("accounts.csv"):
        (account,) = [a for a in accounts.values() if a["name"] == row["account"]]
        assert names.get(account["parent_id"], "") == row["subsidiary_of"]
        assert Decimal(account["annual_revenue"]["amount"]) == Decimal(row["revenue"]) * 1_000_000
        assert account["external_ids"] == [{"source": MAPPING, "key": row["account"]}]
    assert {a["country"] for a in accounts.values() if a["country"] != "US"} >= {"NO", "KR", "PH", "JO"}

    sellers = {s["id"]: s for s in await company.all("sales_ops", "/v1/sellers")}
    line = {s["name"]: (sellers[s["manager_id"]]["name"], s["team"]) for s in sellers.values() if s["manager_id"]}
    assert line == {row["sales_agent"]: (row["manager"], row["regional_office"]) for row in rows("sales_teams.csv")}
    assert {s["team"] for s in sellers.values()} == {"Central", "East", "West"}

    products = {p["id"]: p["name"] for p in await company.all("sales_ops", "/v1/products")}
    deals = {d["external_ids"][0]["key"]: d for d in await company.all("sales_ops", "/v1/opportunities")}
    for row in rows("sales_pipeline.csv"):
        deal = deals[row["opportunity_id"]]
        assert products[deal["product_id"]].replace(" ", "") == row["product"].replace(" ", "")
        assert names.get(deal["account_id"], "") == row["account"]
        assert (deal["stage"], deal["closed_on"] or "") == (row["deal_stage"].lower(), row["close_date"])
        assert (
            deal["amount"] is None
            if not row["close_value"]
            else Decimal(deal["amount"]["amount"]) == Decimal(row["close_value"])
        )
        assert sellers[deal["seller_id"]]["name"] == row["sales_agent"]


async def test_a_second_import_changes_nothing(company: Company) -> None:
    await company.import_files()

    async def state() -> list[Any]:
        paths = ("sellers", "positions", "products", "accounts", "opportunities", "transactions")
        return [sorted(await company.all("admin", f"/v1/{path}"), key=lambda row: row["id"]) for path in paths]

    before, events = await state(), await company.all("admin", "/v1/events")
    again = await company.import_files()
    for step in again["steps"]:
        assert (step["created"], step["changed"], step["rejected"]) == (0, 0, 0), step
        assert step["read"] == step["unchanged"] + step["excluded"] + step["repeated"]
    assert await state() == before
    new = [event["name"] for event in (await company.all("admin", "/v1/events"))[len(events) :]]
    assert new == ["data_import.started", "data_import.finished", "job.succeeded"]


def office_of_accounts() -> dict[str, str]:
    """The office whose agents closed most deals with an account."""
    offices = {row["sales_agent"]: row["regional_office"] for row in rows("sales_teams.csv")}
    deals: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows("sales_pipeline.csv"):
        if row["account"]:
            deals[row["account"]][offices[row["sales_agent"]]] += 1
    return {account: min(count, key=lambda office: (-count[office], office)) for account, count in deals.items()}


async def territory_model(company: Company, sellers: dict[str, Any]) -> None:
    """One territory per office in force from 2017 on, covered by its two managers in equal parts."""
    accounts = {a["name"]: a["id"] for a in await company.all("sales_ops", "/v1/accounts")}
    body = {"code": "OFFICES", "name": "Regional offices", "starts_on": "2017-01-01"}
    model = (await company.post("sales_ops", "/v1/territory-models", body))["id"]
    territories = {}
    for office in ("Central", "East", "West"):
        mine = [accounts[name] for name, where in office_of_accounts().items() if where == office]
        asked = {"model_id": model, "code": office.upper(), "name": office, "rule": {"account_ids": mine}}
        territories[office] = (await company.post("sales_ops", "/v1/territories", asked))["id"]
    placed = await company.post("sales_ops", f"/v1/territory-models/{model}/apply-rules")
    assert (placed["assigned"], placed["unassigned"], placed["ambiguous"]) == (85, 0, 0)
    for who, action in (
        ("sales_ops", "submit"),
        ("admin", "review"),
        ("finance", "approve"),
        ("sales_ops", "activate"),
    ):
        await company.post(who, f"/v1/territory-models/{model}/{action}")
    for name, office in sorted({(row["manager"], row["regional_office"]) for row in rows("sales_teams.csv")}):
        share = {"share": "0.5", "effective_from": "2017-01-01"}
        asked = {"territory_id": territories[office], "seller_id": sellers[name]["id"], **share}
        assignment = await company.post("sales_ops", "/v1/territory-assignments", asked)
        await company.post(name, f"/v1/territory-assignments/{assignment['id']}/accept")
    shares = {t["name"]: Decimal(t["assigned_share"]) for t in await company.all("sales_ops", "/v1/territories")}
    assert shares == dict.fromkeys(("Central", "East", "West"), Decimal(1))


async def quotas(company: Company, periods: dict[str, str]) -> dict[str, Decimal]:
    """The year's total cut in equal parts and accepted by every agent; the quota of each."""
    body = {"period_id": periods["2017"], "total": str(ANNUAL_TOTAL), "method": "equal"}
    allocation = await company.post("sales_ops", "/v1/quotas/allocate", body)
    proposed = await company.post("sales_ops", "/v1/quotas/propose", {"allocation_id": allocation["id"]})
    assert (proposed["proposed"], proposed["refused"]) == (35, [])
    accepted = {}
    for row in rows("sales_teams.csv"):
        name = row["sales_agent"]
        (mine,) = await company.all(name, "/v1/quotas")
        done = await company.post(name, f"/v1/quotas/{mine['id']}/accept")
        assert done["state"] == "accepted"
        accepted[name] = Decimal(done["amount"]["amount"])
    assert sum(accepted.values()) == ANNUAL_TOTAL
    return accepted


async def plan(company: Company) -> None:
    """A published commission on won deals by the day they closed, with an accelerator above quota."""
    component = {
        "kind": "commission",
        "code": "WON",
        "name": "Commission on won deals",
        "trigger": "booking",
        "measure": {"of": "revenue", "whose": "own"},
        "window": {"over": "year", "quota": "window", "paid": "each_period"},
        "rate": {
            "tiers": {
                "method": "marginal",
                "input": {"figure": "attainment"},
                "boundary": "higher",
                "pays": "rate",
                "tiers": [{"lower": start, "upper": end, "value": rate} for start, end, rate in TIERS],
            }
        },
        "limits": [{"kind": "floor", "per": "year", "amount": "0"}],
        "proration": {"quota": "months", "target": "months"},
    }
    body = {
        "code": "AGENTS-2017",
        "name": "Sales agents 2017",
        "fiscal_year": 2017,
        "currency": "USD",
        "components": [component],
    }
    path = f"/v1/compensation-plans/{(await company.post('comp_admin', '/v1/compensation-plans', body))['id']}"
    rule = {"code": "AGENT", "name": "The agent of the deal", "kind": "explicit_split", "precedence": 1}
    await company.post("comp_admin", "/v1/crediting-rules", {**rule, "effective_from": "2017-01-01"})
    enrolled = await company.post(
        "comp_admin", f"{path}/enrol", {"job_role": "Sales agent", "effective_from": "2017-01-01"}
    )
    assert enrolled["enrolled"] == 35
    for who, action in (
        ("comp_admin", "submit"),
        ("admin", "review"),
        ("finance", "approve"),
        ("comp_admin", "publish"),
    ):
        await company.post(who, f"{path}/{action}")


async def run_quarter(company: Company, period: str) -> Any:
    """The posted run of a quarter."""
    run = await company.post("comp_admin", "/v1/compensation-runs", {"period_id": period, "kind": "official"})
    await company.work_off({"id": run["job_id"]})
    for action in ("review", "approve", "post"):
        run = await company.post("finance", f"/v1/compensation-runs/{run['id']}/{action}")
    assert run["state"] == "posted"
    return run


def commission(sold: Decimal, quota: Decimal) -> Decimal:
    """What the tiers earn on sales to date: computed here anew, from the words of the plan."""
    earned = Decimal(0)
    for start, end, rate in TIERS:
        top = sold if end is None else min(sold, quota * Decimal(end))
        earned += max(top - quota * Decimal(start), Decimal(0)) * Decimal(rate)
    return earned.quantize(Decimal("0.01"), ROUND_HALF_UP)


def expected(quota: dict[str, Decimal]) -> Iterator[tuple[str, str, Decimal]]:
    """What every agent is owed for every quarter, from the CSV alone."""
    won = [row for row in rows("sales_pipeline.csv") if row["deal_stage"] == "Won"]
    for name, annual in quota.items():
        before = Decimal(0)
        for quarter, month in MONTHS.items():
            last = f"2017-{month}-31"
            mine = [row for row in won if row["sales_agent"] == name and "2017-01-01" <= row["close_date"] <= last]
            to_date = commission(sum((Decimal(row["close_value"]) for row in mine), Decimal(0)), annual)
            yield name, quarter, to_date - before
            before = to_date


async def test_a_year_of_statements_agrees_with_the_files_to_the_cent(company: Company) -> None:
    await company.import_files()
    sellers = {s["name"]: s for s in await company.all("sales_ops", "/v1/sellers")}
    managers = {row["manager"] for row in rows("sales_teams.csv")}
    for name, seller in sellers.items():
        await company.employ(name, "manager" if name in managers else "seller", seller["id"])
    body = {"fiscal_year": 2017, "start_date": "2017-01-01"}
    await company.post("finance", "/v1/periods/create-year", body)
    periods = {p["code"]: p["id"] for p in await company.all("finance", "/v1/periods", fiscal_year=2017)}
    await territory_model(company, sellers)
    quota = await quotas(company, periods)
    await plan(company)

    told: dict[tuple[str, str], Decimal] = {}
    for quarter in MONTHS:
        run = await run_quarter(company, periods[quarter])
        names = {seller["id"]: name for name, seller in sellers.items()}
        for statement in await company.all("finance", "/v1/statements", run_id=run["id"]):
            assert (statement["period_code"], statement["needs_attention"]) == (quarter, 0)
            told[names[statement["seller_id"]], quarter] = Decimal(statement["total"]["amount"])
    owed = {(name, quarter): amount for name, quarter, amount in expected(quota)}
    assert len(owed) == 35 * 4
    assert told == owed
    # The accelerator was reached, or it was not tested.
    best = max(quota, key=lambda name: sum(owed[name, quarter] for quarter in MONTHS))
    assert sum(owed[best, quarter] for quarter in MONTHS) > commission(quota[best], quota[best])

    mine = await company.all(best, "/v1/statements")
    assert {s["period_code"]: Decimal(s["total"]["amount"]) for s in mine} == {q: owed[best, q] for q in MONTHS}
