"""Designs from nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from app.domain.territories.design.create import create
from app.domain.territories.design.graph import graph_of
from app.domain.territories.design.problem import NOWHERE, Contiguity, Problem, Progress, Search, Solution
from tests.domain.territories.design.problems import ints, limited, problem

SHORT = Search(iterations=100_000)


def recomputed(asked: Problem, found: Solution) -> None:
    """Every figure again, one unit at a time."""
    held = [[0.0] * asked.loads.shape[1] for _ in range(asked.territories)]
    travel, moved, number = 0.0, 0.0, [0] * asked.territories
    for unit, territory in enumerate(found.assign):
        for measure, load in enumerate(asked.loads[unit]):
            held[territory][measure] += load
        travel += asked.weight[unit] * float(np.linalg.norm(asked.points[unit] - found.centres[territory]))
        number[territory] += 1
        if asked.today[unit] not in (NOWHERE, territory):
            moved += asked.stake[unit]
    away = np.abs(np.array(held) / asked.targets - 1).max(axis=0)
    assert np.allclose(found.loads, held)
    assert found.travel == pytest.approx(travel)
    assert found.moved_stake == pytest.approx(moved)
    assert np.allclose(found.deviation, away)
    inside = (away <= asked.tolerance + 1e-9).all() and (np.array(number) <= asked.max_units).all()
    assert found.feasible == bool(inside and (asked.contiguity is not Contiguity.HARD or (found.pieces <= 1).all()))


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(limited())
def test_locks_groups_and_forbidden_pairs_are_kept_and_the_figures_are_those_of_the_plan(asked: Problem) -> None:
    found = create(asked, SHORT)
    locked = asked.locked != NOWHERE
    assert (found.assign[locked] == asked.locked[locked]).all()
    for number in np.unique(asked.group[asked.group != NOWHERE]):
        assert len(np.unique(found.assign[asked.group == number])) == 1
    assert asked.allowed is not None
    if (asked.group == NOWHERE).all():
        assert asked.allowed[np.arange(asked.units), found.assign].all()
        recomputed(asked, found)


def test_two_measures_and_own_targets_are_met() -> None:
    asked = problem(400, 8, measures=2)
    share = np.array([0.5, 1, 1, 1, 1, 1, 1, 1.5])[:, None] / 8
    asked = replace(asked, targets=share * asked.loads.sum(axis=0), tolerance=np.array([0.03, 0.05]))
    found = create(asked, Search(iterations=400_000))
    assert found.feasible
    recomputed(asked, found)
    assert found.loads[7, 0] > 2.5 * found.loads[0, 0]


def test_the_same_seed_and_moves_give_the_same_bytes_and_another_seed_another_plan() -> None:
    asked = problem(900, 20, measures=2)
    first, again, other = (create(asked, Search(seed=seed, iterations=200_000)) for seed in (1, 1, 2))
    assert first.assign.tobytes() == again.assign.tobytes()
    assert first.prices.tobytes() == again.prices.tobytes()
    assert first.assign.tobytes() != other.assign.tobytes()


def test_territories_are_compact_beside_any_balanced_plan() -> None:
    asked = problem(600, 12)
    order = np.argsort(asked.points[:, 0], kind="stable")
    strips = np.empty(600, np.int32)
    strips[order] = np.minimum(np.cumsum(asked.loads[order, 0]) / asked.targets[0, 0], 11).astype(np.int32)
    middles = np.array([np.median(asked.points[strips == each], axis=0) for each in range(12)])
    of_strips = float(asked.weight @ np.linalg.norm(asked.points - middles[strips], axis=1))
    found = create(asked, Search(iterations=300_000))
    assert found.feasible
    assert found.travel < 0.6 * of_strips


def test_seeds_hardly_differ_where_territories_are_few_and_two_measures_are_tight() -> None:
    points = np.random.default_rng(4).normal(0, 1, (500, 2)) * np.array([500, 300])
    asked = replace(problem(500, 10, measures=2, points=points), tolerance=np.array([0.02, 0.02]))
    found = [create(asked, Search(seed=seed, iterations=500_000)) for seed in (1, 2, 3)]
    assert all(each.feasible for each in found)
    travel = [each.travel for each in found]
    assert max(travel) < 1.04 * min(travel)


def test_how_territories_are_numbered_and_units_are_ordered_does_not_decide_how_good_a_plan_is() -> None:
    asked = problem(600, 12)
    order = np.random.default_rng(8).permutation(600)
    shuffled = replace(asked, points=asked.points[order], weight=asked.weight[order], loads=asked.loads[order])
    ordinary, other = (create(each, Search(iterations=400_000)) for each in (asked, shuffled))
    assert ordinary.feasible
    assert other.feasible
    assert other.travel == pytest.approx(ordinary.travel, rel=0.04)


def test_loads_that_gather_in_one_corner_find_their_way_across_the_map() -> None:
    chance = np.random.default_rng(6)
    points = np.concatenate([chance.normal(0, 5, (700, 2)), chance.uniform(0, 1000, (300, 2))])
    asked = problem(1_000, 12, measures=2, points=points, tolerance=np.array([0.02, 0.02]))
    found = create(asked, Search(iterations=500_000))
    assert found.feasible
    assert not np.allclose(found.prices, 0)


def test_a_limit_of_units_is_kept() -> None:
    asked = problem(100, 4, loads=np.r_[np.full(10, 9.0), np.full(90, 1.0)][:, None], max_units=ints([26] * 4))
    found = create(replace(asked, tolerance=np.array([0.1])), Search(iterations=300_000))
    assert np.bincount(found.assign, minlength=4).max() <= 26
    assert found.feasible


def test_a_lock_draws_its_territory_to_where_it_is() -> None:
    asked = problem(200, 5)
    far = int(np.argmax(asked.points.sum(axis=1)))
    locked = np.full(200, NOWHERE, np.int32)
    locked[far] = 3
    found = create(replace(asked, locked=locked), SHORT)
    assert found.feasible
    away = np.linalg.norm(found.centres - asked.points[far], axis=1)
    assert np.argsort(away)[:2].tolist().count(3) == 1


def test_disruption_keeps_units_where_they_are_today() -> None:
    asked = problem(300, 6)
    today = create(asked, Search(seed=5, iterations=100_000)).assign
    loads = asked.loads * np.random.default_rng(3).uniform(0.8, 1.2, asked.loads.shape)
    later = replace(
        asked, loads=loads, targets=np.tile(loads.sum(axis=0) / 6, (6, 1)), today=today, stake=asked.loads[:, 0]
    )
    free, loyal = create(later, SHORT), create(replace(later, disruption=1e4), SHORT)
    assert loyal.feasible
    assert loyal.moved_stake < 0.5 * free.moved_stake


@pytest.mark.parametrize("contiguity", [Contiguity.HARD, Contiguity.SOFT])
def test_contiguous_territories(contiguity: Contiguity) -> None:
    asked = problem(500, 10, contiguity=contiguity)
    found = create(asked, Search(iterations=400_000))
    scattered = create(replace(asked, contiguity=Contiguity.NONE), Search(iterations=400_000))
    assert found.feasible
    assert (found.pieces == 1).all() if contiguity is Contiguity.HARD else found.pieces.sum() <= 14
    assert found.travel < 1.4 * scattered.travel
    recomputed(asked, found)


def test_an_island_is_named_and_belongs_to_what_is_nearest() -> None:
    side = 12
    points = np.array([(x, y) for x in range(side) for y in range(side)], np.float64)
    points[:3] -= 50
    number = np.arange(side * side).reshape(side, side)
    across = np.concatenate(
        [np.c_[number[:-1].ravel(), number[1:].ravel()], np.c_[number[:, :-1].ravel(), number[:, 1:].ravel()]]
    )
    neighbours = ints([pair for pair in across if (pair < 3).sum() != 1])
    asked = problem(144, 4, loads=np.ones((144, 1)), points=points, neighbours=neighbours, contiguity=Contiguity.HARD)
    found = create(asked, Search(iterations=300_000))
    assert list(graph_of(asked).islands) == [0, 1, 2]
    assert found.feasible
    assert "3 units touch no mainland" in found.notes[0]
    assert len(np.unique(found.assign[:3])) == 1


def test_two_accounts_at_one_address_and_many_more() -> None:
    asked = problem(120, 4)
    points = asked.points.copy()
    points[1] = points[0]
    points[40:100] = points[40]
    assert create(replace(asked, points=points), SHORT).feasible
    hard = create(replace(asked, points=points, contiguity=Contiguity.HARD), SHORT)
    assert (hard.pieces == 1).all()


def test_all_units_at_one_point_are_still_balanced() -> None:
    asked = problem(80, 5, points=np.zeros((80, 2)))
    found = create(asked, Search(iterations=200_000))
    assert found.feasible
    assert found.travel == 0


def test_an_account_heavier_than_a_territory_ends_in_the_best_that_can_be() -> None:
    loads = np.ones((50, 1))
    loads[7] = 40
    asked = problem(50, 4, loads=loads)
    found = create(asked, SHORT)
    assert not found.feasible
    recomputed(asked, found)
    assert np.bincount(found.assign, minlength=4)[found.assign[7]] == 1


def test_units_without_weight_or_load_belong_to_a_place() -> None:
    asked = problem(100, 4)
    weight, loads = asked.weight.copy(), asked.loads.copy()
    weight[:50], loads[30:60] = 0, 0
    asked = replace(asked, weight=weight, loads=loads, targets=np.tile(loads.sum(axis=0) / 4, (4, 1)))
    assert create(asked, SHORT).feasible
    assert create(replace(asked, weight=np.zeros(100)), SHORT).feasible


def test_one_territory_takes_all_and_as_many_territories_as_units_take_one_each() -> None:
    assert (create(problem(30, 1), SHORT).assign == 0).all()
    found = create(problem(6, 6, loads=np.ones((6, 1)), points=np.arange(12.0).reshape(6, 2)), SHORT)
    assert sorted(found.assign) == [0, 1, 2, 3, 4, 5]


def test_more_territories_than_units_leaves_some_empty() -> None:
    found = create(problem(3, 5, tolerance=np.array([5.0])), SHORT)
    assert len(found.assign) == 3
    assert np.isfinite(found.centres).all()


def test_when_every_unit_is_locked_nothing_is_sought() -> None:
    locked = ints(np.arange(20) % 3)
    found = create(problem(20, 3, locked=locked), SHORT)
    assert (found.assign == locked).all()
    assert found.stopped == "done"


def test_a_search_that_is_cancelled_keeps_its_best_plan() -> None:
    asked = problem(500, 10)
    seen: list[Progress] = []

    def report(progress: Progress) -> bool:
        seen.append(progress)
        return progress.share < 0.5

    found = create(asked, Search(iterations=2_000_000, report=report))
    assert found.stopped == "cancelled"
    assert len(found.assign) == 500
    assert [each.share for each in seen] == sorted(each.share for each in seen)
    assert seen[-1].share < 0.6
    assert {"prices", "search"} <= {each.phase for each in seen}


def test_a_deadline_hurries_the_search_and_is_recorded() -> None:
    asked = problem(500, 10)
    ticks = count()
    found = create(asked, Search(iterations=100_000_000, deadline=60, clock=lambda: float(next(ticks))))
    assert found.stopped == "deadline"
    assert found.feasible
    patient = create(asked, Search(iterations=100_000, deadline=1e9, clock=lambda: 0.0))
    assert patient.stopped == "iterations"
    assert patient.assign.tobytes() == create(asked, SHORT).assign.tobytes()
