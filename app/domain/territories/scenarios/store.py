"""A plan of the design engine as rows of a result. Only the worker imports this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import ROUND_DOWN, Decimal
from hashlib import sha256
from importlib.metadata import version
from typing import Any
from uuid import UUID

import numpy as np
from pydantic_core import to_json

from app.domain.kernel.money import round_half_away
from app.domain.kernel.scope import Tx
from app.domain.territories.contract.scenario_results import DesignFigure, TerritoryFigure
from app.domain.territories.contract.scenarios import DesignMethod
from app.domain.territories.design.measure import deviations, within
from app.domain.territories.design.problem import NOWHERE
from app.domain.territories.scenarios.inputs import Inputs
from app.domain.territories.scenarios.plan import Plan, travel_today
from app.domain.territories.scenarios.trial import deviation

_CHUNK = 10_000
_MOST = Decimal(10) ** 14 - 1
_LIBRARIES = ("numpy", "scipy", "numba")
_NOTES = {
    "today_kept": "Today's territories are within the tolerances: nothing has to move.",
    "bands_not_reached": "No plan within all tolerances was found; this one comes nearest.",
}

_RESULT = """
insert into scenario_result (org_id, id, scenario_id, job_id, model_id, point, terms, measures, currency, account_count,
  territory_count, moved_accounts, stake, moved_stake, disruption, must_move, travel, travel_today, touring, pieces,
  feasible, stopped, digest, seconds, engine, notes)
select :org_id, row.* from jsonb_to_record(cast(:row as jsonb)) row (id uuid, scenario_id uuid, job_id uuid,
  model_id uuid, point int, terms jsonb, measures jsonb, currency text, account_count int, territory_count int,
  moved_accounts int, stake numeric, moved_stake numeric, disruption numeric, must_move numeric, travel numeric,
  travel_today numeric,
  touring numeric, pieces int, feasible boolean, stopped text, digest text, seconds numeric, engine text, notes jsonb)
"""
_TERRITORIES = """
insert into scenario_territory (org_id, result_id, code, succeeds, account_count, x, y, latitude, longitude, measures,
  travel, touring, pieces, seller_id, seller_match, lacks)
select :org_id, :result, row.* from jsonb_to_recordset(cast(:rows as jsonb)) row (code text, succeeds text,
  account_count int, x numeric, y numeric, latitude numeric, longitude numeric, measures jsonb, travel numeric,
  touring numeric, pieces int, seller_id uuid, seller_match jsonb, lacks int[])
"""
_PLACEMENTS = """
insert into scenario_placement (org_id, result_id, account_id, territory_code, from_code, moved, locked, family, x, y,
  visits, stake, loads, needs, reason, keeping_cost, keeping_deviation, alternative_code, alternative_cost)
select :org_id, :result, row.* from jsonb_to_recordset(cast(:rows as jsonb)) row (account_id uuid, territory_code text,
  from_code text, moved boolean, locked boolean, family int, x numeric, y numeric, visits numeric, stake numeric,
  loads numeric[], needs int[], reason text, keeping_cost numeric, keeping_deviation numeric, alternative_code text,
  alternative_cost numeric)
"""


async def store(tx: Tx, scenario: UUID, job: UUID, plan: Plan, point: int = 0) -> UUID:
    """Keep a plan as a result; its sums are added up from the accounts' exact amounts."""
    await tx.execute("set local statement_timeout = 0")
    id = tx.new_id()
    territories = list(_territories(plan))
    result = {"id": id, "scenario_id": scenario, "job_id": job, "point": point, **_result(plan, territories)}
    await tx.execute(_RESULT, row=_json(result))
    await tx.execute(_TERRITORIES, result=id, rows=_json(territories))
    chunk: list[dict[str, Any]] = []
    for row in _placements(plan):
        chunk.append(row)
        if len(chunk) == _CHUNK:
            await tx.execute(_PLACEMENTS, result=id, rows=_json(chunk))
            chunk = []
    await tx.execute(_PLACEMENTS, result=id, rows=_json(chunk))
    return id


