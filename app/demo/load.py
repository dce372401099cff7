"""Loads the demo organisation once, and hands out its keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from app.demo.generate import generate
from app.demo.keys import DemoKeys
from app.demo.people import Demo
from app.demo.stages import (
    compensation,
    customers,
    fieldwork,
    market,
    organisation,
    payday,
    plans,
    quotas,
    ranking,
    season,
    territories,
)
from app.domain.kernel.apikeys import hash_key
from app.domain.organisation.founding import found_organisation
from app.service import Service

NAME = "Demo Company"
_UNFINISHED = f"{NAME} (unfinished)"
_LOCK = 7_266_363
"""Key of the lock that makes a second loader wait for the first."""

Show = Callable[[int, int, str], None]
"""Told how much is done, of how much, and what is being done."""

_STAGES: tuple[tuple[int, str, Callable[[Demo], Awaitable[None]]], ...] = (
    (8, "hiring sellers", organisation.found),
    (1, "describing the market", market.describe),
    (5, "listing accounts", market.list_accounts),
    (8, "listing deals", market.list_opportunities),
    (8, "drawing territories", territories.design),
    (8, "assigning territories", territories.assign),
    (3, "ranking accounts", ranking.rank),
    (9, "meeting customers", customers.meet),
    (1, "assessing what they have", customers.assess),
    (2, "asking for references", customers.refer),
    (3, "pursuing leads", customers.pursue),
    (1, "planning cadence", fieldwork.plan_cadence),
    (16, "visiting", fieldwork.visit),
    (9, "agreeing on quotas", quotas.agree),
    (9, "writing plans", plans.write),
    (8, "agreeing on pay", compensation.agree),
    (16, "recording what was sold", compensation.record),
    (9, "paying the first quarter", payday.first_quarter),
    (8, "posting the second quarter", payday.second_quarter),
    (9, "calculating the third quarter", payday.third_quarter),
    (2, "handing over deals", season.hand_over),
    (2, "losing sellers", season.lose_sellers),
    (9, "planning next year's territories", season.plan),
)
"""Share of the work (about tenths of it in seconds), what it is, and who does it."""


async def load_demo(service: Service, keys: DemoKeys, show: Show, *, scale: float = 1.0, seed: int = 1) -> None:
    """Make the demo organisation unless it is there, and leave working keys in `keys`.

    A loader that was killed leaves an organisation that says so in its name; the next one founds another. `scale`
    shrinks the numbers of everything, for tests.
    """
    connection = await asyncpg.connect(service.dsn)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        org_id = await connection.fetchval("select org_id from organisation where name = $1", NAME)
        if org_id is None:
            org_id = await _load(service, connection, show, scale, seed)
        if not await _all_valid(connection, org_id, keys.read()):
            keys.write(await organisation.issue_keys(service.operations, org_id))
    finally:
        await connection.close()


async def _load(service: Service, connection: asyncpg.Connection, show: Show, scale: float, seed: int) -> UUID:
    total, done = sum(weight for weight, _, _ in _STAGES) + 2, 0
    show(0, total, "making up a company")
    company = generate(seed, datetime.now(UTC).date(), scale)
    done += 1
    founded = await found_organisation(service.operations.transaction, _UNFINISHED, "EUR")
    demo = Demo(service, company, founded.actor)
    for weight, text, stage in _STAGES:
        show(done, total, text)
        await stage(demo)
        await connection.execute("analyze")
        done += weight
    await demo.do(founded.actor, "update_organisation", founded.actor.org_id, name=NAME)
    show(total, total, "demo organisation ready")
    return founded.actor.org_id


async def _all_valid(connection: asyncpg.Connection, org_id: UUID, held: dict[str, str]) -> bool:
    """Whether there is a key for every role and this organisation knows them all."""
    known = await connection.fetchval(
        "select count(*) from api_key where org_id = $1 and hash = any($2) and revoked_at is null",
        org_id,
        [hash_key(key) for key in held.values()],
    )
    return set(held) == set(organisation.KEY_HOLDERS) and known == len(organisation.KEY_HOLDERS)
