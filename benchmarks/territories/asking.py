"""What a stored design is asked over HTTP: what a move would change, and why an account is where it is.

The design is written as rows: how good it is has nothing to do with how long an answer about it takes.
"""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor
from app.domain.organisation.founding import issue_key_of
from app.operations import trusted
from app.service import Service
from benchmarks.servers import serve

_ASKED = 100
"""Accounts that are asked about, one after the other; each belongs to a family, which a move has to count."""

# Accounts far from one another, two measures; a fifth of the accounts belongs to families of four.
_RESULT = """
with known as (
  select id, row_number() over (order by id) as n, coalesce(potential, 0) as potential,
         (array[4, 12, 24])[1 + floor(random() * 3)::int]::numeric as visits
  from account where org_id = $1
), placed as (
  select *, 'T' || lpad((1 + n % $5::int)::text, 3, '0') as code from known
), result as (
  insert into scenario_result (org_id, scenario_id, job_id, model_id, point, terms, measures, currency, account_count,
    territory_count, moved_accounts, stake, moved_stake, disruption, travel, touring, pieces, feasible, stopped, digest,
    seconds, engine, notes)
  select $1, $2, $3, $4, 0, $6, jsonb_build_array(
           jsonb_build_object('measure', 'potential', 'total', sum(potential)::text, 'tolerance', '0.05',
                              'deviation', '0.04'),
           jsonb_build_object('measure', 'workload', 'total', sum(visits)::text, 'tolerance', '0.05',
                              'deviation', '0.04')),
         'EUR', count(*), $5::int, 0, sum(potential), 0, 1000, 1e7, 1e6, $5::int, true, 'done', '', 1, 'rows', '[]'
  from known returning id
), territory as (
  insert into scenario_territory (org_id, result_id, code, account_count, x, y, measures, travel, touring, pieces,
    lacks)
  select $1, result.id, code, count(*), random() * 4500, random() * 2500, jsonb_build_array(
           jsonb_build_object('measure', 'potential', 'load', sum(potential)::text, 'target', sum(potential)::text,
                              'deviation', '0', 'price', '0.5'),
           jsonb_build_object('measure', 'workload', 'load', sum(visits)::text, 'target', sum(visits)::text,
                              'deviation', '0', 'price', '2')),
         1e4, 1e3, 1, '{}'
  from placed cross join result group by result.id, code
)
insert into scenario_placement (org_id, result_id, account_id, territory_code, moved, locked, family, x, y, visits,
  stake, loads, needs, reason)
select $1, result.id, placed.id, code, false, false, case when n % 20 < 4 then n / 20 end, random() * 4500,
       random() * 2500, visits, potential, array[potential, visits], '{}', 'new'
from placed cross join result returning result_id
"""


async def asked(
    service: Service, connection: asyncpg.Connection, actor: Actor, folder: Path, model: str, territories: int
) -> dict[str, float]:
    """Median seconds of an answer by what is asked."""
    result = await _result(service, connection, actor, model, territories)
    accounts = await connection.fetch(
        "select account_id, territory_code from scenario_placement where org_id = $1 and result_id = $2"
        " and family is not null order by account_id limit $3",
        actor.org_id,
        result,
        _ASKED,
    )
    others = [row["territory_code"] for row in accounts[1:]] + [accounts[0]["territory_code"]]
    moves = [
        {"moves": [{"account_id": str(row["account_id"]), "territory_code": code}]}
        for row, code in zip(accounts, others, strict=True)
    ]
    explained = [{"account_ids": [str(row["account_id"])]} for row in accounts]
    key = await _key(service, actor)
    with serve("benchmarks.product:application", service.dsn, folder) as port:
        peer = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        return {
            "what-if over HTTP": _median(peer, key, f"/v1/scenario-results/{result}/what-if", moves),
            "explanation over HTTP": _median(peer, key, f"/v1/scenario-results/{result}/explain", explained),
        }


async def _result(service: Service, connection: asyncpg.Connection, actor: Actor, model: str, territories: int) -> UUID:
    measures = [{"measure": "potential"}, {"measure": "workload"}]
    terms = {"name": "Asked", "model_id": model, "method": "create", "territory_count": territories}
    scenario = await _do(service, actor, "create_territory_scenario", None, measures=measures, **terms)
    job = await _do(service, actor, "solve_territory_scenario", UUID(scenario["id"]))
    kept = {key: value for key, value in scenario.items() if key not in ("id", "version", "created_at", "updated_at")}
    found = await connection.fetchval(
        _RESULT, actor.org_id, UUID(scenario["id"]), UUID(job["id"]), UUID(model), territories, json.dumps(kept)
    )
    await connection.execute("vacuum analyze scenario_placement, scenario_territory")
    return UUID(str(found))


async def _do(service: Service, actor: Actor, command: str, id: UUID | None, /, **body: Any) -> dict[str, Any]:
    spec = service.catalogue.commands[command]
    answer = await service.operations.perform(actor, trusted(spec, spec.body.model_validate(body), id))
    found: dict[str, Any] = json.loads(answer.body)
    return found


async def _key(service: Service, actor: Actor) -> str:
    principal = await _do(service, actor, "create_principal", None, kind="service", name="asks", roles=[Role.SALES_OPS])
    organisation = str(actor.org_id)
    return await issue_key_of(service.operations.transaction, organisation, "asks", UUID(principal["id"]))


def _median(connection: http.client.HTTPConnection, key: str, path: str, bodies: list[Mapping[str, Any]]) -> float:
    """Of the seconds that answers take on one connection, the first few left out."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    seconds = []
    for body in [*bodies[:3], *bodies]:
        begun = time.perf_counter()
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        said = answer.read()
        seconds.append(time.perf_counter() - begun)
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {said.decode()}")
    return statistics.median(seconds[3:])