def _json(value: Any) -> str:
    return to_json(value).decode()


def _figure(value: float, rounding: str | None = None) -> Decimal:
    """A figure of the engine as it is stored: four digits, and no more than fits."""
    exact = min(max(Decimal(float(value)), -_MOST), _MOST)
    return exact.quantize(Decimal("0.0001"), rounding) if rounding else round_half_away(exact, 4)


def _result(plan: Plan, territories: Sequence[dict[str, Any]]) -> dict[str, Any]:
    inputs, solution, terms = plan.inputs, plan.solution, plan.inputs.terms
    stakes = _stakes(inputs)
    before = travel_today(inputs)
    new = terms.method is DesignMethod.CREATE
    return {
        "model_id": terms.model_id,
        "terms": terms.model_dump(mode="json"),
        "measures": [
            DesignFigure(
                measure=goal.measure,
                tolerance=goal.tolerance,
                total=sum((row[n] for row in inputs.loads), Decimal(0)),
                deviation=max(abs(row["measures"][n].deviation) for row in territories),
                today=None if new else max(abs(_today(inputs, row, n)) for row in territories),
            )
            for n, goal in enumerate(terms.measures)
        ],
        "currency": inputs.currency,
        "account_count": len(inputs.accounts),
        "territory_count": len(inputs.codes),
        "moved_accounts": int(plan.moved.sum()),
        "stake": sum(stakes, Decimal(0)),
        "moved_stake": sum((stake for stake, moved in zip(stakes, plan.moved, strict=True) if moved), Decimal(0)),
        "disruption": _figure(plan.disruption * 1000),
        # Rounded down: at least so much has to move.
        "must_move": None if solution.bound is None else _figure(solution.bound, ROUND_DOWN),
        "travel": sum((row["travel"] for row in territories), Decimal(0)),
        "travel_today": None if before is None else _figure(before),
        "touring": sum((row["touring"] for row in territories), Decimal(0)),
        "pieces": int(solution.pieces.sum()),
        "feasible": solution.feasible,
        "stopped": solution.stopped,
        "digest": digest(plan),
        "seconds": plan.seconds,
        "engine": ", ".join(f"{name} {version(name)}" for name in _LIBRARIES),
        "notes": [*inputs.notes, *(_NOTES.get(note, note) for note in solution.notes), *_furthest(plan)],
    }


def _furthest(plan: Plan) -> list[str]:
    """Which territory is furthest outside its tolerance, and by how much, if one is."""
    inputs, solution = plan.inputs, plan.solution
    away = deviations(inputs.problem, solution.loads)
    away[within(inputs.problem, solution.loads)] = 0.0
    if not away.any():
        return []
    territory, measure = np.unravel_index(int(away.argmax()), away.shape)
    goal, share = inputs.terms.measures[int(measure)], 100 * away[territory, measure]
    code = inputs.codes[int(territory)]
    return [
        f"Territory {code} is {share:.1f} % from its target of {goal.measure}; {100 * goal.tolerance:g} % is allowed."
    ]


def digest(plan: Plan) -> str:
    """SHA-256 over the accounts and their territories, in the order of the accounts."""
    lines = (
        f"{row['id']} {plan.inputs.codes[territory]}\n"
        for row, territory in zip(plan.inputs.accounts, plan.solution.assign, strict=True)
    )
    return sha256("".join(lines).encode()).hexdigest()


def _stakes(inputs: Inputs) -> list[Decimal]:
    return [row[f"stake_{inputs.terms.stake}"] for row in inputs.accounts]


def _mean(inputs: Inputs, n: int) -> Decimal:
    return sum((row[n] for row in inputs.targets), Decimal(0)) / len(inputs.targets)


def _today(inputs: Inputs, row: dict[str, Any], n: int) -> Decimal:
    figure: TerritoryFigure = row["measures"][n]
    return deviation(figure.today or Decimal(0), figure.target, _mean(inputs, n))


