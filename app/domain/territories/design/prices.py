"""Prices that balance: every unit goes where distance plus price times load is least, a power diagram."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter

import numpy as np
from scipy.spatial import cKDTree

from app.domain.territories.design.kernels.passes import cheapest, recentre
from app.domain.territories.design.measure import bands, centres_of, loads_of
from app.domain.territories.design.problem import NOWHERE, Floats, Ints, Problem
from app.domain.territories.design.seed import bisect
from app.domain.territories.design.threads import Run, chunks

CANDIDATES = 12
_SPARE = 0.25
"""Share of the tolerance that every territory has left when prices stop moving."""
_STARTS, _MANY = 8, 200
"""First plans tried; where territories are many, one is about as good as another and two are."""
_ROUNDS = 7
_SAMPLE_MOST = 20_000
_SAMPLE_EACH = 60
"""Centres are first sought with a sample of the units: so many in all, or in each territory."""
_ROWS = 4_000


@dataclass(frozen=True, eq=False)
class Diagram:
    """A plan by prices."""

    assign: Ints
    centres: Floats
    prices: Floats
    outside: float
    """Mean share by which loads are outside their bands: what the search has yet to carry from place to place."""


def power_diagram(problem: Problem, seed: int, run: Run) -> Diagram:
    """Centres and prices in turn: from several first plans with a sample of the units, the best of them with all.

    Where centres start decides more about travel than all that follows.
    """
    size = max(_SAMPLE_MOST, _SAMPLE_EACH * problem.territories)
    sample = problem if problem.units <= 2 * size else _sample(problem, size, seed)
    started = [_started(sample, seed, turn, run) for turn in range(_STARTS if problem.territories < _MANY else 2)]
    _, _, centres, prices = min(started, key=itemgetter(0, 1))
    for _ in range(_ROUNDS):
        centres, prices = _round(sample, centres, prices, 40, run)
    if sample is not problem:
        for _ in range(2):
            centres, prices = _round(problem, centres, prices, 30, run)
    return balance(problem, *candidates(problem, centres), prices, 150, run, centres)


def _started(problem: Problem, seed: int, turn: int, run: Run) -> tuple[float, int, Floats, Floats]:
    """What the plan of a first cut costs after a few rounds, and its centres and prices."""
    centres, prices = centres_of(problem, bisect(problem, seed, turn)), np.zeros_like(problem.targets)
    for _ in range(_ROUNDS):
        centres, prices = _round(problem, centres, prices, 15, run)
    near, base = candidates(problem, centres)
    found = balance(problem, near, base, prices, 30, run, centres)
    chosen = np.argmax(near == found.assign[:, None], axis=1)
    return float(base[np.arange(problem.units), chosen].sum()) * (1 + found.outside), turn, centres, prices


def _round(problem: Problem, centres: Floats, prices: Floats, steps: int, run: Run) -> tuple[Floats, Floats]:
    found = balance(problem, *candidates(problem, centres), prices, steps, run, centres)
    centres = centres.copy()
    for _ in range(4):
        recentre(problem.points, problem.weight, found.assign, centres)
    return centres, found.prices


def _sample(problem: Problem, size: int, seed: int) -> Problem:
    chosen = np.sort(np.random.default_rng(seed).choice(problem.units, size, replace=False))
    loads = problem.loads[chosen]
    whole = problem.loads.sum(axis=0)
    return replace(
        problem,
        points=problem.points[chosen],
        weight=problem.weight[chosen],
        loads=loads,
        targets=problem.targets * np.where(whole > 0, loads.sum(axis=0) / np.where(whole > 0, whole, 1.0), 1.0),
        today=problem.today[chosen],
        stake=problem.stake[chosen],
        locked=problem.locked[chosen],
        group=problem.group[chosen],
        allowed=None if problem.allowed is None else problem.allowed[chosen],
        misfit=None if problem.misfit is None else problem.misfit[chosen],
        neighbours=None,
    )


def candidates(problem: Problem, centres: Floats) -> tuple[Ints, Floats]:
    """[n, q] the territories that are cheapest to each unit at no price, and their cost; of the locked their lock."""
    width = min(CANDIDATES, problem.territories)
    if problem.allowed is None and problem.misfit is None:
        km, near = cKDTree(centres).query(problem.points, range(1, width + 1), workers=-1)
        near = near.astype(np.int32)
    else:
        km, near = _with_limits(problem, centres, width)
    base = problem.weight[:, None] * km
    if problem.disruption:
        leaves = (problem.today[:, None] != NOWHERE) & (near != problem.today[:, None])
        base += (problem.disruption * problem.stake)[:, None] * leaves
    locked = problem.locked != NOWHERE
    near[locked] = problem.locked[locked][:, None]
    base[locked] = 0.0
    return np.ascontiguousarray(near), np.ascontiguousarray(base)


def _with_limits(problem: Problem, centres: Floats, width: int) -> tuple[Floats, Ints]:
    km = np.empty((problem.units, width))
    near = np.empty((problem.units, width), np.int32)
    for begin in range(0, problem.units, _ROWS):
        rows = slice(begin, begin + _ROWS)
        away = problem.points[rows, None, :] - centres[None, :, :]
        all_km = np.hypot(away[..., 0], away[..., 1])
        if problem.misfit is not None:
            all_km += problem.misfit[rows]
        if problem.allowed is not None:
            all_km[~problem.allowed[rows]] = np.inf
        near[rows] = np.argpartition(all_km, width - 1, axis=1)[:, :width]
        km[rows] = np.take_along_axis(all_km, near[rows], axis=1)
    return km, near


def balance(
    problem: Problem, near: Ints, base: Floats, prices: Floats, steps: int, run: Run, centres: Floats
) -> Diagram:
    """Move every price up where a territory holds too much and down where too little, by RPROP; the best is kept."""
    least, most = bands(problem)
    mean = problem.targets.mean(axis=0)
    share_of = np.where(problem.targets > 0, problem.targets, np.where(mean > 0, mean, 1.0))
    spare = _SPARE * float(problem.tolerance.min(initial=1.0))
    scale = _scale(problem, base)
    step, before = np.tile(scale * 0.1, (problem.territories, 1)), np.zeros_like(problem.targets)
    assign = np.zeros(problem.units, np.int32)
    best = Diagram(assign, centres, prices, np.inf)
    for _ in range(steps):
        run([partial(cheapest, base, near, problem.loads, prices, assign, *part) for part in chunks(problem.units)])
        loads = loads_of(problem, assign)
        error = (loads - (problem.targets if problem.floor else most)) / share_of
        beyond = np.maximum((loads - most) / share_of, (least - loads) / share_of)
        outside = float(np.maximum(beyond, 0.0).mean())
        if outside < best.outside:
            best = Diagram(assign.copy(), centres, prices.copy(), outside)
        if beyond.max() < -spare:
            break
        sign = np.sign(error)
        step = np.where(
            sign * before > 0, np.minimum(step * 1.3, scale * 20), np.where(sign * before < 0, step / 2, step)
        )
        prices = prices + step * sign * np.minimum(1.0, np.abs(error) * 10 + 0.02)
        prices = prices - prices.mean(axis=0) if problem.floor else np.maximum(prices, 0.0)
        before = sign
    return best


def _scale(problem: Problem, base: Floats) -> Floats:
    finite = base[:, 0][np.isfinite(base[:, 0])]
    typical = float(finite.mean()) if len(finite) else 0.0
    mean = problem.loads.mean(axis=0)
    scale: Floats = (typical if typical > 0 else 1e-6) / np.where(mean > 0, mean, 1.0)
    return scale
