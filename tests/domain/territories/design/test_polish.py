"""Plans centred at units: the bound is below every plan of a part, and the polish finds the best of small designs."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.territories.design.anneal import Plan, ground_of
from app.domain.territories.design.create import create
from app.domain.territories.design.kernels.dual import Sites, dual
from app.domain.territories.design.measure import evaluate, seats_of
from app.domain.territories.design.polish import polish
from app.domain.territories.design.problem import NOWHERE, Floats, Ints, Problem, Search, Solution
from app.domain.territories.design.threads import threads
from app.domain.territories.design.watch import Watch
from tests.domain.territories.design.problems import ints, problem

SEARCH = Search(iterations=5_000_000)


def seated(units: int, territories: int, seed: int) -> Problem:
    """Upper limits only, a fifth of them free; centred at units."""
    loads = np.random.default_rng(seed).integers(1, 9, (units, 1)).astype(np.float64)
    return problem(
        units,
        territories,
        seed=seed,
        loads=loads,
        tolerance=np.array([0.25]),
        floor=False,
        centre_at_unit=True,
    )


def plans_of(asked: Problem) -> list[Solution]:
    """Every plan that keeps everything and leaves no territory empty."""
    every = product(range(asked.territories), repeat=asked.units)
    plans = (evaluate(asked, ints(places)) for places in every if len(set(places)) == asked.territories)
    return [plan for plan in plans if plan.feasible]


def polished(asked: Problem, assign: Ints, search: Search = SEARCH) -> Solution:
    ground = ground_of(asked, None, ints(np.ones(asked.units)), np.zeros_like(asked.targets))
    seats = seats_of(asked, assign)
    start = Plan(assign, asked.points[seats], seats, np.zeros_like(asked.targets), feasible=True)
    with threads() as run:
        return evaluate(asked, polish(ground, start, Watch(search), run, 0.0, 1.0).assign)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10_000), st.booleans())
def test_a_feasible_plan_of_a_small_design_is_polished_to_the_best_there_is(seed: int, some_locked: bool) -> None:
    asked = seated(6, 3, seed)
    if some_locked:
        asked = replace(asked, locked=ints([0, 1, *[NOWHERE] * 4]))
    plans = plans_of(asked)
    if plans:
        worst = max(plans, key=lambda plan: plan.travel)
        found = polished(asked, worst.assign)
        assert found.feasible
        assert found.travel <= min(plan.travel for plan in plans) * (1 + 2e-5)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.integers(4, 6), st.integers(1, 3))
def test_the_bound_is_below_the_best_plan_and_no_better_plan_is_struck_out(seed: int, units: int, opened: int) -> None:
    chance = np.random.default_rng(seed)
    cost = chance.uniform(0, 10, (units, units))
    np.fill_diagonal(cost, 0.0)
    load = chance.integers(1, 5, units).astype(np.float64)
    room = np.full(units, np.ceil(load.sum() / opened * 1.3))
    sites = Sites(cost, load, room, np.zeros(units), np.zeros(units, np.int32), np.array([opened], np.int32))
    plans = list(_plans(cost, load, room, opened))
    if not plans:
        return
    best, chosen = min(plans, key=lambda each: each[0])
    known = best * 1.2 + 1.0
    may, pairs = np.zeros(units, np.bool_), np.zeros((units, units), np.bool_)
    bound = dual(sites, cost.mean(axis=0), known, 200, may, pairs)
    assert bound <= best + 1e-9
    assert may[list(set(chosen))].all()
    assert pairs[list(chosen), np.arange(units)].all()


def _plans(cost: Floats, load: Floats, room: Floats, opened: int) -> list[tuple[float, tuple[int, ...]]]:
    units = len(load)
    found = []
    for seats in combinations(range(units), opened):
        for serving in product(seats, repeat=units):
            held = np.bincount(serving, load, minlength=units)
            if (held <= room).all():
                found.append((float(cost[list(serving), np.arange(units)].sum()), serving))
    return found


def test_a_polish_makes_a_plan_better_never_worse_and_the_same_budget_gives_the_same_bytes() -> None:
    asked = seated(150, 15, 3)
    quick = Search(iterations=150_000)
    rough = replace(quick, iterations=2_000)
    start = create(asked, rough)
    assert start.feasible
    first, again = (polished(asked, start.assign, quick) for _ in range(2))
    assert first.feasible
    assert first.travel < start.travel
    assert first.assign.tobytes() == again.assign.tobytes()


def test_territories_of_one_unit_each_cost_nothing_and_are_let_be() -> None:
    asked = replace(seated(12, 12, 1), loads=np.ones((12, 1)), targets=np.ones((12, 1)))
    found = polished(asked, ints(np.arange(12)))
    assert found.travel == 0
    assert found.assign.tolist() == list(range(12))
