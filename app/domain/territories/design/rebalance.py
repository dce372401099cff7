"""Another plan from today's with the least disruption, and a proof of how much has to move at least."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.domain.territories.design.anneal import Annealing, Plan
from app.domain.territories.design.blocks import Costs, gather
from app.domain.territories.design.bound import stake_bound
from app.domain.territories.design.finish import mend
from app.domain.territories.design.graph import Graph, graph_of
from app.domain.territories.design.measure import centres_of, evaluate
from app.domain.territories.design.pieces import reattach
from app.domain.territories.design.prepare import collapse
from app.domain.territories.design.problem import NOWHERE, Contiguity, Floats, Ints, Problem, Search, Solution
from app.domain.territories.design.relaxation import bands_of, relax, relaxed_cost
from app.domain.territories.design.threads import threads
from app.domain.territories.design.watch import Watch
from app.domain.territories.design.whole import made_whole

DOMINANT = 30.0
"""Without a disruption of its own, all of today's stake weighs this many times all of today's travel."""

_PENALTY = 300.0
"""A target outside a band costs this many times the mean stake of a territory."""


def rebalance(problem: Problem, search: Search) -> Solution:
    """A plan within the bands that moves the least stake from today's, and among those travels little.

    Cost of a plan in km: travel to today's centres plus disruption times the stake moved. A linear relaxation over all
    pairs places nearly every block and prices the loads; integer programmes make the rest whole. Contiguity is
    then restored from that plan. Without a `disruption` the stake outweighs travel, and a plan of today that keeps
    everything is kept. Infeasible problems give the plan nearest to the bands, not `feasible`, with a note.
    """
    graph = None if problem.contiguity is Contiguity.NONE else graph_of(problem)
    if problem.disruption is None and (problem.today != NOWHERE).all():
        kept = evaluate(problem, problem.today, bound=0.0, graph=graph)
        if kept.feasible:
            return replace(kept, notes=("today_kept",), relaxed_stake=0.0)
    blocks = gather(problem)
    bound, start = stake_bound(problem, blocks)
    centres = today_centres(problem)
    weight = disruption_of(problem, centres)
    costs = Costs(problem, blocks, leaving(problem, weight), centres)
    penalty = _penalty(problem, costs, weight)
    watch = Watch(search, otherwise="done")
    watch.goes_on("relaxation", 0.1)
    found = relax(costs, bands_of(problem), penalty, start * weight, watch.left)
    assign = made_whole(costs, found, penalty, watch)[blocks.of]
    if graph is not None:
        assign = _joined_up(problem, graph, assign, costs.leaving, watch)
    plan = evaluate(problem, assign, prices=found.prices[:, :-1], bound=bound, stopped=watch.stopped, graph=graph)
    return replace(
        plan,
        notes=() if plan.feasible else ("bands_not_reached",),
        relaxed_stake=relaxed_cost(Costs(problem, blocks, problem.stake, None), found),
    )


def _joined_up(problem: Problem, graph: Graph, assign: Ints, leaving: Floats, watch: Watch) -> Ints:
    """The plan with what is cut off given to what it touches, and the bands then reached along the borders."""
    grouping = collapse(replace(problem, stake=leaving, disruption=1.0))
    small = grouping.problem
    if small.units < problem.units:
        graph = graph_of(small)
    placed = np.zeros(small.units, np.int32)
    placed[grouping.of] = assign
    centres = centres_of(small, placed)
    if problem.contiguity is Contiguity.HARD:
        placed = reattach(small, graph, placed, centres)
    start = Plan(placed, centres, np.full(len(centres), NOWHERE, np.int32), np.zeros_like(problem.targets))
    with threads() as run:
        plan = Annealing(small, graph, start, grouping.sizes, watch.search.seed, run).search(watch, 0.6, 0.95)
    if not plan.feasible:
        plan = mend(small, graph, plan, grouping.sizes, watch)
    return grouping.expand(plan.assign)


def disruption_of(problem: Problem, centres: Floats) -> float:
    """km that a unit of stake weighs: the problem's own, or so much that it dominates."""
    if problem.disruption is not None:
        return problem.disruption
    had = np.flatnonzero(problem.today != NOWHERE)
    stake = float(problem.stake[had].sum())
    return DOMINANT * _travel_today(problem, centres) / stake if stake > 0 else 0.0


def leaving(problem: Problem, weight: float) -> Floats:
    """[n] km that leaving today's territory weighs.

    Unless the problem has a disruption of its own, a unit counts as at least a tenth of the mean stake, so that those
    without revenue are not moved for nothing.
    """
    if problem.disruption is not None:
        return problem.stake * weight
    if not weight:
        return np.full(problem.units, DOMINANT)
    weighed: Floats = np.maximum(problem.stake, problem.stake.mean() / 10) * weight
    return weighed


def _penalty(problem: Problem, costs: Costs, weight: float) -> float:
    """km that one target outside a band costs: more than any exchange of blocks could."""
    assert costs.centres is not None
    whole = float(costs.leaving.sum()) + _travel_today(problem, costs.centres)
    return _PENALTY * max(whole, 1.0) / max(1, problem.territories)


def _travel_today(problem: Problem, centres: Floats) -> float:
    had = np.flatnonzero(problem.today != NOWHERE).astype(np.int32)
    away = problem.points[had] - centres[problem.today[had]]
    return float(problem.weight[had] @ np.hypot(away[:, 0], away[:, 1]))


def today_centres(problem: Problem) -> Floats:
    """[k, 2] where today's territories are centred; an empty one where most load is beyond its target."""
    had = np.flatnonzero(problem.today != NOWHERE)
    if not len(had):
        return (
            np.tile(problem.points.mean(axis=0), (problem.territories, 1))
            if problem.units
            else np.zeros((problem.territories, 2))
        )
    known = replace(problem, points=problem.points[had], weight=problem.weight[had], centre_at_unit=False)
    today = problem.today[had]
    centres = centres_of(known, today)
    size = problem.loads / np.maximum(problem.targets.mean(axis=0), 1e-12)
    load = size[had].sum(axis=1)
    of = today.copy()
    for empty in np.flatnonzero(np.bincount(today, minlength=problem.territories) == 0):
        fullest = int(np.bincount(of, load, minlength=problem.territories).argmax())
        mine = np.flatnonzero(of == fullest)
        away = np.hypot(*(known.points[mine] - centres[fullest]).T)
        far = mine[away >= np.median(away)]
        seed = known.points[far[np.hypot(*(known.points[far] - centres[fullest]).T).argmax()]]
        near = np.hypot(*(known.points[mine] - seed).T)
        share = mine[np.argsort(near, kind="stable")[: max(1, len(mine) // 2)]]
        of[share] = empty
        centres[empty] = known.points[share].mean(axis=0)
    return centres
