"""A design from nothing: seed, prices, annealing, and an exact finish where that is needed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.domain.territories.design.anneal import Annealing, Plan
from app.domain.territories.design.finish import mend
from app.domain.territories.design.graph import Graph, graph_of
from app.domain.territories.design.measure import evaluate, seats_of
from app.domain.territories.design.pieces import reattach
from app.domain.territories.design.prepare import collapse
from app.domain.territories.design.prices import Diagram, power_diagram
from app.domain.territories.design.problem import NOWHERE, Contiguity, Ints, Problem, Search, Solution
from app.domain.territories.design.seated import seated
from app.domain.territories.design.threads import threads
from app.domain.territories.design.watch import Watch

_LIGHT = 1e-3
"""Least weight of a unit in the search, as a share of the mean: what needs no visits still belongs to a place."""


def create(problem: Problem, search: Search) -> Solution:
    """The best plan found; `feasible` says whether it keeps everything. Ask `check` first why none might exist."""
    graph = None if problem.contiguity is Contiguity.NONE else graph_of(problem)
    if problem.territories == 1 or (problem.locked != NOWHERE).all():
        assign = np.where(problem.locked != NOWHERE, problem.locked, 0).astype(np.int32)
        return evaluate(problem, assign, graph=graph, notes=_notes(graph))
    grouping = collapse(problem)
    watch = Watch(search)
    plan = _search(_weighted(grouping.problem), grouping.sizes, watch)
    watch.goes_on("done", 1.0)
    assign = grouping.expand(plan.assign)
    return evaluate(problem, assign, prices=plan.prices, stopped=watch.stopped, notes=_notes(graph), graph=graph)


def _search(problem: Problem, sizes: Ints, watch: Watch) -> Plan:
    graph = None if problem.contiguity is Contiguity.NONE else graph_of(problem)
    seed = watch.search.seed
    with threads() as run:
        watch.goes_on("prices", 0.0)
        diagram = power_diagram(problem, seed, run)
        start = _start(problem, graph, diagram)
        if problem.centre_at_unit and graph is None:
            return seated(problem, start, sizes, watch, run)
        plan = Annealing(problem, graph, start, sizes, seed, run).search(watch, 0.2, 0.95)
        if not plan.feasible:
            watch.goes_on("finish", 0.95)
            plan = mend(problem, graph, plan, sizes, watch)
    return plan


def _weighted(problem: Problem) -> Problem:
    mean = float(problem.weight.mean())
    return replace(problem, weight=np.maximum(problem.weight, _LIGHT * mean) if mean > 0 else np.ones(problem.units))


def _start(problem: Problem, graph: Graph | None, diagram: Diagram) -> Plan:
    """The plan by prices, in one piece each if asked, and centred at units if asked."""
    assign, centres = diagram.assign, diagram.centres
    seats = np.full(problem.territories, NOWHERE, np.int32)
    if graph:
        assign = reattach(problem, graph, assign, centres)
    if problem.centre_at_unit:
        seats = seats_of(problem, assign)
        for territory in np.flatnonzero(seats == NOWHERE):
            away = np.hypot(*(problem.points - centres[assign]).T)
            away[seats[seats != NOWHERE]] = -1.0
            away[problem.locked != NOWHERE] = -1.0
            seats[territory] = away.argmax()
            assign[seats[territory]] = territory
        centres = problem.points[seats]
    return Plan(assign, centres, seats, diagram.prices)


def _notes(graph: Graph | None) -> tuple[str, ...]:
    if graph is None or not len(graph.islands):
        return ()
    some = ", ".join(str(unit) for unit in graph.islands[:10])
    more = "" if len(graph.islands) <= 10 else f" and {len(graph.islands) - 10} more"
    return (f"{len(graph.islands)} units touch no mainland and count as touching what is nearest: {some}{more}.",)
