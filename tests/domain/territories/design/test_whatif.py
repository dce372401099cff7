"""What-if and explanation: the deltas are those of a plan made again."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.territories.design.explain import Reason, explain, explain_all
from app.domain.territories.design.measure import deviations, evaluate, loads_of, travel_of
from app.domain.territories.design.problem import NOWHERE, Problem
from app.domain.territories.design.rebalance import rebalance
from app.domain.territories.design.whatif import Refused, what_if

from .small import SEARCH, problem_of, problems


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_what_if_is_the_plan_measured_again(problem: Problem, data: st.DataObject) -> None:
    start = evaluate(problem, np.maximum(problem.today, 0))
    free = replace(problem, locked=np.full(problem.units, NOWHERE, np.int32), allowed=None, group=problem.group * 0 - 1)
    count = data.draw(st.integers(1, problem.units))
    moves = [(unit, data.draw(st.integers(0, problem.territories - 1))) for unit in range(count)]
    got = what_if(free, start, moves)
    assign = start.assign.copy()
    for unit, territory in moves:
        assign[unit] = territory
    again = evaluate(free, assign)
    assert got.solution.loads == pytest.approx(again.loads)
    assert got.solution.deviation == pytest.approx(again.deviation)
    assert got.solution.moved_stake == pytest.approx(again.moved_stake)
    assert got.solution.feasible == again.feasible
    # The medians of other territories stop at other steps, within a millionth of a km.
    assert got.solution.travel == pytest.approx(again.travel, abs=1e-2)
    assert got.travel == pytest.approx(again.travel - start.travel, abs=1e-2)


@pytest.mark.parametrize(
    ("moves", "code"),
    [
        ([(99, 0)], "unit_unknown"),
        ([(0, 9)], "territory_unknown"),
        ([(3, 0), (3, 1)], "moved_twice"),
        ([(0, 1)], "unit_locked"),
        ([(1, 1)], "pair_not_allowed"),
        ([(4, 1)], "group_torn"),
    ],
)
def test_a_move_that_no_plan_may_hold_is_refused_with_its_code(moves: list[tuple[int, int]], code: str) -> None:
    problem = problem_of(6, 2, 1, today=np.zeros(6, np.int32))
    problem.locked[0] = 0
    problem.group[4:] = 0
    allowed = np.ones((6, 2), dtype=np.bool_)
    allowed[1, 1] = False
    problem = replace(problem, allowed=allowed)
    with pytest.raises(Refused) as refused:
        what_if(problem, evaluate(problem, problem.today), moves)
    assert refused.value.code == code
    assert (refused.value.unit, refused.value.territory) == moves[-1]


@settings(max_examples=40, deadline=None)
@given(problems())
def test_an_explanation_is_the_difference_to_the_plan_that_keeps_the_unit(problem: Problem) -> None:
    plan = rebalance(problem, SEARCH)
    assume((plan.assign != problem.today).any())
    for one in explain_all(problem, plan):
        if one.today == NOWHERE:
            continue
        kept = plan.assign.copy()
        together = [one.unit] if problem.group[one.unit] == NOWHERE else np.flatnonzero(problem.group == 0).tolist()
        kept[together] = one.today
        km = travel_of(problem, kept, plan.centres) - travel_of(problem, plan.assign, plan.centres)
        assert one.travel == pytest.approx(km, abs=1e-9)
        pair = [one.today, one.territory]
        assert one.deviation_kept == pytest.approx(deviations(problem, loads_of(problem, kept))[pair])
        assert one.deviation == pytest.approx(deviations(problem, plan.loads)[pair])
        leaving = [unit for unit in together if problem.today[unit] not in (NOWHERE, one.territory)]
        assert one.stake == pytest.approx(problem.stake[leaving].sum())


def test_the_best_alternative_costs_least_of_all_others() -> None:
    problem = replace(problem_of(30, 3, 3), disruption=2.0, tolerance=np.array([0.1, 0.1]))
    plan = rebalance(problem, SEARCH)
    unit = int(np.flatnonzero(plan.assign == problem.today)[0])
    one = explain(problem, plan, unit)
    here, found = plan.assign[unit], {}
    for other in range(3):
        km = problem.weight[unit] * np.hypot(*(problem.points[unit] - plan.centres[other]))
        km += 2.0 * problem.stake[unit] * (other != problem.today[unit])
        found[other] = km + problem.loads[unit] @ plan.prices[other]
    others = {other: cost for other, cost in found.items() if other != here}
    assert one.reason is Reason.UNCHANGED
    assert one.alternative == min(others, key=lambda other: others[other])
    assert one.alternative_cost == pytest.approx(min(others.values()) - found[here])


def test_reasons_name_what_decided() -> None:
    problem = problem_of(7, 2, 1, today=np.array([0, 0, 1, NOWHERE, 0, 1, 0], np.int32), tolerance=np.array([9.0, 9.0]))
    problem.locked[0] = 1
    problem.group[[4, 5]] = 0
    allowed = np.ones((7, 2), dtype=np.bool_)
    allowed[1, 0] = False
    problem = replace(problem, allowed=allowed, max_units=np.array([7, 7], np.int32))
    plan = evaluate(problem, np.array([1, 1, 1, 1, 1, 1, 1], np.int32))
    found = [one.reason for one in explain_all(problem, plan, np.arange(6, dtype=np.int32))]
    assert found == [
        Reason.LOCKED,
        Reason.SKILL,
        Reason.UNCHANGED,
        Reason.VACANCY,
        Reason.KEPT_TOGETHER,
        Reason.UNCHANGED,
    ]
    assert explain(problem, plan, 6, vacant=np.array([True, False])).reason is Reason.VACANCY
    full = replace(problem, max_units=np.array([0, 7], np.int32))
    assert explain(full, plan, 6).reason is Reason.CAPACITY


def test_a_unit_moved_out_of_an_overloaded_territory_is_moved_for_balance() -> None:
    problem = problem_of(4, 2, 1, loads=np.ones((4, 1)), targets=np.full((2, 1), 2.0), tolerance=np.array([0.0]))
    problem = replace(problem, today=np.array([0, 0, 0, 1], np.int32))
    plan = rebalance(problem, SEARCH)
    (one,) = explain_all(problem, plan)
    assert one.reason is Reason.BALANCE
    assert one.deviation.tolist() == [[0.0], [0.0]]
    assert one.deviation_kept.tolist() == [[0.5], [0.5]]
