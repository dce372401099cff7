"""What a plan of the design engine means for the accounts and territories it is about. Only the worker imports this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

import numpy as np
from scipy.optimize import linear_sum_assignment

from app.domain.territories.contract.scenario_results import PlacementReason, SellerMatch
from app.domain.territories.contract.scenarios import DesignMethod
from app.domain.territories.design.explain import explain_all
from app.domain.territories.design.graph import graph_of
from app.domain.territories.design.measure import centres_of, travel_of
from app.domain.territories.design.problem import NOWHERE, Contiguity, Flags, Floats, Solution
from app.domain.territories.design.rebalance import disruption_of, today_centres
from app.domain.territories.design.travel import estimate
from app.domain.territories.scenarios.inputs import Inputs
from app.domain.territories.scenarios.sellers import matched_sellers


@dataclass(frozen=True, eq=False)
class Why:
    """Why an account is where it is; what is absent is not known or does not apply."""

    reason: PlacementReason
    keeping_cost: float | None = None
    keeping_deviation: float | None = None
    alternative: int | None = None
    alternative_cost: float | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """A solution with everything that is told about it."""

    inputs: Inputs
    solution: Solution
    succeeds: Sequence[str | None]
    """Of each territory, the one of the model that it is or takes over most of."""
    moved: Flags
    why: Sequence[Why]
    touring: Floats
    """[k] kilometres of a tour past all accounts of a territory, an estimate."""
    sellers: Mapping[int, tuple[UUID, SellerMatch]]
    """The seller proposed for a territory."""
    seconds: Decimal
    disruption: float
    """km that moving one unit of stake weighed."""


def successors(inputs: Inputs, solution: Solution) -> list[str | None]:
    """The territory of the model that each territory is, or the one whose stake it takes over most of.

    New territories are paired with those there are so that as much stake as possible stays; one without a partner
    succeeds none.
    """
    if inputs.terms.method is DesignMethod.REBALANCE:
        return list(inputs.codes)
    old = sorted({row["code"] for row in inputs.accounts if row["code"] is not None})
    if not old:
        return [None] * len(inputs.codes)
    index = {code: n for n, code in enumerate(old)}
    shared = np.zeros((len(inputs.codes), len(old)))
    # Without any stake, the number of accounts decides.
    stake = inputs.problem.stake + 1e-6
    for unit, row in enumerate(inputs.accounts):
        if row["code"] is not None:
            shared[solution.assign[unit], index[row["code"]]] += stake[unit]
    found: list[str | None] = [None] * len(inputs.codes)
    for territory, position in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
        if shared[territory, position] > 0:
            found[territory] = old[position]
    return found


def moved_units(inputs: Inputs, solution: Solution, succeeds: Sequence[str | None]) -> Flags:
    """[n] whether an account leaves today's territory, or does not go to its successor."""
    found: Flags = np.array(
        [
            row["code"] is not None and row["code"] != succeeds[territory]
            for row, territory in zip(inputs.accounts, solution.assign, strict=True)
        ],
        dtype=np.bool_,
    )
    return found


def travel_today(inputs: Inputs) -> float | None:
    """Kilometres a year of the accounts that have a territory today; None for new territories."""
    if inputs.terms.method is DesignMethod.CREATE:
        return None
    problem = inputs.problem
    placed = problem.today != NOWHERE
    now = replace(
        problem,
        points=problem.points[placed],
        weight=problem.weight[placed],
        loads=problem.loads[placed],
        today=problem.today[placed],
        stake=problem.stake[placed],
        locked=problem.locked[placed],
        group=problem.group[placed],
        allowed=None,
        misfit=None,
    )
    return travel_of(now, now.today, centres_of(now, now.today))


def told(inputs: Inputs, solution: Solution, seconds: Decimal) -> Plan:
    """Everything there is to tell about a solution."""
    succeeds = successors(inputs, solution)
    moved = moved_units(inputs, solution, succeeds)
    disruption = disruption_of(inputs.problem, today_centres(inputs.problem))
    return Plan(
        inputs=inputs,
        solution=solution,
        succeeds=succeeds,
        moved=moved,
        why=_why(inputs, solution, disruption),
        touring=_touring(inputs, solution),
        sellers=matched_sellers(inputs, solution),
        seconds=seconds,
        disruption=disruption,
    )


def _why(inputs: Inputs, solution: Solution, disruption: float) -> list[Why]:
    """Why each account is where it is; the costs only of those that leave today's territory."""
    new = inputs.terms.method is DesignMethod.CREATE
    stays = Why(PlacementReason.NEW if new else PlacementReason.UNCHANGED)
    locked = inputs.problem.locked != NOWHERE
    why = [Why(PlacementReason.LOCKED) if held else stays for held in locked]
    if new:
        return why
    graph = None if inputs.problem.contiguity is Contiguity.NONE else graph_of(inputs.problem)
    for found in explain_all(inputs.problem, solution, disruption=disruption, vacant=_vacant(inputs), graph=graph):
        leaves = found.today != NOWHERE
        known = found.alternative != NOWHERE
        why[found.unit] = Why(
            reason=PlacementReason(found.reason.value),
            keeping_cost=found.travel if leaves else None,
            keeping_deviation=float(found.deviation_kept.max()) if leaves else None,
            alternative=found.alternative if known else None,
            alternative_cost=found.alternative_cost if known else None,
        )
    return why


def _vacant(inputs: Inputs) -> Flags | None:
    """[k] territories without a seller; None where nobody covers any, as in a draft."""
    covered = {row["code"] for row in inputs.covered}
    return np.array([code not in covered for code in inputs.codes], dtype=np.bool_) if covered else None


def _touring(inputs: Inputs, solution: Solution) -> Floats:
    points, assign = inputs.problem.points, solution.assign
    return np.array([estimate(points[assign == territory]).local for territory in range(len(inputs.codes))])
