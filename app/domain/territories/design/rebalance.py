"""Another plan from today's with the least disruption, and a proof of how much has to move at least."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.domain.territories.design.blocks import Costs, gather
from app.domain.territories.design.bound import stake_bound
from app.domain.territories.design.contiguous import joined_up
from app.domain.territories.design.graph import graph_of
from app.domain.territories.design.measure import centres_of, evaluate
from app.domain.territories.design.neighbourhood import Terms, improve
from app.domain.territories.design.problem import (
    NOWHERE,
    Contiguity,
    Floats,
    Ints,
    Problem,
    Progress,
    Search,
    Solution,
)
from app.domain.territories.design.relaxation import bands_of, held_by, relax, rounded

DOMINANT = 30.0
"""Without a disruption of its own, all of today's stake weighs this many times all of today's travel."""

_PENALTY = 300.0
"""A target outside a band costs this many times the mean stake of a territory."""
_MARGIN = 0.01
"""Share of the tolerance that the relaxation leaves for whole blocks."""
_EDGE = 1e-7
_AMONG = 7
_SWEEPS = 3


def rebalance(problem: Problem, search: Search) -> Solution:
    """A plan within the bands that moves the least stake from today's, and among those travels little.

    Cost of a plan in km: travel to today's centres plus disruption times the stake moved. A linear relaxation over all
    pairs places nearly every block; the rest is made whole by exact programmes over a few territories at a time, the
    worst first. Without a `disruption` the stake outweighs travel, and a plan of today that keeps everything is kept.
    Infeasible problems give the plan nearest to the bands, not `feasible`, with a note.
    """
    stay = _today(problem)
    if stay is not None and not problem.disruption and (kept := evaluate(problem, stay, bound=0.0)).feasible:
        return replace(kept, notes=("today_kept",))
    blocks = gather(problem)
    bound, start = stake_bound(problem, blocks)
    centres = today_centres(problem)
    weight = disruption_of(problem, centres)
    costs = Costs(problem, blocks, leaving(problem, weight), centres)
    penalty = _penalty(problem, costs, weight)
    watch = _Watch(search)
    watch.go_on("relaxation", 0.1)
    margin = _MARGIN * float(problem.tolerance.min(initial=0.0))
    found = relax(costs, bands_of(problem, margin), penalty, start * weight, watch.left)
    terms = Terms(costs, bands_of(problem, _EDGE), found.prices, penalty)
    placed = _settle(terms, rounded(found), centres, watch)
    assign = placed[blocks.of]
    notes: tuple[str, ...] = ()
    graph = None
    if problem.contiguity is not Contiguity.NONE:
        graph = graph_of(problem)
        assign = joined_up(problem, graph, assign, costs.leaving)
    plan = evaluate(problem, assign, prices=found.prices[:, :-1], bound=bound, stopped=watch.stopped, graph=graph)
    if not plan.feasible:
        notes = ("bands_not_reached",)
    return replace(plan, notes=notes)


def _today(problem: Problem) -> Ints | None:
    return problem.today if (problem.today != NOWHERE).all() else None


def disruption_of(problem: Problem, centres: Floats) -> float:
    """km that a unit of stake weighs: the problem's own, or so much that it dominates."""
    if problem.disruption:
        return problem.disruption
    had = np.flatnonzero(problem.today != NOWHERE)
    stake = float(problem.stake[had].sum())
    return DOMINANT * _travel_today(problem, centres) / stake if stake > 0 else 0.0


def leaving(problem: Problem, weight: float) -> Floats:
    """[n] km that leaving today's territory weighs.

    Unless the problem has a disruption of its own, a unit counts as at least a tenth of the mean stake, so that those
    without revenue are not moved for nothing.
    """
    if problem.disruption:
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


def _settle(terms: Terms, placed: Ints, centres: Floats, watch: _Watch) -> Ints:
    """Whole blocks within the bands: the worst territories first, then every neighbourhood once more."""
    k = len(centres)
    tried = np.zeros(k, dtype=np.int32)
    stale = 0
    for turn in range(_SWEEPS * k):
        outside = _outside(terms, placed)
        if not outside.any() or stale > k // _AMONG:
            break
        if not watch.go_on("whole blocks", 0.5 + 0.3 * turn / (_SWEEPS * k)):
            return placed
        worst = int((outside / (1.0 + tried)).argmax())
        better = improve(terms, placed, _around(centres, worst, int(tried[worst])), watch.left())
        stale = 0 if better is not placed else stale + 1
        placed = better
        tried[worst] += 1
    covered = np.zeros(k, dtype=np.bool_)
    for centre in range(k):
        if covered[centre]:
            continue
        if not watch.go_on("improvement", 0.8 + 0.2 * centre / k):
            return placed
        among = _around(centres, centre, 0)
        covered[among] = True
        placed = improve(terms, placed, among, watch.left())
    return placed


def _outside(terms: Terms, placed: Ints) -> Floats:
    held = held_by(terms.costs.blocks.loads, placed, len(terms.limits.unit))
    outside: Floats = terms.limits.excess(held).sum(axis=1)
    return outside


def _around(centres: Floats, worst: int, tried: int) -> Ints:
    """The territory and those it can best exchange with: its nearest, then others as tries go by."""
    order = np.argsort(np.hypot(*(centres - centres[worst]).T), kind="stable")
    order = order[order != worst]
    near = order[: _AMONG // 2]
    rest = order[_AMONG // 2 :]
    take = _AMONG - 1 - len(near)
    shift = (tried * take) % max(1, len(rest))
    return np.sort(np.concatenate([[worst], near, np.roll(rest, -shift)[:take]])).astype(np.int32)


class _Watch:
    """What a search may still use, and what ended it."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.begun = search.clock()
        self.stopped = "done"

    def left(self) -> float | None:
        """Seconds until the deadline; none when there is no deadline."""
        return None if self.search.deadline is None else self.search.deadline - (self.search.clock() - self.begun)

    def go_on(self, phase: str, share: float) -> bool:
        """Whether there is time and nobody asked to stop."""
        if self.stopped == "done":
            left = self.left()
            if left is not None and left <= 0:
                self.stopped = "deadline"
            elif not self.search.report(Progress(phase, share)):
                self.stopped = "cancelled"
        return self.stopped == "done"
