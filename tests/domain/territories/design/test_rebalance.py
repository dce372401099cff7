"""Re-balance: the least disruption, its bound, and what is never broken."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from app.domain.territories.design.bound import stake_bound
from app.domain.territories.design.measure import evaluate
from app.domain.territories.design.problem import NOWHERE, Contiguity, Problem, Progress, Search
from app.domain.territories.design.rebalance import rebalance

from .small import SEARCH, plans, problem_of, problems


@settings(max_examples=40, deadline=None)
@given(problems())
def test_the_bound_is_below_every_plan_and_ours_is_one(problem: Problem) -> None:
    plan = rebalance(problem, SEARCH)
    least = min((other.moved_stake for other in plans(problem)), default=None)
    if least is None:
        assert not plan.feasible
        return
    assert plan.bound is not None
    assert plan.bound <= least + 1e-6
    assert plan.feasible
    assert plan.moved_stake >= least - 1e-9


@settings(max_examples=40, deadline=None)
@given(problems())
def test_locks_allowed_pairs_and_groups_are_kept_even_when_bands_are_not(problem: Problem) -> None:
    assign = rebalance(problem, SEARCH).assign
    locked = problem.locked != NOWHERE
    assert (assign[locked] == problem.locked[locked]).all()
    assert len(set(assign[problem.group == 0])) <= 1
    if problem.allowed is not None:
        assert problem.allowed[np.arange(problem.units), assign].all()


@settings(max_examples=25, deadline=None)
@given(problems())
def test_figures_are_those_of_the_plan_and_the_same_input_gives_the_same_bytes(problem: Problem) -> None:
    plan, again = rebalance(problem, SEARCH), rebalance(problem, SEARCH)
    assert plan.assign.tobytes() == again.assign.tobytes()
    assert plan.prices.tobytes() == again.prices.tobytes()
    measured = evaluate(problem, plan.assign)
    assert (plan.travel, plan.moved_stake, plan.feasible) == (measured.travel, measured.moved_stake, measured.feasible)


def test_a_larger_design_moves_little_more_than_it_must() -> None:
    problem = replace(problem_of(240, 6, 3), tolerance=np.array([0.05, 0.05]))
    plan = rebalance(problem, SEARCH)
    assert plan.feasible
    assert plan.bound is not None
    assert 0 < plan.bound <= plan.moved_stake <= 1.3 * plan.bound


def test_a_thousand_accounts_of_uneven_size_move_at_most_a_third_more_than_if_they_could_be_shared() -> None:
    rng = np.random.default_rng(11)
    revenue, visits = rng.lognormal(0, 1.0, 1000).clip(0, 20), rng.choice([4.0, 12.0, 24.0], 1000, p=[0.6, 0.3, 0.1])
    points = rng.uniform(0, 100, (1000, 2))
    block = (points[:, 0] // 20).astype(np.int32) * 4 + (points[:, 1] // 25).astype(np.int32)
    loads = np.column_stack([revenue, visits])
    problem = problem_of(
        1000,
        20,
        11,
        points=points,
        weight=visits,
        loads=loads,
        targets=np.tile(loads.sum(axis=0) / 20, (20, 1)),
        tolerance=np.array([0.05, 0.05]),
        today=np.where(rng.random(1000) < 0.05, NOWHERE, block).astype(np.int32),
        stake=revenue,
        locked=np.where(rng.random(1000) < 0.05, block, NOWHERE).astype(np.int32),
    )
    plan = rebalance(problem, SEARCH)
    locked = problem.locked != NOWHERE
    assert plan.feasible
    assert (plan.assign[locked] == problem.locked[locked]).all()
    assert plan.bound is not None
    assert plan.relaxed_stake is not None
    assert 0 < plan.bound <= plan.relaxed_stake + 1e-6
    assert plan.moved_stake <= 1.3 * plan.relaxed_stake


def test_a_disruption_of_zero_looks_at_travel_alone() -> None:
    problem = replace(problem_of(60, 3, 7), tolerance=np.array([3.0, 3.0]), disruption=0.0)
    plan = rebalance(problem, SEARCH)
    assert plan.feasible
    assert plan.moved_stake > 0
    assert plan.travel < evaluate(problem, problem.today).travel


def test_nothing_moves_when_today_keeps_everything() -> None:
    problem = problem_of(6, 2, 1)
    balanced = replace(problem, tolerance=np.array([3.0, 3.0]))
    plan = rebalance(balanced, SEARCH)
    assert plan.moved_stake == 0
    assert plan.bound == 0
    assert (plan.assign == balanced.today).all()


def test_one_territory_holds_all() -> None:
    plan = rebalance(problem_of(5, 1, 2), SEARCH)
    assert plan.feasible
    assert plan.moved_stake == 0


def test_without_any_stake_units_still_move_only_for_balance() -> None:
    problem = replace(problem_of(30, 3, 5), stake=np.zeros(30), tolerance=np.array([0.2, 0.2]))
    plan = rebalance(problem, SEARCH)
    assert plan.feasible
    assert plan.bound == 0
    assert 0 < (plan.assign != problem.today).sum() < 15


def test_all_locked_stays_and_says_that_bands_were_not_reached() -> None:
    problem = problem_of(8, 2, 4)
    here = np.zeros(8, np.int32)
    plan = rebalance(replace(problem, today=here, locked=here), SEARCH)
    assert (plan.assign == 0).all()
    assert not plan.feasible
    assert plan.notes == ("bands_not_reached",)


def test_everything_at_one_point_is_balanced_by_load_alone() -> None:
    problem = replace(problem_of(40, 4, 6), points=np.ones((40, 2)), today=np.zeros(40, np.int32))
    plan = rebalance(problem, SEARCH)
    assert plan.feasible
    assert plan.travel == 0


def test_a_new_territory_is_filled_near_the_overload() -> None:
    problem = problem_of(60, 3, 7)
    today = (problem.points[:, 0] > 50).astype(np.int32)
    plan = rebalance(replace(problem, today=today, tolerance=np.array([0.1, 0.2])), SEARCH)
    assert plan.feasible
    assert (plan.assign == 2).any()


def test_hard_contiguity_leaves_no_exclave() -> None:
    rng = np.random.default_rng(8)
    side = 12
    points = np.array([(x, y) for x in range(side) for y in range(side)], dtype=np.float64)
    problem = replace(
        problem_of(side * side, 3, 8, points=points),
        today=(points[:, 0] // 5).astype(np.int32),
        tolerance=np.array([0.1, 0.1]),
        contiguity=Contiguity.HARD,
        stake=rng.uniform(1, 5, side * side),
    )
    plan = rebalance(problem, SEARCH)
    assert (plan.pieces == 1).all()
    assert plan.feasible


def test_a_cancelled_search_gives_a_whole_plan_and_says_so() -> None:
    problem = replace(problem_of(60, 4, 9), tolerance=np.array([0.05, 0.05]))

    def stop(progress: Progress) -> bool:
        return progress.phase == "relaxation"

    plan = rebalance(problem, Search(report=stop))
    assert plan.stopped == "cancelled"
    assert ((plan.assign >= 0) & (plan.assign < 4)).all()


def test_the_bound_is_reached_when_one_unit_has_to_leave() -> None:
    problem = replace(
        problem_of(4, 2, 1),
        loads=np.ones((4, 1)),
        targets=np.full((2, 1), 2.0),
        tolerance=np.array([0.0]),
        today=np.array([0, 0, 0, 1], np.int32),
        stake=np.array([5.0, 7.0, 9.0, 1.0]),
    )
    assert abs(stake_bound(problem)[0] - 5.0) < 1e-6
    assert rebalance(problem, SEARCH).moved_stake == 5.0
