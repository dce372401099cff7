"""Sellers, travel and the frontier."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.territories.design.frontier import frontier
from app.domain.territories.design.sellers import match
from app.domain.territories.design.travel import TOUR, estimate, tour

from .small import SEARCH, problem_of


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 10_000))
def test_no_other_pairs_of_sellers_and_territories_cost_less(sellers: int, territories: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    homes, centres = rng.uniform(0, 100, (sellers, 2)), rng.uniform(0, 100, (territories, 2))
    has, asks = rng.random((sellers, 3)) < 0.5, rng.random((territories, 3)) < 0.5
    held = rng.uniform(0, 10, (sellers, territories))
    found = match(homes, centres, has=has, asks=asks, held=held, km_per_skill=20.0, km_per_stake=3.0)
    cost = np.array(
        [
            [
                np.hypot(*(h - c)) + 20 * sum(a & ~s) - 3 * held[i, j]
                for j, (c, a) in enumerate(zip(centres, asks, strict=True))
            ]
            for i, (h, s) in enumerate(zip(homes, has, strict=True))
        ]
    )
    table = cost if sellers <= territories else cost.T
    least = min(
        sum(table[row, column] for row, column in enumerate(columns))
        for columns in permutations(range(table.shape[1]), table.shape[0])
    )
    assert found.cost == pytest.approx(least)
    assert found.cost <= found.greedy + 1e-9
    assert found.cost == pytest.approx(float((found.distance + 20 * found.missing - 3 * found.kept).sum()))
    assert len(found.sellers) == min(sellers, territories) == len(set(found.territories))


def test_greedy_is_what_a_hasty_planner_pays() -> None:
    homes, centres = np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([[1.0, 0.0], [-9.0, 0.0]])
    found = match(homes, centres)
    assert (found.cost, found.greedy) == (11.0, 13.0)


def test_the_estimate_is_near_a_routed_tour() -> None:
    points = np.random.default_rng(2).uniform(0, 50, (80, 2))
    guess, routed = estimate(points), tour(points, iterations=300)
    assert guess.local == pytest.approx(TOUR * np.sqrt(80 * guess.area))
    assert sorted(routed.order.tolist()) == list(range(80))
    assert 0.75 < guess.total / routed.length < 1.1


def test_line_haul_goes_from_home_and_back_each_day() -> None:
    points = np.array([[3.0, 4.0], [3.0, 4.0]])
    assert estimate(points, np.zeros(2), days=2).total == pytest.approx(20.0)
    assert tour(points, np.zeros(2)).length == pytest.approx(10.0)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_places_have_no_area_but_a_tour(count: int) -> None:
    points = np.array([[float(at), float(at)] for at in range(count)]).reshape(-1, 2)
    assert estimate(points).area == pytest.approx(0.0)
    assert tour(points).length == pytest.approx(2 * np.sqrt(2) * max(0, count - 1))


def test_the_same_tour_for_the_same_seed() -> None:
    points = np.random.default_rng(3).uniform(0, 50, (30, 2))
    assert tour(points, iterations=50).order.tobytes() == tour(points, iterations=50).order.tobytes()


def test_no_plan_of_the_frontier_is_beaten_by_another() -> None:
    problem = replace(problem_of(60, 3, 4), tolerance=np.array([0.2, 0.2]))
    points = frontier(problem, SEARCH, 3)
    assert len(points) >= 2
    for one in points:
        for other in points:
            beaten = (other.figures <= one.figures).all() and (other.figures < one.figures).any()
            assert not beaten
