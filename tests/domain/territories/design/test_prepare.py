"""Before any search: the plane, groups, and what makes a plan impossible."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from app.domain.territories.design.measure import evaluate
from app.domain.territories.design.prepare import check, collapse, project
from app.domain.territories.design.problem import NOWHERE, Problem
from tests.domain.territories.design.problems import ints, limited, problem


def codes(asked: Problem) -> set[str]:
    return {each.code for each in check(asked)}


def only(units: int, **at: int) -> Any:
    found = np.full(units, NOWHERE, np.int32)
    for name, territory in at.items():
        found[int(name[1:])] = territory
    return found


@pytest.mark.parametrize(
    ("south", "north", "west", "east", "error"),
    [
        (42.3, 51.1, -4.8, 8.2, 0.002),
        (24.5, 49.4, -124.7, -67, 0.016),
        (-45, -10, 165, 200, 0.03),
        (-12, 13, -80, -45, 0.016),
    ],
    ids=["France", "United States", "across the date line", "across the equator"],
)
def test_distances_in_the_plane_are_those_on_the_earth(
    south: float, north: float, west: float, east: float, error: float
) -> None:
    chance = np.random.default_rng(1)
    here = np.column_stack([chance.uniform(south, north, 1000), chance.uniform(west, east, 1000)])
    there = here + chance.normal(0, 0.3, here.shape)
    both = np.concatenate([here, there])
    places = project(both[:, 0], (both[:, 1] + 180) % 360 - 180)
    km = np.linalg.norm(places[:1000] - places[1000:], axis=1)
    (a, b), (c, d) = np.radians(here).T, np.radians(there).T
    half = np.sin((a - c) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((b - d) / 2) ** 2
    assert np.abs(km / (2 * 6371.0088 * np.arcsin(np.sqrt(half))) - 1).max() < error


def test_one_place_is_projected_too() -> None:
    assert np.isfinite(project(np.array([48.0]), np.array([2.0]))).all()
    assert np.isfinite(project(np.zeros(3), np.zeros(3))).all()
    assert project(np.zeros(0), np.zeros(0)).shape == (0, 2)


@settings(deadline=None, max_examples=50)
@given(limited())
def test_a_collapsed_problem_holds_the_same_and_expands_to_plans_that_keep_groups(asked: Problem) -> None:
    grouping = collapse(asked)
    small = grouping.problem
    assert grouping.sizes.sum() == asked.units
    assert np.allclose(small.loads.sum(axis=0), asked.loads.sum(axis=0))
    assert small.weight.sum() == pytest.approx(asked.weight.sum())
    plan = ints(np.arange(small.units) % asked.territories)
    whole = grouping.expand(plan)
    for number in np.unique(asked.group[asked.group != NOWHERE]):
        assert len(np.unique(whole[asked.group == number])) == 1
    assert np.allclose(evaluate(small, plan).loads, evaluate(asked, whole).loads)


def test_a_sound_problem_has_nothing_against_it() -> None:
    assert check(problem(60, 4, measures=2)) == []


def test_a_unit_heavier_than_any_band_is_named() -> None:
    loads = np.ones((20, 1))
    loads[3] = 30
    (found,) = check(problem(20, 4, loads=loads))
    assert (found.code, found.measure, found.units) == ("unit_exceeds_band", 0, (3,))


def test_a_group_heavier_than_any_band_is_named_with_all_its_units() -> None:
    (found,) = check(problem(20, 4, loads=np.ones((20, 1)), group=ints([0] * 6 + [NOWHERE] * 14)))
    assert (found.code, found.units) == ("unit_exceeds_band", (0, 1, 2, 3, 4, 5))


def test_locks_above_a_band_are_named_with_their_territory() -> None:
    (found,) = check(problem(20, 4, loads=np.ones((20, 1)), locked=ints([2] * 6 + [NOWHERE] * 14)))
    assert (found.code, found.territory, found.units) == ("locks_exceed_band", 2, (0, 1, 2, 3, 4, 5))


def test_a_group_locked_to_two_territories_is_torn() -> None:
    (found,) = check(problem(20, 4, locked=only(20, _0=1, _1=2), group=only(20, _0=7, _1=7)))
    assert (found.code, found.units) == ("group_torn", (0, 1))


def test_a_unit_without_an_allowed_territory_is_named() -> None:
    allowed = np.ones((20, 4), np.bool_)
    allowed[5] = False
    allowed[6, 1] = False
    found = check(problem(20, 4, allowed=allowed, locked=only(20, _6=1)))
    assert found[0].code == "no_territory_allowed"
    assert found[0].units == (5, 6)


def test_limits_of_units_that_cannot_hold_all_are_named() -> None:
    assert codes(problem(20, 4, max_units=ints([4] * 4))) == {"too_many_units"}
    loads = np.full((20, 1), 1.0)
    loads[:3] = 0.1
    asked = problem(20, 4, loads=loads, max_units=ints([2, 20, 20, 20]), locked=only(20, _0=0, _1=0, _2=0))
    found = [each for each in check(asked) if each.code == "too_many_units"]
    assert [each.territory for each in found] == [0]


def test_a_measure_without_any_load_is_named() -> None:
    loads = np.ones((20, 2))
    loads[:, 1] = 0
    (found,) = check(problem(20, 4, loads=loads))
    assert (found.code, found.measure) == ("measure_empty", 1)


def test_targets_that_do_not_add_up_are_named() -> None:
    asked = problem(20, 4)
    assert codes(replace(asked, targets=asked.targets * 1.02)) == {"targets_do_not_sum"}
    assert codes(replace(asked, targets=asked.targets * 2)) == {"targets_do_not_sum", "bands_do_not_hold_total"}


def test_a_territory_that_cannot_be_filled_is_named() -> None:
    allowed = np.ones((20, 4), np.bool_)
    allowed[2:, 3] = False
    (found,) = check(problem(20, 4, loads=np.ones((20, 1)), allowed=allowed))
    assert (found.code, found.territory) == ("band_out_of_reach", 3)


def test_more_territories_than_units_are_named() -> None:
    assert "too_few_units" in codes(problem(3, 5))


def test_units_without_coordinates_or_with_negative_numbers_are_named() -> None:
    points, weight = problem(5, 2).points.copy(), np.ones(5)
    points[1, 0], weight[2] = np.nan, -1
    found = check(problem(5, 2, points=points, weight=weight))
    assert [(each.code, each.units) for each in found] == [("unit_without_place", (1,)), ("number_invalid", (2,))]


def test_nothing_to_assign_or_nowhere_to_assign_it_is_named() -> None:
    asked = problem(5, 2)
    empty = replace(
        asked, points=np.zeros((0, 2)), weight=np.zeros(0), loads=np.zeros((0, 1)), stake=np.zeros(0),
        today=ints([]), locked=ints([]), group=ints([]),
    )  # fmt: skip
    assert codes(empty) == {"no_units"}
    assert codes(replace(asked, targets=np.zeros((0, 1)), max_units=ints([]))) == {"no_territories"}
