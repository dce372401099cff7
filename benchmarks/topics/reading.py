"""Reading, creating and moving, in REST and in GraphQL: the product, the ordinary way, and the bare SQL."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

from app.service import Service
from app.settings import Settings
from benchmarks import pgbench
from benchmarks.cluster import fresh_database
from benchmarks.company import Company, make_company
from benchmarks.figures import Bench, Cycle, Figure
from benchmarks.measure import Options, Turn, interleaved, latency, rate
from benchmarks.requests import VERSION, Request, graphql
from benchmarks.results import Results
from benchmarks.servers import serve

REST_PEER = "FastAPI + SQLModel"
GRAPHQL_PEER = "strawberry + ORM"
CEILING = "pgbench"
UNIT = "requests/s"
_SAMPLES = 64

ONE_ACCOUNT = """
query($id: ID!) { account(id: $id) {
  id version createdAt updatedAt name industry country city latitude longitude employees winProbability ownerId currency
  annualRevenue { amount currency } potential { amount currency } expectedValue { amount currency } quadrant
  externalIds { source key } } }
"""
ACCOUNTS_WITH_LINKS = """
query($owner: UUID!) { accounts(first: 50, filter: {ownerId: {eq: $owner}}, sort: [NAME_ASC]) {
  nodes { id name industry potential { amount currency } quadrant
    parent { id name }
    owner { id name team manager { id name } }
    opportunities(first: 3, sort: [NAME_ASC]) { nodes { id name stage amount { amount currency } closedOn } } }
  pageInfo { hasNextPage } } }
"""
CREATE = """
mutation($input: CreateAccountInput!) { createAccount(input: $input) {
  id version name potential { amount currency } quadrant ownerId } }
"""
CLOSE = """
mutation($input: CloseFiscalPeriodInput!) { closeFiscalPeriod(input: $input) {
  id version state allowedActions { action allowed code } } }
"""
REOPEN = """
mutation($input: ReopenFiscalPeriodInput!) { reopenFiscalPeriod(input: $input) {
  id version state allowedActions { action allowed code } } }
