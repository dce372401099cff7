"""Plans centred at units: what several searches have found is put together, and few units are seated as they come."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.territories.design import anneal, seated
from app.domain.territories.design.anneal import Plan, ground_of
from app.domain.territories.design.create import create
from app.domain.territories.design.measure import evaluate, seats_of
from app.domain.territories.design.pool import Pool
from app.domain.territories.design.problem import NOWHERE, Ints, Problem, Search
from tests.domain.territories.design.problems import ints, problem


def asked_for(units: int, territories: int, seed: int) -> Problem:
    """Upper limits only, a fifth of them free; centred at units."""
    loads = np.random.default_rng(seed).integers(1, 9, (units, 1)).astype(np.float64)
    tolerance = np.array([0.25])
    return problem(units, territories, seed=seed, loads=loads, tolerance=tolerance, floor=False, centre_at_unit=True)


def plan_of(asked: Problem, assign: Ints) -> Plan:
    seats = seats_of(asked, assign)
    feasible = evaluate(asked, assign).feasible
    return Plan(assign, asked.points[seats], seats, np.zeros_like(asked.targets), feasible)


def pool_of(asked: Problem, assign: Ints) -> Pool:
    return Pool(ground_of(asked, None, ints(np.ones(asked.units)), np.zeros_like(asked.targets)), assign)


def two_towns() -> tuple[Problem, Ints, Ints, Ints]:
    """Two towns of four pairs each; a plan good in one, another good in the other, and the one good in both."""
    pairs = np.repeat(np.arange(8), 2)
    points = np.column_stack([np.where(pairs < 4, 0.0, 500.0) + 10.0 * (pairs % 4), np.tile([0.0, 1.0], 8)])
    asked = problem(16, 8, points=points, loads=np.ones((16, 1)), floor=False, centre_at_unit=True)
    asked = replace(asked, weight=np.ones(16))
    mixed = pairs.copy()
    mixed[[1, 2]], mixed[[5, 6]] = mixed[[2, 1]], mixed[[6, 5]]
    west, east = ints(pairs.copy()), ints(pairs.copy())
    east[:8], west[8:] = mixed[:8], mixed[:8] + 4
    return asked, west, east, ints(pairs)


def test_what_is_good_in_each_of_two_plans_comes_together() -> None:
    asked, west, east, best = two_towns()
    found = pool_of(asked, west).best([plan_of(asked, west), plan_of(asked, east)], np.inf)
    assert evaluate(asked, found.assign).travel == pytest.approx(evaluate(asked, best).travel)
    assert evaluate(asked, west).travel > evaluate(asked, best).travel
    assert (found.assign[found.seat] == np.arange(8)).all()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.booleans(), st.booleans())
def test_it_keeps_bands_and_locks_and_is_at_least_as_good_as_each_plan(seed: int, locks: bool, own: bool) -> None:
    asked, chance = asked_for(14, 4, seed), np.random.default_rng(seed)
    if locks:
        asked = replace(asked, locked=ints([3, 1, *[NOWHERE] * 12]))
    if own:
        asked = replace(asked, misfit=chance.uniform(0, 50, (14, 4)))
    every = [ints(chance.permutation(np.arange(14) % 4)) for _ in range(200)]
    for each in every:
        each[asked.locked != NOWHERE] = asked.locked[asked.locked != NOWHERE]
    plans = [plan_of(asked, each) for each in every if len(set(each.tolist())) == 4]
    found = pool_of(asked, every[0]).best(plans, np.inf)
    if not any(plan.feasible for plan in plans):
        return

    def cost(plan: Plan) -> float:
        misfit = 0.0 if asked.misfit is None else float(asked.weight @ asked.misfit[np.arange(14), plan.assign])
        away = asked.points - asked.points[plan.seat[plan.assign]]
        return float(asked.weight @ np.hypot(*away.T)) + misfit

    assert evaluate(asked, found.assign).feasible
    assert (found.assign[found.seat] == np.arange(4)).all()
    assert cost(found) <= min(cost(plan) for plan in plans if plan.feasible) * (1 + 1e-9)


def test_many_searches_find_what_one_as_long_as_all_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seated, "polish", lambda ground, plan, *_: plan)
    asked, search = asked_for(200, 25, 7), Search(iterations=2_400_000)
    many = create(asked, search)
    assert many.assign.tobytes() == create(asked, search).assign.tobytes()
    monkeypatch.setattr(seated, "_MOVES", 1_000_000)
    one = create(asked, search)
    assert many.feasible
    assert one.feasible
    assert many.travel < 0.99 * one.travel


def test_territories_of_few_units_are_better_when_seats_are_weighed_with_every_move(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seated, "polish", lambda ground, plan, *_: plan)
    asked = asked_for(300, 80, 2)
    searches = [Search(seed=seed, iterations=300_000) for seed in range(4)]
    weighed = sum(create(asked, search).travel for search in searches)
    monkeypatch.setattr(anneal, "FEW", 0)
    plain = sum(create(asked, search).travel for search in searches)
    assert weighed < 0.998 * plain
