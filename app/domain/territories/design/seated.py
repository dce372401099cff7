"""Designs whose territories are centred at units: many short searches, the best of them all, and an exact polish."""

from __future__ import annotations

from functools import partial

from app.domain.territories.design.anneal import Annealing, Plan, ground_of, side_by_side
from app.domain.territories.design.finish import mend
from app.domain.territories.design.polish import polish
from app.domain.territories.design.pool import Pool
from app.domain.territories.design.problem import Ints, Problem
from app.domain.territories.design.threads import Run
from app.domain.territories.design.watch import Watch

_MOVES = 3_000
"""Moves of one search for each unit. More hardly help it; another search finds what this one missed."""
_BESIDE = 4
"""Searches side by side."""
_BEGIN, _SEARCHED, _END = 0.2, 0.6, 0.95
"""Shares of the work, and of the time, at which the searches begin and end, and the polish ends."""


def seated(problem: Problem, start: Plan, sizes: Ints, watch: Watch, run: Run) -> Plan:
    """The best plan found; not `feasible` if none was within its bands."""
    ground = ground_of(problem, None, sizes, start.prices)
    pool = Pool(ground, start.assign)
    moves = min(watch.search.iterations, _MOVES * problem.units)
    count = watch.search.iterations // moves
    plans: list[Plan] = []
    began = watch.elapsed
    while len(plans) < count:
        seeds = range(len(plans), min(len(plans) + _BESIDE, count))
        batch = [Annealing(problem, None, start, sizes, watch.search.seed + (at << 32), run) for at in seeds]
        told = _told(watch, seeds.start / count), _told(watch, seeds.stop / count)
        plans += side_by_side(batch, watch, moves, told, _SEARCHED, partial(_look, pool, batch))
        each = (watch.elapsed - began) / len(plans) * len(seeds)
        if watch.ended or watch.left(_SEARCHED) < each / 2:
            break
    best = pool.best(plans, watch.left(_END)) if count > 1 else plans[0]
    if not best.feasible:
        watch.goes_on("finish", _SEARCHED)
        best = mend(problem, None, best, sizes, watch)
    return polish(ground, best, watch, run, _SEARCHED, _END) if best.feasible else best


def _told(watch: Watch, share: float) -> float:
    """How much of the whole work is done with this share of the searches, or of their time."""
    spent = 0.0 if watch.search.deadline is None else watch.elapsed / (watch.search.deadline * _SEARCHED)
    return min(_SEARCHED, _BEGIN + (_SEARCHED - _BEGIN) * max(share, spent))


def _look(pool: Pool, batch: list[Annealing]) -> None:
    for each in batch:
        pool.add(each.state.assign)
