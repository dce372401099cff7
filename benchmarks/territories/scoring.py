"""The whole organisation at once: every account scored, every account placed by the rules, a design asked about."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import from_json

from app.domain.accounts.scoring_job import score_accounts
from app.domain.kernel.scope import Actor, Tx
from app.domain.organisation.founding import found_organisation
from app.domain.territories import placement
from app.operations import trusted
from app.service import Service
from app.settings import Settings
from benchmarks.cluster import fresh_database
from benchmarks.measure import Options
from benchmarks.results import Comparison, Results
from benchmarks.territories.asking import asked

ACCOUNTS, TERRITORIES = 200_000, 500
_STARTS = date(2090, 1, 1)
_INDUSTRIES = [f"Industry {number}" for number in range(12)]
_COUNTRIES = ["AT", "BE", "DE", "ES", "FR", "IT", "NL", "PL", "PT", "SE"]
_WORK = ("scoring", "scoring again", "rules", "rules again")
_EXPECTED = dict(zip(_WORK, (5.0, 5.0, 20.0, 20.0), strict=True)) | {
    "what-if over HTTP": 0.05,
    "explanation over HTTP": 0.1,
}
"""Most seconds on 2 cores."""

# Drawn by the server, from a seed: the same at every run but for ids and days.
_FILL = (
    """
    insert into account (org_id, name, industry, country, city, employees, annual_revenue, potential, win_probability,
                         currency)
    select $1, 'Account ' || n, ($3::text[])[1 + floor(random() * 12)::int],
           ($4::text[])[1 + floor(random() * 10)::int], 'City ' || floor(random() * random() * 400)::int,
           exp(random() * 9)::int, round(exp(10 + random() * 10)::numeric, 2),
           case when random() < 0.95 then round(exp(6 + random() * 9)::numeric, 2) end, round(random()::numeric, 2),
           case when random() < 0.98 then 'EUR' else 'USD' end
    from generate_series(1, $2::int) n
    """,
    """
    insert into opportunity (org_id, name, account_id, seller_id, stage, amount, currency, opened_on, closed_on)
    select $1, 'Deal', id, $2, stage, round(exp(7 + random() * 6)::numeric, 2), 'EUR', opened,
           case when stage in ('won', 'lost') then opened + 60 end
    from (
      select id, (array['prospecting', 'engaging', 'proposal', 'won', 'lost'])[1 + floor(random() * 5)::int] as stage,
             current_date - floor(random() * 700)::int as opened
      from account cross join generate_series(1, 4) where account.org_id = $1 and random() < 0.5
    ) deal
    """,
    """
    insert into account_rating (org_id, account_id, criterion, rating, rated_at, actor_id, actor_name)
    select $1, id, 'refers', 1 + floor(random() * 5)::int, now(), $2, 'benchmark'
    from account where org_id = $1 and random() < 0.5
    """,
)


@dataclass
class _Job:
    """A job run here and now."""

    service: Service
    actor: Actor
    payload: dict[str, Any]
    id: UUID
    artifacts: Path = Path()

    def transaction(self, *, snapshot: bool = False) -> AbstractAsyncContextManager[Tx]:
        return self.service.operations.transaction(self.actor, snapshot=snapshot)

    def attempt(self, tx: Tx) -> AbstractAsyncContextManager[Tx]:
        return self.service.operations.attempt(tx)

    async def progress(
        self, done: int, total: int | None = None, *, unit: str | None = None, message: str | None = None
    ) -> None: ...


def run(options: Options, results: Results) -> None:
    """Score and place all accounts of a fresh database twice: from nothing, then with nothing to change. Then ask."""
    accounts, territories = (max(10, int(number * options.scale)) for number in (ACCOUNTS, TERRITORIES))
    names = {each: f"{each} {accounts:,} accounts" for each in _EXPECTED}
    if not any(options.only in name for name in names.values()):
        return
    with fresh_database(durable=options.durable) as (dsn, folder):
        measured = asyncio.run(_measured(dsn, folder, accounts, territories))
    for each, seconds in measured.items():
        print(
            f"{names[each]:40}{'product':>26}{seconds:9.3f}   expected in {_EXPECTED[each]:g} s on 2 cores", flush=True
        )
        results.comparisons.append(Comparison(names[each], seconds, "s", "expected", seconds / _EXPECTED[each]))


async def _measured(dsn: str, folder: Path, accounts: int, territories: int) -> dict[str, float]:
    service = Service(Settings(data_dir=folder, rate_limit=0, statement_timeout=600), dsn)
    actor = (await found_organisation(service.operations.transaction, "Benchmark", "EUR")).actor
    hired = {"name": "Seller", "hired_on": "2020-01-01", "position": {"job_role": "Account executive", "team": "A"}}
    seller = await _do(service, actor, "create_seller", **hired)
    for number, industry in enumerate(_INDUSTRIES):
        await _do(service, actor, "create_segment", code=f"S{number}", name=industry, rule={"industries": [industry]})
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("select set_config('palier.org_id', $1, false)", str(actor.org_id))
        await connection.execute("select setseed(0.5)")
        await connection.execute(_FILL[0], actor.org_id, accounts, _INDUSTRIES, _COUNTRIES)
        for statement in _FILL[1:]:
            await connection.execute(statement, actor.org_id, UUID(seller["id"]))
        card, model = await _scorecard(service, actor), await _model(service, actor, territories)
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
        return await _worked(service, connection, actor, folder, card, model, territories)
    finally:
        await connection.close()
        await service.close()


async def _worked(
    service: Service,
    connection: asyncpg.Connection,
    actor: Actor,
    folder: Path,
    card: str,
    model: str,
    territories: int,
) -> dict[str, float]:
    async def score() -> None:
        await score_accounts(_Job(service, actor, {"scorecard_id": card}, UUID(card)))

    async def place() -> None:
        async with service.operations.transaction(actor) as tx:
            await placement.place(tx, UUID(model), _STARTS)

    found = {name: await _seconds(work) for name, work in zip(_WORK, (score, score, place, place), strict=True)}
    return found | await asked(service, connection, actor, folder, model, territories)


async def _seconds(work: Callable[[], Awaitable[None]]) -> float:
    begun = time.perf_counter()
    await work()
    return time.perf_counter() - begun


async def _do(service: Service, actor: Actor, command: str, /, **body: Any) -> dict[str, Any]:
    spec = service.catalogue.commands[command]
    answer = await service.operations.perform(actor, trusted(spec, spec.body.model_validate(body)))
    found: dict[str, Any] = from_json(answer.body)
    return found


async def _scorecard(service: Service, actor: Actor) -> str:
    """Six criteria: every method, two groups, deals, and what people said."""

    def criterion(code: str, weight: str, method: str, missing: str, **more: Any) -> dict[str, Any]:
        kind = "quantitative" if "figure" in more else "qualitative"
        return {"code": code, "name": code, "kind": kind, "weight": weight, "method": method, "missing": missing} | more

    bands = [
        {"from_value": "50", "score": "0.3"},
        {"from_value": "500", "score": "0.7"},
        {"from_value": "2000", "score": "1"},
    ]
    criteria = [
        criterion("potential", "30", "percentile", "zero", figure="potential", within="industry"),
        criterion("revenue", "15", "linear", "leave_out", figure="annual_revenue", low="0", high="5000000"),
        criterion("size", "10", "bands", "zero", figure="employees", bands=bands),
        criterion("wins", "15", "linear", "leave_out", figure="win_rate", low="0", high="1"),
        criterion("pipeline", "15", "percentile", "zero", figure="weighted_pipeline", within="segment"),
        criterion("refers", "15", "linear", "leave_out", low="1", high="5"),
    ]
    classes = {"a": "70", "b": "50", "c": "30"}
    made = await _do(service, actor, "create_scorecard", code="FIT", name="Fit", criteria=criteria, classes=classes)
    return str(made["id"])


async def _model(service: Service, actor: Actor, territories: int) -> str:
    """Territories of a country each, told apart by cities, industries, and sizes of both kinds."""
    model = await _do(service, actor, "create_territory_model", code="M", name="Model", starts_on=_STARTS)
    draw = random.Random(1)
    spec = service.catalogue.commands["create_territory"]
    async with service.operations.transaction(actor) as tx:
        for number in range(territories):
            rule: dict[str, Any] = {"countries": [draw.choice(_COUNTRIES)]} | draw.choice(
                (
                    {"cities": [f"City {draw.randrange(400)}" for _ in range(8)]},
                    {"industries": [draw.choice(_INDUSTRIES)], "min_employees": draw.choice((None, 10, 50, 200, 1000))},
                    {"min_annual_revenue": draw.choice(("10000", "100000", "1000000")), "industries": _INDUSTRIES[:6]},
                    {"max_employees": draw.choice((100, 500, 2000))},
                )
            )
            code = f"T{number:03}"
            terms = {"code": code, "name": code, "priority": draw.randrange(1, 100), "rule": rule}
            body = spec.body.model_validate({"model_id": model["id"]} | terms)
            await service.operations.run(tx, trusted(spec, body))
    return str(model["id"])