"""


def run(options: Options) -> Results:
    """Make the data, start the servers, check that they agree, and measure."""
    with fresh_database(durable=options.durable) as (dsn, folder):
        print(f"making {options.scale:.0%} of the data", flush=True)
        company = asyncio.run(_make(dsn, folder, options.scale))
        figures = [figure for figure in figures_of(company) if options.only in figure.name]
        bench = Bench(dsn, company.key, folder)
        scripts = asyncio.run(bench.scripts(figures))
        with (
            serve("benchmarks.product:application", dsn, folder) as product,
            serve("benchmarks.ordinary.main:application", dsn, folder) as ordinary,
        ):
            print("checking that the answers are equal", flush=True)
            for figure in figures:
                bench.check_equal(figure, product, ordinary)
            return _measure(bench, company.org_id, figures, scripts, (product, ordinary), options)


async def _make(dsn: str, folder: Path, scale: float) -> Company:
    service = Service(Settings(data_dir=folder), dsn)
    try:
        return await make_company(service, scale)
    finally:
        await service.close()


def figures_of(company: Company) -> list[Figure]:
    """What is measured, in this order: writes come last because they make the tables grow."""
    chance = random.Random(2)
    accounts = chance.sample(company.accounts, _SAMPLES)
    owners = chance.sample(company.sellers, _SAMPLES)
    new = [
        {
            "name": f"New account {n}",
            "industry": "Software",
            "country": "FR",
            "city": "Nantes",
            "employees": 120,
            "potential": "12345.67",
            "win_probability": "0.25",
            "owner_id": str(owner),
        }
        for n, owner in enumerate(owners)
    ]
    quotas = [
        Request("GET", f"/v1/quotas?period_id={id}&limit=100&include=seller,period") for id in company.quota_periods
    ]
    return [
        Figure("one account", REST_PEER, [Request("GET", f"/v1/accounts/{id}") for id in accounts], expected=5),
        Figure(
            "page of 50 accounts",
            REST_PEER,
            [Request("GET", f"/v1/accounts?owner_id={id}&limit=50") for id in owners],
            expected=5,
        ),
        Figure("page of 100 quotas with 2 links", REST_PEER, quotas, expected=5),
        Figure(
            "GraphQL one account",
            GRAPHQL_PEER,
            [graphql(ONE_ACCOUNT, id=f"account:{id}") for id in accounts],
            expected=15,
        ),
        Figure(
            "GraphQL 50 accounts with 4 links",
            GRAPHQL_PEER,
            [graphql(ACCOUNTS_WITH_LINKS, owner=str(id)) for id in owners],
            expected=15,
        ),
        Figure("create an account", REST_PEER, [Request("POST", "/v1/accounts", body) for body in new], writes=True),
        Figure("close or reopen a period", REST_PEER, cycles=_rest_cycles(company.free_periods), writes=True),
        Figure(
            "GraphQL create an account",
            GRAPHQL_PEER,
            [graphql(CREATE, input={_camel(name): value for name, value in body.items()}) for body in new],
            writes=True,
        ),
        Figure(
            "GraphQL close or reopen a period", GRAPHQL_PEER, cycles=_graphql_cycles(company.free_periods), writes=True
        ),
    ]


def _rest_cycles(periods: Sequence[UUID]) -> list[Cycle]:
    expected = {"if-match": f'"{VERSION}"'}
    comment = {"comment": "A late invoice."}
    return [
        Cycle(
            "fiscal_period",
            id,
            ("open", "closed"),
            (
                Request("POST", f"/v1/periods/{id}/close", {}, expected),
                Request("POST", f"/v1/periods/{id}/reopen", comment, expected),
            ),
        )
        for id in periods
    ]


def _graphql_cycles(periods: Sequence[UUID]) -> list[Cycle]:
    def subject(id: UUID, **more: str) -> dict[str, str]:
        return {"id": f"fiscal_period:{id}", "ifMatch": VERSION, **more}

    return [
        Cycle(
            "fiscal_period",
            id,
            ("open", "closed"),
            (graphql(CLOSE, input=subject(id)), graphql(REOPEN, input=subject(id, comment="A late invoice."))),
        )
        for id in periods
    ]


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _measure(
    bench: Bench,
    org_id: UUID,
    figures: Sequence[Figure],
    scripts: dict[str, list[Path]],
    ports: tuple[int, int],
    options: Options,
) -> Results:
    results = Results()
    product, ordinary = ports
    print(f"\n{'':34}{'product':>18}{'ordinary way':>18}{'ratio':>8}{'pgbench':>10}{'share':>7}")
    for figure in figures:
        turns: dict[str, Turn] = {
            "product": partial(bench.turn, figure, product, options.connections),
            figure.peer: partial(bench.turn, figure, ordinary, options.connections),
            CEILING: partial(pgbench.replay, bench.dsn, org_id, scripts[figure.name]),
        }
        outcomes = interleaved(turns, options)
        mine, theirs, ceiling = (rate(outcomes[name]) for name in ("product", figure.peer, CEILING))
        print(
            f"{figure.name:34}{mine:9.0f}/s{latency(outcomes['product']):5.1f}ms"
            f"{theirs:9.0f}/s{latency(outcomes[figure.peer]):5.1f}ms{mine / theirs:7.1f}x{ceiling:8.0f}/s"
            f"{mine / ceiling:7.2f}{_verdict(figure, mine / theirs)}",
            flush=True,
        )
        rates = {name: [outcome.rate for outcome in found] for name, found in outcomes.items()}
        results.add(figure.name, UNIT, rates.pop("product"), rates)
    return results


def _verdict(figure: Figure, ratio: float) -> str:
    if figure.expected is None or ratio >= figure.expected:
        return ""
    return f"  below the expected {figure.expected:g}x"