def _territories(plan: Plan) -> Iterator[dict[str, Any]]:
    inputs, solution = plan.inputs, plan.solution
    k, width = len(inputs.codes), len(inputs.terms.measures)
    held = [[Decimal(0)] * width for _ in range(k)]
    today = [[Decimal(0)] * width for _ in range(k)]
    for loads, territory, was in zip(inputs.loads, solution.assign, inputs.problem.today, strict=True):
        for n, load in enumerate(loads):
            held[territory][n] += load
            if was != NOWHERE:
                today[was][n] += load
    counts = Counter(solution.assign.tolist())
    away = inputs.problem.points - solution.centres[solution.assign]
    distance = np.hypot(away[:, 0], away[:, 1])
    travel = np.bincount(solution.assign, inputs.problem.weight * distance, k)
    new = inputs.terms.method is DesignMethod.CREATE
    means = [_mean(inputs, n) for n in range(width)]
    for territory, code in enumerate(inputs.codes):
        latitude, longitude = _middle(plan, territory, distance)
        seller, match = plan.sellers.get(territory, (None, None))
        yield {
            "code": code,
            "succeeds": plan.succeeds[territory],
            "account_count": counts[territory],
            "x": _figure(solution.centres[territory, 0]),
            "y": _figure(solution.centres[territory, 1]),
            "latitude": latitude,
            "longitude": longitude,
            "measures": [
                TerritoryFigure(
                    measure=goal.measure,
                    load=held[territory][n],
                    target=inputs.targets[territory][n],
                    today=None if new else today[territory][n],
                    deviation=deviation(held[territory][n], inputs.targets[territory][n], means[n]),
                    price=_figure(solution.prices[territory, n] * 1000),
                )
                for n, goal in enumerate(inputs.terms.measures)
            ],
            "travel": _figure(travel[territory]),
            "touring": _figure(plan.touring[territory]),
            "pieces": int(solution.pieces[territory]),
            "seller_id": seller,
            "seller_match": match,
            "lacks": inputs.lacks.get(code, ()),
        }


def _middle(plan: Plan, territory: int, distance: Any) -> tuple[Decimal | None, Decimal | None]:
    """Degrees of the account nearest to the middle of a territory, of those with coordinates of their own."""
    units = np.flatnonzero(plan.solution.assign == territory).tolist()
    known = [unit for unit in units if not plan.inputs.accounts[unit]["approximate"]]
    if not known:
        return None, None
    row = plan.inputs.accounts[min(known, key=lambda unit: (distance[unit], unit))]
    return row["latitude"], row["longitude"]


def _placements(plan: Plan) -> Iterator[dict[str, Any]]:
    inputs, problem = plan.inputs, plan.inputs.problem
    for unit, (row, stake) in enumerate(zip(inputs.accounts, _stakes(inputs), strict=True)):
        why = plan.why[unit]
        family = int(problem.group[unit])
        yield {
            "account_id": row["id"],
            "territory_code": inputs.codes[plan.solution.assign[unit]],
            "from_code": row["code"],
            "moved": bool(plan.moved[unit]),
            "locked": bool(problem.locked[unit] != NOWHERE),
            "family": None if family == NOWHERE else family,
            "x": _figure(problem.points[unit, 0]),
            "y": _figure(problem.points[unit, 1]),
            "visits": row["workload"],
            "stake": stake,
            "loads": inputs.loads[unit],
            "needs": inputs.needs.get(row["id"], ()),
            "reason": why.reason,
            "keeping_cost": None if why.keeping_cost is None else _figure(why.keeping_cost),
            "keeping_deviation": None if why.keeping_deviation is None else _rate(why.keeping_deviation),
            "alternative_code": None if why.alternative is None else inputs.codes[why.alternative],
            "alternative_cost": None if why.alternative_cost is None else _figure(why.alternative_cost),
        }


def _rate(value: float) -> Decimal:
    return round_half_away(min(Decimal(float(value)), Decimal(999)), 6)
